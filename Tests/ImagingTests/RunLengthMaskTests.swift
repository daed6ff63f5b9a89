import Testing

import Imaging

@Suite struct RunLengthMaskTests {
    static let disc: [UInt8] = (0..<40).flatMap { row in
        (0..<50).map { column in (row - 20) * (row - 20) + (column - 25) * (column - 25) <= 81 ? 255 : 0 }
    }

    /// `m=((yy-20)**2+(xx-25)**2<=81)`, runs by `itertools.groupby`, LEB128 by hand: 253 pixels in rows 11...29 and
    /// columns 16...34.
    @Test func `a disc has the runs, the count and the box that Python finds`() throws {
        let mask = try RunLengthMask(mask: Self.disc, rows: 40, columns: 50)
        #expect(
            mask.bytes == [
                191, 4, 1, 45, 9, 40, 11, 38, 13, 36, 15, 34, 17, 33, 17, 33, 17, 33, 17, 32, 19, 32, 17, 33, 17, 33,
                17, 33, 17, 34, 15, 36, 13, 38, 11, 40, 9, 45, 1, 140, 4,
            ])
        #expect(mask.voxelCount == 253)
        #expect(
            mask.boundingBox == PixelBox(minimumRow: 11, minimumColumn: 16, maximumRow: 29, maximumColumn: 34))
    }

    @Test func `stored runs give the same mask again`() throws {
        let mask = try RunLengthMask(mask: Self.disc, rows: 40, columns: 50)
        #expect(try RunLengthMask(rows: 40, columns: 50, bytes: mask.bytes) == mask)
        #expect(mask.decoded() == Self.disc.map { $0 == 0 ? 0 : 1 })
    }

    @Test func `empty and full masks have one run`() throws {
        let empty = try RunLengthMask(mask: [UInt8](repeating: 0, count: 300), rows: 10, columns: 30)
        #expect(empty.bytes == [0xAC, 0x02] && empty.voxelCount == 0 && empty.boundingBox == nil)
        let full = try RunLengthMask(mask: [Bool](repeating: true, count: 300), rows: 10, columns: 30)
        #expect(full.bytes == [0, 0xAC, 0x02] && full.voxelCount == 300)
        #expect(full.boundingBox == PixelBox(minimumRow: 0, minimumColumn: 0, maximumRow: 9, maximumColumn: 29))
        #expect(full.decoded() == [UInt8](repeating: 1, count: 300))
    }

    @Test func `a run across a row end widens the box to the whole row`() throws {
        let mask = try RunLengthMask(mask: [0, 0, 0, 1, 1, 0, 0, 0], rows: 2, columns: 4)
        #expect(mask.boundingBox == PixelBox(minimumRow: 0, minimumColumn: 0, maximumRow: 1, maximumColumn: 3))
    }

    @Test(arguments: 0..<64)
    func `every raster survives, whatever the alignment of its runs`(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var raster: [UInt8] = []
        while raster.count < 7 * 41 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let run = Int(state >> 59) + 1
            // Values such as 0x80 and 0x01 are the hard ones for a word-wise search of zeros.
            raster += [UInt8](repeating: [0, 1, 0x80, 0xFF][Int(state >> 40) & 3], count: run)
        }
        raster = Array(raster.prefix(7 * 41))
        let mask = try RunLengthMask(mask: raster, rows: 7, columns: 41)
        #expect(mask.decoded() == raster.map { $0 == 0 ? 0 : 1 })
        #expect(mask.voxelCount == raster.count { $0 != 0 })
        #expect(try RunLengthMask(rows: 7, columns: 41, bytes: mask.bytes) == mask)
    }

    @Test(
        arguments: [
            [], [5], [3, 2], [4, 1, 1], [2, 0, 2], [0x84, 0x00], [0x84], [4, 0],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func `runs that are not the one encoding of the mask are refused`(bytes: [UInt8]) {
        let failure = #expect(throws: ImagingError.self) { try RunLengthMask(rows: 2, columns: 2, bytes: bytes) }
        #expect(failure?.code == .invalidMask)
    }

    @Test func `a raster of another size is refused`() {
        #expect(throws: ImagingError.self) { try RunLengthMask(mask: [0, 1, 1] as [UInt8], rows: 2, columns: 2) }
    }
}
