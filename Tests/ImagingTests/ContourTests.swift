import Imaging
import Testing

/// What pylidc says of real contours is in IntegrationTests; here are shapes whose answer is plain.
@Suite("Contours")
struct ContourTests {
    /// The outline of columns 1...5, rows 1...4.
    private static func rectangle(
        _ isInclusion: Bool = true, from low: Int = 1, to high: (Int, Int) = (5, 4)
    ) -> PixelContour {
        let top = (low...high.0).map { SIMD2(Double($0), Double(low)) }
        let right = (low + 1...high.1).map { SIMD2(Double(high.0), Double($0)) }
        let bottom = (low..<high.0).reversed().map { SIMD2(Double($0), Double(high.1)) }
        let left = (low + 1..<high.1).reversed().map { SIMD2(Double(low), Double($0)) }
        return PixelContour(points: top + right + bottom + left, isInclusion: isInclusion)
    }

    @Test func `the listed pixels are not part of the mask`() throws {
        let mask = try ContourRaster.mask(of: [Self.rectangle()], rows: 7, columns: 8, edge: .excluded)
        #expect(mask.voxelCount == 3 * 2)
        #expect(
            mask.boundingBox == PixelBox(minimumRow: 2, minimumColumn: 2, maximumRow: 3, maximumColumn: 4))
    }

    @Test func `exclusions are cut out after all inclusions, whatever the order`() throws {
        let outer = Self.rectangle(to: (9, 9))
        let hole = Self.rectangle(false, from: 4, to: (6, 6))
        let first = try ContourRaster.mask(of: [hole, outer], rows: 12, columns: 12, edge: .excluded)
        let last = try ContourRaster.mask(of: [outer, hole], rows: 12, columns: 12, edge: .excluded)
        #expect(first == last)
        #expect(first.voxelCount == 7 * 7 - 3 * 3)
    }

    @Test func `a contour beyond the raster is cut at its edge, one of a point is empty`() throws {
        let beyond = PixelContour(points: [SIMD2(-5, -5), SIMD2(30, -5), SIMD2(30, 30), SIMD2(-5, 30)])
        #expect(try ContourRaster.mask(of: [beyond], rows: 4, columns: 6, edge: .byCentre).voxelCount == 24)
        let far = PixelContour(points: [SIMD2(-1e30, -1e30), SIMD2(1e30, -1e30), SIMD2(1e30, 1e30), SIMD2(-1e30, 1e30)])
        #expect(try ContourRaster.mask(of: [far], rows: 4, columns: 6, edge: .byCentre).voxelCount == 24)
        let point = PixelContour(points: [SIMD2(2, 2)])
        #expect(try ContourRaster.mask(of: [point], rows: 4, columns: 6, edge: .excluded).voxelCount == 0)
        #expect(point.diameter(columnSpacing: 1, rowSpacing: 1) == nil)
    }

    @Test(arguments: [1.0, 0.25, 0.001])
    func `the mask holds the pixels whose centre is inside, on edges and corners too`(grain: Double) throws {
        var chance = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let points = (0..<Int.random(in: 3...9, using: &chance)).map { _ in
                // A coarse grain puts corners and whole edges on the centres of pixels.
                SIMD2(
                    (Double.random(in: -4...20, using: &chance) / grain).rounded() * grain,
                    (Double.random(in: -4...16, using: &chance) / grain).rounded() * grain)
            }
            let contour = PixelContour(points: points)
            let mask = try ContourRaster.mask(of: [contour], rows: 13, columns: 17, edge: .byCentre)
            let inside = (0..<13).flatMap { row in
                (0..<17).map { column in contour.contains(SIMD2(Double(column), Double(row))) ? UInt8(1) : 0 }
            }
            #expect(mask.decoded() == inside, "\(points)")
        }
    }

    @Test func `area and diameter of a rectangle in millimetres`() {
        let rectangle = PixelContour(points: [SIMD2(0, 0), SIMD2(4, 0), SIMD2(4, 3), SIMD2(0, 3)])
        #expect(rectangle.area(columnSpacing: 0.5, rowSpacing: 2) == 12)
        #expect(rectangle.diameter(columnSpacing: 1, rowSpacing: 1) == 5)
    }

    @Test func `groups shrink until no one has more than four`() {
        // Five in a row, one apart, and one far away.
        let places = [0.0, 1, 2, 3, 4, 20]
        let distances = places.map { first in places.map { abs(first - $0) } }
        let clusters = ReaderClusters(distances: distances, tolerance: 3)
        #expect(clusters.groups == [[0], [1], [2], [3], [4], [5]])
        #expect(clusters.tolerance < 1 && !clusters.isAmbiguous)
        let same = ReaderClusters(distances: Array(repeating: Array(repeating: 0, count: 5), count: 5), tolerance: 3)
        #expect(same.groups == [[0, 1, 2, 3, 4]] && same.isAmbiguous && same.tolerance >= 0.1)
    }

    @Test func `a voxel that two of four mark is part of the consensus`() throws {
        let masks = try [[1, 1, 0, 0], [1, 0, 1, 0]].map { try RunLengthMask(mask: $0, rows: 2, columns: 2) }
        #expect(try MaskConsensus.mask(of: masks, count: 4, level: 0.5).decoded() == [1, 0, 0, 0])
        #expect(try MaskConsensus.mask(of: masks, count: 2, level: 0.5).decoded() == [1, 1, 1, 0])
    }

    @Test(arguments: ["mid-range", "nonzero", ">127", ">0.5", "=3", "=3,4", "=-1,2.5"])
    func `a mask rule is read back from its text`(text: String) {
        #expect(MaskRule(text)?.description == text)
    }

    @Test func `a label map is marked by value`() throws {
        let frame = try PixelBuffer(type: .u8, rows: 2, columns: 3, bytes: [0, 3, 4, 5, 3, 0])
        let threshold = try MaskThreshold(rule: .values([3, 4]), frames: [frame.statistics()], rescale: nil)
        #expect(try threshold.derive(from: frame).mask.decoded() == [0, 1, 1, 0, 1, 0])
    }
}
