import Testing

import Imaging

@Suite struct SliceOrderingTests {
    @Test func `slices are ordered along the normal, not by number or name`() throws {
        let candidates = try [(10.0, 1, "a"), (0, 2, "b"), (5, 3, "c")].map { (z: Double, number: Int, name: String) in
            SliceCandidate(plane: try axialPlane(z: z), instanceNumber: number, name: name)
        }
        let ordering = SliceOrdering(candidates)
        #expect(ordering.order == [1, 2, 0])
        #expect(ordering.rule == .imagePosition)
        #expect(ordering.positions == [0, 5, 10])
        #expect(ordering.spacing == 5)
        #expect(ordering.findings.isEmpty)
    }

    @Test func `slices at one place are told`() throws {
        let candidates = try (0..<4).map { SliceCandidate(plane: try axialPlane(z: 0), instanceNumber: $0, name: "") }
        #expect(SliceOrdering(candidates).findings == [.duplicatePosition(count: 3)])
    }

    /// Every other slice is 3 mm to the side: on no line, whatever the angle between the first and the last one.
    @Test(arguments: [4, 5])
    func `slices that are shifted are no tilted gantry`(count: Int) throws {
        let candidates = try (0..<count).map { index in
            let position = [index % 2 == 0 ? 0 : 3, 0, Double(index) * 5]
            let plane = try SlicePlane(
                imagePosition: position, imageOrientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [1, 1])
            return SliceCandidate(plane: plane, name: "\(index)")
        }
        #expect(SliceOrdering(candidates).findings.map(\.code) == ["shifted_slices"])
    }

    @Test func `the order does not depend on the order of arrival`() throws {
        var candidates = try (0..<12).map { index in
            SliceCandidate(plane: try axialPlane(z: Double(index / 2)), name: "slice \(index).dcm")
        }
        let names = SliceOrdering(candidates).order.map { candidates[$0].name }
        for _ in 0..<12 {
            candidates.append(candidates.removeFirst())
            candidates.swapAt(3, 7)
            #expect(SliceOrdering(candidates).order.map { candidates[$0].name } == names)
        }
    }

    /// The slices of a real head CT (dcm_qa_ct, GE), every number from pydicom: 14 slices 4.22 mm apart in z, one after
    /// 1.14 mm, 13 more every 7.38 mm, the gantry tilted by +18.5 degrees. `np.dot(normal, position)` gives steps of
    /// 4.00192601, 1.08108902 and 6.99862891 mm; `np.degrees(np.arctan2(|v x n|, v @ n))` gives 18.5000015.
    @Test func `a tilted head CT with gaps is ordered and described`() throws {
        let lower: [Double] = (0..<14).map { 5.8360586 + 4.22 * Double($0) }
        let upper: [Double] = (0..<14).map { 61.8360586 + 7.38 * Double($0) }
        let z: [Double] = lower + upper
        let candidates = try z.reversed().enumerated().map { index, z in
            SliceCandidate(
                plane: try SlicePlane(
                    imagePosition: [-125, -123.5404569, z], imageOrientation: [1, 0, 0, 0, 0.9483237, -0.3173047],
                    pixelSpacing: [0.4882812, 0.4882812]), name: "\(index).dcm")
        }
        let ordering = SliceOrdering(candidates)
        #expect(ordering.order == Array((0..<28).reversed()))
        let positions = try #require(ordering.positions)
        #expect(abs(positions[0] - -33.66549492954861) < 1e-5)
        #expect(abs(positions[27] - 110.4228080484514) < 1e-5)
        #expect(abs((ordering.spacing ?? 0) - 4.00192601) < 1e-6)
        let gaps = [String](repeating: "slice_gap", count: 13)
        #expect(ordering.findings.map(\.code) == ["non_uniform_spacing"] + gaps + ["gantry_tilt"])
        guard case .tilt(let degrees) = ordering.findings.last else { return }
        #expect(abs(degrees - 18.500001554365706) < 1e-6)
        guard case .gap(let index, let millimetres) = ordering.findings[1] else { return }
        #expect(index == 14)
        #expect(abs(millimetres - 6.99862891) < 1e-6)
        let planes = ordering.order.compactMap { candidates[$0].plane }
        #expect(VolumeGeometry(planes: planes, columns: 512, rows: 512) == nil)
        // Its even first half is a sheared volume: 4.22 mm along z, 4.0019 mm along the normal.
        let half = try #require(VolumeGeometry(planes: Array(planes.prefix(14)), columns: 512, rows: 512))
        expectClose(half.sliceDirection, [0, 0, 1])
        #expect(abs(half.sliceSpacing - 4.22) < 1e-9)
        #expect(abs(half.normalSpacing - 4.00192601) < 1e-6)
    }

    @Test func `slices at one place are reported and ordered by number`() throws {
        let candidates = try [(0.0, 2), (0, 1), (1, 3), (2, 4)].map { (z: Double, number: Int) in
            SliceCandidate(plane: try axialPlane(z: z), instanceNumber: number, name: "x\(number)")
        }
        let ordering = SliceOrdering(candidates)
        #expect(ordering.order == [1, 0, 2, 3])
        #expect(ordering.findings == [.duplicatePosition(count: 1)])
        #expect(ordering.spacing == 1)
    }

    @Test func `a localizer among axial slices makes the series fall back`() throws {
        var candidates = try (0..<3).map { index in
            SliceCandidate(plane: try axialPlane(z: Double(-index)), sliceLocation: Double(index), name: "\(index)")
        }
        let localizer = try SlicePlane(
            imagePosition: [0, 0, 0], imageOrientation: [0, 1, 0, 0, 0, -1], pixelSpacing: [1, 1])
        candidates.append(SliceCandidate(plane: localizer, sliceLocation: -9, name: "3"))
        let ordering = SliceOrdering(candidates)
        #expect(ordering.rule == .sliceLocation)
        #expect(ordering.order == [3, 0, 1, 2])
        #expect(ordering.findings.prefix(2) == [.mixedOrientation(count: 1), .mixedGrid(count: 1)])
    }

    @Test func `a rule must know every slice`() throws {
        let candidates = [
            SliceCandidate(plane: try axialPlane(z: 1), sliceLocation: 1, instanceNumber: 2, name: "1"),
            SliceCandidate(plane: nil, sliceLocation: .nan, instanceNumber: 1, name: "2"),
        ]
        let ordering = SliceOrdering(candidates)
        #expect(ordering.rule == .instanceNumber)
        #expect(ordering.order == [1, 0])
        #expect(ordering.positions == nil && ordering.spacing == nil)
    }

    @Test func `a rule that tells no two slices apart is not used`() throws {
        let candidates = try ["10.dcm", "2.dcm"].map { name in
            SliceCandidate(plane: try axialPlane(z: 4), sliceLocation: 0, instanceNumber: 1, name: name)
        }
        let ordering = SliceOrdering(candidates)
        #expect(ordering.rule == .fileName)
        #expect(ordering.order == [1, 0])
    }

    @Test func `a missing number cannot turn the order in circles`() throws {
        let plane = try axialPlane(z: 0)
        let candidates = [
            SliceCandidate(plane: plane, instanceNumber: 1, name: "c"), SliceCandidate(plane: plane, name: "b"),
            SliceCandidate(plane: plane, instanceNumber: 2, name: "a"),
            SliceCandidate(plane: try axialPlane(z: 1), name: "d"),
        ]
        #expect(SliceOrdering(candidates).order == [0, 2, 1, 3])
    }

    @Test func `no slices and one slice have an order`() throws {
        #expect(SliceOrdering([]).order == [])
        let one = SliceOrdering([SliceCandidate(plane: try axialPlane(z: 7), name: "x")])
        #expect(one.order == [0] && one.rule == .imagePosition && one.positions == [7] && one.spacing == nil)
    }

    @Test(arguments: [
        ("2.jpg", "10.jpg"), ("a/9/1", "a/10/0"), ("IM2", "IM02b"), ("a", "b"), ("a", "a1"), ("x01", "x1"),
        ("99999999999999999999998", "99999999999999999999999"),
    ])
    func `names are compared as people number files`(first: String, second: String) {
        #expect(isInNaturalOrder(first, second))
        #expect(!isInNaturalOrder(second, first))
        #expect(!isInNaturalOrder(first, first))
    }
}
