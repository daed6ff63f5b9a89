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
