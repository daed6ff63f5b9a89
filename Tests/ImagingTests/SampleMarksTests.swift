import CanonicalJSON
import Testing

@testable import Imaging

/// Marks on their way into a sample; balls in pixels are in python/tests/test_marks.py.
@Suite("Marks of samples")
struct SampleMarksTests {
    /// Against the raster itself, whose indices are moved inside as NumPy's `clip` does.
    @Test func `voxels of a region are those of the repeated raster`() throws {
        let (rows, columns) = (7, 9)
        let raster = (0..<rows * columns).map { UInt8(($0 * 7 + $0 / 5) % 3 == 0 ? 1 : 0) }
        let mask = try RunLengthMask(mask: raster, rows: rows, columns: columns)
        for (first, size) in [(0, 3), (-2, 5), (4, 6), (-3, 14), (-5, 5), (8, 4)] {
            for (left, width) in [(0, 9), (-4, 6), (5, 8), (-2, 20), (3, 1)] {
                let region = SampleRegion(firstRow: first, firstColumn: left, rows: size, columns: width)
                var expected = 0
                for row in first..<first + size {
                    for column in left..<left + width {
                        let place = min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)
                        expected += Int(raster[place])
                    }
                }
                #expect(mask.voxelCount(in: region) == expected, "\(first) \(size) \(left) \(width)")
            }
        }
    }

    @Test func `a union sets what any of its masks sets`() throws {
        let (rows, columns) = (6, 11)
        let rasters = [5, 3, 4].map { step in (0..<rows * columns).map { UInt8($0 % step == 0 ? 1 : 0) } }
        let union = try RunLengthMask(
            unionOf: rasters.map { try RunLengthMask(mask: $0, rows: rows, columns: columns) })
        let expected = (0..<rows * columns).map { (pixel: Int) -> UInt8 in
            pixel % 5 == 0 || pixel % 3 == 0 || pixel % 4 == 0 ? 1 : 0
        }
        #expect(union.decoded() == expected)
        let other = try RunLengthMask(mask: [UInt8](repeating: 1, count: 6), rows: 2, columns: 3)
        #expect(throws: ImagingError.self) { try RunLengthMask(unionOf: [union, other]) }
        #expect(throws: ImagingError.self) { try RunLengthMask(unionOf: []) }
    }

    /// Worked out by hand: `round(c - n / 2)` of Python, moved where it misses `round(c)`.
    @Test(arguments: [
        (19.0, 1, 19), (20.0, 1, 20), (19.3, 1, 19), (19.7, 1, 20), (19.5, 1, 20), (20.5, 1, 20),
        (19.0, 2, 18), (20.0, 2, 19), (19.3, 2, 18), (19.7, 2, 19), (19.5, 2, 19), (20.5, 2, 20),
        (19.0, 3, 18), (20.0, 3, 18), (19.5, 3, 18), (20.5, 3, 19), (19.7, 3, 18), (19.0, 4, 17), (19.5, 5, 17),
    ])
    func `a crop holds the voxel nearest to its centre`(centre: Double, size: Int, first: Int) throws {
        for outside in CropPlacement.Outside.allCases {
            let place = try #require(CropPlacement(centre: centre, size: size, count: 40, outside: outside))
            #expect(place.first == first && place.size == size, "\(centre) \(size)")
            #expect(place.indices.contains(Int(centre.rounded(.toNearestOrEven))))
        }
    }

    @Test func `every crop holds the voxel nearest to its centre, at the borders too`() throws {
        for outside in CropPlacement.Outside.allCases {
            for size in 1...7 {
                for step in -9...189 {
                    let centre = Double(step) / 20
                    guard let place = CropPlacement(centre: centre, size: size, count: 10, outside: outside) else {
                        continue
                    }
                    #expect(place.indices.contains(Int(centre.rounded(.toNearestOrEven))), "\(centre) \(size)")
                    if size > 2, outside == .pad {
                        #expect(place.first == Int((centre - Double(size) / 2).rounded(.toNearestOrEven)))
                    }
                }
            }
        }
    }

    /// A sample is named by the slice of its centre, which padding does not make.
    @Test func `a crop whose centre lies in no voxel is none, padded or not`() {
        for outside in CropPlacement.Outside.allCases {
            for centre in [-0.6, -7, 9.6, 12] {
                #expect(CropPlacement(centre: centre, size: 4, count: 10, outside: outside) == nil, "\(centre)")
            }
            #expect(CropPlacement(centre: -0.4, size: 4, count: 10, outside: outside) != nil)
        }
        #expect(CropPlacement(centre: 5, size: 11, count: 10, outside: .shift) == nil)
        #expect(CropPlacement(centre: 5, size: 11, count: 10, outside: .pad) != nil)
    }

    @Test func `a sphere reaches into a sample up to the outer edges of its voxels`() {
        let sides = SIMD3<Double>(4, 6, 8)
        func reaches(_ centre: SIMD3<Double>, _ radius: SIMD3<Double>) -> Bool {
            SampleSphere(centre: centre, radius: radius).reaches(into: sides)
        }
        #expect(reaches(SIMD3(-1.5, 0, 0), SIMD3(1, 1, 1)) && !reaches(SIMD3(-1.51, 0, 0), SIMD3(1, 1, 1)))
        #expect(reaches(SIMD3(0, 0, 9.5), SIMD3(1, 1, 2)) && !reaches(SIMD3(0, 0, 9.5), SIMD3(9, 9, 1.9)))
        // Beside a corner the axes add up: (3/5)² + (4/5)² = 1.
        #expect(reaches(SIMD3(1, 8.5, 11.5), SIMD3(5, 5, 5)) && !reaches(SIMD3(1, 8.6, 11.5), SIMD3(5, 5, 5)))
    }

    @Test func `what earlier versions froze is refused where it means something else`() {
        func objection(_ kind: String, _ several: Bool, _ layout: SampleRecipe.Layout) -> String? {
            MarkConvention(targetKind: kind, hasSeveralSlices: several, layout: layout).objection(to: .object([:]))
        }
        #expect(objection("spheres", false, .nchw)?.contains("voxels of the series") == true)
        #expect(objection("mask", true, .nhwc)?.contains("counted on all slices") == true)
        for (kind, several, layout) in [
            ("mask", false, SampleRecipe.Layout.nchw), ("mask", true, .ncdhw), ("labels", true, .nchw),
        ] { #expect(objection(kind, several, layout) == nil) }
        for kind in ["mask", "spheres"] {
            let today = MarkConvention(targetKind: kind, hasSeveralSlices: true, layout: .nchw)
            #expect(today.objection(to: .object(today.members)) == nil)
        }
    }
}
