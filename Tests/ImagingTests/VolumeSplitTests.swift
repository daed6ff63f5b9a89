import Testing

import Imaging

/// What real scanners put into one series, and the volumes it is taken apart into.
@Suite struct VolumeSplitTests {
    private func slice(_ z: Double, number: Int, _ traits: [VolumeTrait: String] = [:]) throws -> SliceCandidate {
        SliceCandidate(plane: try axialPlane(z: z), instanceNumber: number, name: "IM\(number)", traits: traits)
    }

    private func numbers(_ split: VolumeSplit, _ candidates: [SliceCandidate]) -> [[Int]] {
        split.volumes.map { $0.order.compactMap { candidates[$0].instanceNumber } }
    }

    @Test func `a series of one volume is not split, whatever its traits say`() throws {
        // Sequential CT: every slice is an acquisition of its own.
        let candidates = try (0..<6).map { index in
            try slice(Double(index), number: index, [.matrix: "512x512x1 i16", .acquisition: "\(index)"])
        }
        let split = VolumeSplit(candidates)
        #expect(split.volumes.count == 1)
        #expect(split.traits == [])
        #expect(split.volumes[0].ordering == SliceOrdering(candidates))
    }

    @Test func `two matrices are two volumes, the larger one first`() throws {
        let candidates = try (0..<7).map { index in
            try slice(Double(index), number: index, [.matrix: index < 2 ? "888x733x1 i16" : "512x512x1 i16"])
        }
        let split = VolumeSplit(candidates)
        #expect(split.traits == [.matrix])
        #expect(numbers(split, candidates) == [[2, 3, 4, 5, 6], [0, 1]])
        #expect(split.volumes.map { $0.values[.matrix] } == ["512x512x1 i16", "888x733x1 i16"])
    }

    @Test func `two kernels of one scan are two volumes, though they alternate`() throws {
        let candidates = try (0..<8).map { index in
            try slice(Double(index / 2), number: index, [.kernel: index.isMultiple(of: 2) ? "B70f" : "B31f"])
        }
        let split = VolumeSplit(candidates)
        #expect(split.traits == [.kernel])
        #expect(numbers(split, candidates) == [[1, 3, 5, 7], [0, 2, 4, 6]])
        #expect(split.volumes.allSatisfy { $0.ordering.findings.isEmpty })
    }

    /// A dynamic series: three times over four places; times are numbers, "9" before "10".
    @Test(arguments: [VolumeTrait.temporalPosition, .time, .acquisition, .echo, .diffusion, .segment, .imageType])
    func `slices at one place are told apart by the first trait that does`(trait: VolumeTrait) throws {
        let times = ["10", "9", "200"]
        let candidates = try (0..<12).map { index in
            try slice(Double(index % 4), number: index, [trait: times[index / 4], .stack: "1", .kernel: "x"])
        }
        let split = VolumeSplit(candidates)
        #expect(split.traits == [trait])
        #expect(split.volumes.map { $0.values[trait] } == ["9", "10", "200"])
        #expect(numbers(split, candidates) == [[4, 5, 6, 7], [0, 1, 2, 3], [8, 9, 10, 11]])
    }

    @Test func `two traits together tell apart what neither does alone`() throws {
        var candidates: [SliceCandidate] = []
        for (echo, phase) in [("2.3", "1"), ("2.3", "2"), ("4.6", "1"), ("4.6", "2")] {
            for z in 0..<3 {
                candidates.append(
                    try slice(Double(z), number: candidates.count, [.echo: echo, .temporalPosition: phase]))
            }
        }
        let split = VolumeSplit(candidates)
        #expect(split.traits == [.temporalPosition, .echo])
        #expect(split.volumes.count == 4)
        #expect(split.volumes.allSatisfy { $0.ordering.positions == [0, 1, 2] })
    }

    @Test func `without a trait, slices at one place stay together and are reported`() throws {
        let candidates = try (0..<6).map { try slice(Double($0 / 2), number: $0) }
        let split = VolumeSplit(candidates)
        #expect(split.volumes.count == 1)
        #expect(split.volumes[0].ordering.findings == [.duplicatePosition(count: 3)])
    }

    @Test func `a trait that some slices lack splits nothing`() throws {
        let candidates = try (0..<6).map { index in
            try slice(Double(index % 3), number: index, index == 0 ? [:] : [.echo: "\(index / 3)"])
        }
        #expect(VolumeSplit(candidates).volumes.count == 1)
    }

    @Test func `planes of a scout are volumes, those of a radial scan are not`() throws {
        func plane(_ angle: Double, _ z: Double) throws -> SlicePlane {
            let (sine, cosine) = (angle == 90 ? 1.0 : angle == 0 ? 0 : 0.6, angle == 90 ? 0.0 : angle == 0 ? 1 : 0.8)
            return try SlicePlane(
                imagePosition: [0, z * cosine, z * sine], imageOrientation: [1, 0, 0, 0, sine, -cosine],
                pixelSpacing: [1, 1])
        }
        let scout = try [(0.0, 1), (0, 2), (90, 1), (90, 2), (90, 3)].enumerated().map { index, place in
            SliceCandidate(plane: try plane(place.0, Double(place.1)), instanceNumber: index, name: "\(index)")
        }
        #expect(VolumeSplit(scout).traits == [.orientation])
        #expect(numbers(VolumeSplit(scout), scout).map(\.count) == [3, 2])
        let radial = try [0.0, 37, 90].map { SliceCandidate(plane: try plane($0, 0), name: "\($0)") }
        #expect(VolumeSplit(radial).volumes.count == 1)
    }

    // MARK: Slices without a plane

    /// Six slices 3 mm apart, of which some do not say where they lie; the numbers run against the positions.
    @Test(arguments: [[2], [0], [5], [0, 1, 2], [0, 2, 4, 5]])
    func `slices without a plane are ordered with those that have one`(missing: [Int]) throws {
        var candidates = try (0..<6).map { try slice(Double(3 * $0), number: 6 - $0, [.matrix: "4x4x1 i16"]) }
        for index in missing { candidates[index].plane = nil }
        let numbered = VolumeSplit(candidates)
        #expect(numbered.traits == [])
        #expect(numbers(numbered, candidates) == [[1, 2, 3, 4, 5, 6]])
        #expect(numbered.volumes[0].ordering.rule == .instanceNumber)
        #expect(numbered.volumes[0].ordering.findings == [])
        for index in candidates.indices { candidates[index].sliceLocation = Double(3 * index) }
        let located = VolumeSplit(candidates)
        #expect(numbers(located, candidates) == [[6, 5, 4, 3, 2, 1]])
        #expect(located.volumes[0].ordering.rule == .sliceLocation)
        #expect(located.volumes[0].ordering.positions == [0, 3, 6, 9, 12, 15])
        #expect(located.volumes[0].ordering.findings == [])
        // One has no number either: names are left.
        for index in candidates.indices { candidates[index].sliceLocation = nil }
        candidates[missing[0]].instanceNumber = nil
        #expect(VolumeSplit(candidates).volumes.map(\.ordering.rule) == [.fileName])
        #expect(VolumeSplit(candidates).volumes.map(\.order) == [[5, 4, 3, 2, 1, 0]])
    }

    /// Its normal points to the right, against x.
    private func sagittal(_ x: Double, number: Int) throws -> SliceCandidate {
        let plane = try SlicePlane(
            imagePosition: [x, 0, 0], imageOrientation: [0, 1, 0, 0, 0, -1], pixelSpacing: [0.5, 0.6])
        return SliceCandidate(plane: plane, instanceNumber: number, name: "IM\(number)")
    }

    @Test func `a slice without a plane follows its orientation, else the most common one`() throws {
        var candidates = try (0..<4).map { try slice(Double($0), number: $0) }
        candidates += try (4..<6).map { try sagittal(Double($0), number: $0) }
        candidates.append(SliceCandidate(instanceNumber: 6, name: "IM6"))
        var split = VolumeSplit(candidates)
        #expect(split.traits == [.orientation])
        #expect(numbers(split, candidates) == [[0, 1, 2, 3, 6], [5, 4]])
        #expect(split.volumes.map(\.ordering.rule) == [.instanceNumber, .imagePosition])
        candidates[6].traits[.orientation] = "0\\1\\0\\0\\0\\-1"
        split = VolumeSplit(candidates)
        #expect(numbers(split, candidates) == [[0, 1, 2, 3], [4, 5, 6]])
        #expect(split.volumes.map(\.ordering.rule) == [.imagePosition, .instanceNumber])
        // No orientation that is one.
        candidates[6].traits[.orientation] = "0\\0\\0\\0\\0\\0"
        #expect(numbers(VolumeSplit(candidates), candidates) == [[0, 1, 2, 3, 6], [5, 4]])
    }

    @Test func `a slice without a plane prefers the orientation of its kernel`() throws {
        var candidates = try (0..<4).map { try slice(Double($0), number: $0, [.kernel: "A"]) }
        candidates += try (4..<6).map { try sagittal(Double($0), number: $0) }
        for index in 4..<6 { candidates[index].traits[.kernel] = "B" }
        candidates.append(SliceCandidate(instanceNumber: 6, name: "IM6", traits: [.kernel: "B"]))
        #expect(numbers(VolumeSplit(candidates), candidates) == [[0, 1, 2, 3], [4, 5, 6]])
    }

    @Test func `a radial scan does not fall apart by slices without a plane`() throws {
        var candidates = try [0.6, 0.8, 1].enumerated().map { index, sine in
            let cosine = index == 0 ? 0.8 : index == 1 ? 0.6 : 0
            let plane = try SlicePlane(
                imagePosition: [0, 0, 0], imageOrientation: [1, 0, 0, 0, sine, -cosine], pixelSpacing: [1, 1])
            return SliceCandidate(plane: plane, instanceNumber: index, name: "\(index)")
        }
        candidates += (3..<6).map { (index: Int) in SliceCandidate(instanceNumber: index, name: "\(index)") }
        #expect(numbers(VolumeSplit(candidates), candidates) == [[0, 1, 2, 3, 4, 5]])
    }

    /// A scan keeps its grid beside what was never a part of it.
    @Test(arguments: [VolumeTrait.matrix, .kernel, .imageType])
    func `a screen without a plane is told from its scan by what differs`(trait: VolumeTrait) throws {
        var candidates = try (1..<5).map { try slice(Double($0), number: $0, [trait: "ORIGINAL"]) }
        candidates.append(SliceCandidate(instanceNumber: 0, name: "IM0", traits: [trait: "SCREEN"]))
        let split = VolumeSplit(candidates)
        #expect(split.traits == [trait])
        #expect(numbers(split, candidates) == [[1, 2, 3, 4], [0]])
        #expect(split.volumes[0].ordering.rule == .imagePosition)
    }

    @Test func `a slice without a plane or an image type is one of the scan`() throws {
        var candidates = try (1..<5).map { try slice(Double($0), number: $0, [.imageType: "ORIGINAL"]) }
        candidates.append(SliceCandidate(instanceNumber: 0, name: "IM0"))
        #expect(numbers(VolumeSplit(candidates), candidates) == [[0, 1, 2, 3, 4]])
    }

    @Test func `the split does not depend on the order of arrival`() throws {
        var candidates = try (0..<24).map { index in
            try slice(
                Double(index % 6), number: index,
                [.matrix: index < 12 ? "a" : "b", .acquisition: "\(index / 6)", .kernel: "k"])
        }
        let expected = numbers(VolumeSplit(candidates), candidates)
        #expect(expected.count == 4)
        for _ in 0..<10 {
            candidates.append(candidates.removeFirst())
            candidates.swapAt(2, 17)
            #expect(numbers(VolumeSplit(candidates), candidates) == expected)
        }
    }

    @Test func `no slices are no volume`() {
        #expect(VolumeSplit([]).volumes.count == 1)
        #expect(VolumeSplit([]).volumes[0].order == [])
    }
}
