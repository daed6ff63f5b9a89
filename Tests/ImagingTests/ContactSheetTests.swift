import Testing

import Imaging

@Suite struct ContactSheetTests {
    private func pixel(_ sheet: PixelBuffer, _ row: Int, _ column: Int) -> [UInt8] {
        let offset = (row * sheet.columns + column) * 3
        return Array(sheet.bytes[offset..<offset + 3])
    }

    @Test func `tiles are laid row by row between gutters`() throws {
        let sheet = ContactSheet(tileSide: 2, tilesPerRow: 2, gutter: 1, background: 9)
        let tiles = try [10, 20, 30].map { level in
            try ContactSheet.Tile(grey: [UInt8](repeating: level, count: 4), rows: 2, columns: 2)
        }
        let picture = try sheet.compose(tiles)
        #expect(picture.rows == 7 && picture.columns == 7 && picture.samplesPerPixel == 3 && picture.type == .u8)
        let reds = stride(from: 0, to: picture.bytes.count, by: 3).map { picture.bytes[$0] }
        #expect(
            reds == [
                9, 9, 9, 9, 9, 9, 9,
                9, 10, 10, 9, 20, 20, 9,
                9, 10, 10, 9, 20, 20, 9,
                9, 9, 9, 9, 9, 9, 9,
                9, 30, 30, 9, 9, 9, 9,
                9, 30, 30, 9, 9, 9, 9,
                9, 9, 9, 9, 9, 9, 9,
            ])
    }

    @Test func `a smaller picture is the mean of what lies under each pixel`() throws {
        let sheet = ContactSheet(tileSide: 2, tilesPerRow: 1, gutter: 0)
        let grey: [UInt8] = [
            0, 10, 100, 100,
            20, 30, 100, 101,
            255, 255, 0, 0,
            255, 255, 0, 1,
        ]
        let picture = try sheet.compose([ContactSheet.Tile(grey: grey, rows: 4, columns: 4)])
        #expect(stride(from: 0, to: 12, by: 3).map { picture.bytes[$0] } == [15, 100, 255, 0])
    }

    @Test func `proportions are kept and the picture is centred`() throws {
        let sheet = ContactSheet(tileSide: 4, tilesPerRow: 1, gutter: 0, background: 7)
        let picture = try sheet.compose([ContactSheet.Tile(grey: [50, 60], rows: 1, columns: 2)])
        let reds = stride(from: 0, to: picture.bytes.count, by: 3).map { picture.bytes[$0] }
        #expect(reds == [7, 7, 7, 7, 50, 50, 60, 60, 50, 50, 60, 60, 7, 7, 7, 7])
    }

    @Test func `only the inner edge of a mask is coloured`() throws {
        var raster = [UInt8](repeating: 0, count: 49)
        for row in 1...5 { for column in 1...5 { raster[row * 7 + column] = 1 } }
        let outline = ContactSheet.Outline(mask: try RunLengthMask(mask: raster, rows: 7, columns: 7), colour: .red)
        let tile = try ContactSheet.Tile(
            grey: [UInt8](repeating: 3, count: 49), rows: 7, columns: 7, outlines: [outline])
        let picture = try ContactSheet(tileSide: 7, tilesPerRow: 1, gutter: 0).compose([tile])
        #expect(pixel(picture, 0, 0) == [3, 3, 3])
        #expect(pixel(picture, 1, 1) == [255, 64, 64])
        #expect(pixel(picture, 3, 5) == [255, 64, 64])
        #expect(pixel(picture, 2, 2) == [3, 3, 3])
        #expect(pixel(picture, 3, 3) == [3, 3, 3])
    }

    @Test func `a lesion of one pixel survives shrinking`() throws {
        var raster = [UInt8](repeating: 0, count: 512 * 512)
        raster[301 * 512 + 77] = 1
        let mask = try RunLengthMask(mask: raster, rows: 512, columns: 512)
        let tile = try ContactSheet.Tile(
            grey: [UInt8](repeating: 0, count: 512 * 512), rows: 512, columns: 512,
            outlines: [.init(mask: mask, colour: .green)])
        let picture = try ContactSheet(tileSide: 64, tilesPerRow: 1, gutter: 0).compose([tile])
        #expect(pixel(picture, 301 / 8, 77 / 8) == [64, 220, 96])
        #expect(picture.bytes.count { $0 != 0 } == 3)
    }

    @Test func `pictures and masks of other sizes are refused`() throws {
        let mask = try RunLengthMask(mask: [1, 0] as [UInt8], rows: 1, columns: 2)
        #expect(throws: ImagingError.self) { try ContactSheet.Tile(grey: [1, 2, 3], rows: 2, columns: 2) }
        #expect(throws: ImagingError.self) {
            try ContactSheet.Tile(grey: [1, 2], rows: 2, columns: 1, outlines: [.init(mask: mask, colour: .blue)])
        }
        #expect(throws: ImagingError.self) { try ContactSheet().compose([]) }
    }
}
