/// A matrix with many rows and few columns that is read in blocks of rows, because it need not fit into memory.
package protocol TallMatrix: Sendable {
    var rowCount: Int { get }
    var columnCount: Int { get }

    /// Writes the rows of a range, column-major without gaps: entry (i, j) of the block goes to `j * rows.count + i`.
    ///
    /// Called from several threads at once.
    func read(_ rows: Range<Int>, into block: UnsafeMutableBufferPointer<Double>) throws
}

extension Matrix: TallMatrix {
    package var rowCount: Int { rows }
    package var columnCount: Int { columns }

    package func read(_ range: Range<Int>, into block: UnsafeMutableBufferPointer<Double>) {
        for column in 0..<columns {
            for (offset, row) in range.enumerated() {
                unsafe block[column * range.count + offset] = elements[column * rows + row]
            }
        }
    }
}
