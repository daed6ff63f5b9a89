/// A sheet of small grey pictures with coloured outlines of masks, for a look at many slices at once.
///
/// **Shape** tiles are laid row by row; every tile is a square of `tileSide` pixels with its picture centred, keeping
/// its proportions; `gutter` pixels lie between and around the tiles.
package struct ContactSheet: Sendable {
    package struct Colour: Sendable, Equatable {
        package let red: UInt8
        package let green: UInt8
        package let blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        package static let red = Colour(red: 255, green: 64, blue: 64)
        package static let green = Colour(red: 64, green: 220, blue: 96)
        package static let blue = Colour(red: 80, green: 144, blue: 255)
        package static let yellow = Colour(red: 255, green: 208, blue: 48)
    }

    package struct Outline: Sendable, Equatable {
        package let mask: RunLengthMask
        package let colour: Colour

        package init(mask: RunLengthMask, colour: Colour) {
            self.mask = mask
            self.colour = colour
        }
    }

    package struct Tile: Sendable, Equatable {
        package let grey: [UInt8]
        package let rows: Int
        package let columns: Int
        package let outlines: [Outline]

        /// - Parameter grey: the picture, `[rows][columns]`.
        ///
        /// **Throws** `shapeMismatch` when the picture or a mask has another size.
        package init(grey: [UInt8], rows: Int, columns: Int, outlines: [Outline] = []) throws(ImagingError) {
            guard rows > 0, columns > 0, grey.count == rows * columns else {
                throw .shapeMismatch(
                    "contact sheet", reason: "\(grey.count) grey levels are not \(rows) rows of \(columns) columns")
            }
            guard outlines.allSatisfy({ $0.mask.rows == rows && $0.mask.columns == columns }) else {
                throw .shapeMismatch("contact sheet", reason: "a mask is not as large as its picture")
            }
            self.grey = grey
            self.rows = rows
            self.columns = columns
            self.outlines = outlines
        }
    }

    package let tileSide: Int
    package let tilesPerRow: Int
    package let gutter: Int
    /// Grey level of the gutters and of the margins of tiles that are not square.
    package let background: UInt8

    package init(tileSide: Int = 192, tilesPerRow: Int = 6, gutter: Int = 4, background: UInt8 = 24) {
        precondition(tileSide > 0 && tilesPerRow > 0 && gutter >= 0, "a sheet has tiles")
        self.tileSide = tileSide
        self.tilesPerRow = tilesPerRow
        self.gutter = gutter
        self.background = background
    }

    /// Draws the sheet.
    ///
    /// **Shape** of the result: RGB, 8 bits, as many tile rows as needed.
    /// **Throws** `shapeMismatch` without tiles.
    package func compose(_ tiles: [Tile]) throws(ImagingError) -> PixelBuffer {
        guard !tiles.isEmpty else { throw .shapeMismatch("contact sheet", reason: "there are no tiles to draw") }
        let across = min(tilesPerRow, tiles.count)
        let down = (tiles.count + tilesPerRow - 1) / tilesPerRow
        var canvas = Canvas(
            rows: gutter + down * (tileSide + gutter), columns: gutter + across * (tileSide + gutter),
            background: background)
        for (index, tile) in tiles.enumerated() {
            let top = gutter + index / tilesPerRow * (tileSide + gutter)
            let left = gutter + index % tilesPerRow * (tileSide + gutter)
            draw(tile, top: top, left: left, on: &canvas)
        }
        return try PixelBuffer(
            type: .u8, rows: canvas.rows, columns: canvas.columns, samplesPerPixel: 3, bytes: canvas.bytes)
    }

    private func draw(_ tile: Tile, top: Int, left: Int, on canvas: inout Canvas) {
        let fit = TileFit(rows: tile.rows, columns: tile.columns, side: tileSide)
        let firstRow = top + (tileSide - fit.targetRows) / 2
        let firstColumn = left + (tileSide - fit.targetColumns) / 2
        let picture = fit.averaged(tile.grey)
        for row in 0..<fit.targetRows {
            for column in 0..<fit.targetColumns {
                let level = picture[row * fit.targetColumns + column]
                canvas.setGrey(level, row: firstRow + row, column: firstColumn + column)
            }
        }
        for outline in tile.outlines {
            for pixel in fit.outline(of: outline.mask) {
                canvas.set(
                    outline.colour, row: firstRow + pixel / fit.targetColumns,
                    column: firstColumn + pixel % fit.targetColumns)
            }
        }
    }
}

/// An RGB raster being drawn.
private struct Canvas {
    let rows: Int
    let columns: Int
    var bytes: [UInt8]

    init(rows: Int, columns: Int, background: UInt8) {
        self.rows = rows
        self.columns = columns
        bytes = [UInt8](repeating: background, count: rows * columns * 3)
    }

    mutating func setGrey(_ level: UInt8, row: Int, column: Int) {
        set(ContactSheet.Colour(red: level, green: level, blue: level), row: row, column: column)
    }

    mutating func set(_ colour: ContactSheet.Colour, row: Int, column: Int) {
        let offset = (row * columns + column) * 3
        bytes[offset] = colour.red
        bytes[offset + 1] = colour.green
        bytes[offset + 2] = colour.blue
    }
}
