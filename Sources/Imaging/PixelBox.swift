/// A rectangle of pixels, all four edges included.
package struct PixelBox: Sendable, Equatable, Codable {
    package var minimumRow: Int
    package var minimumColumn: Int
    package var maximumRow: Int
    package var maximumColumn: Int

    package init(minimumRow: Int, minimumColumn: Int, maximumRow: Int, maximumColumn: Int) {
        self.minimumRow = minimumRow
        self.minimumColumn = minimumColumn
        self.maximumRow = maximumRow
        self.maximumColumn = maximumColumn
    }

    package var rowCount: Int { maximumRow - minimumRow + 1 }
    package var columnCount: Int { maximumColumn - minimumColumn + 1 }
}
