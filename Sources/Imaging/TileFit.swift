/// The map from a picture to the largest picture of the same proportions inside a square.
struct TileFit {
    let rows: Int
    let columns: Int
    let targetRows: Int
    let targetColumns: Int

    init(rows: Int, columns: Int, side: Int) {
        self.rows = rows
        self.columns = columns
        let longest = max(rows, columns)
        targetRows = max(1, (rows * side + longest / 2) / longest)
        targetColumns = max(1, (columns * side + longest / 2) / longest)
    }

    /// The source rows under a target row; at least one, so that enlarging repeats the nearest.
    private func sourceRows(_ target: Int) -> Range<Int> {
        Self.span(target, of: targetRows, over: rows)
    }

    private func sourceColumns(_ target: Int) -> Range<Int> {
        Self.span(target, of: targetColumns, over: columns)
    }

    private static func span(_ target: Int, of targetCount: Int, over sourceCount: Int) -> Range<Int> {
        let start = target * sourceCount / targetCount
        return start..<max(start + 1, (target + 1) * sourceCount / targetCount)
    }

    /// Each target pixel is the mean of the source pixels under it, rounded to the nearest.
    func averaged(_ grey: [UInt8]) -> [UInt8] {
        var target: [UInt8] = []
        target.reserveCapacity(targetRows * targetColumns)
        for row in 0..<targetRows {
            let sourceRows = sourceRows(row)
            for column in 0..<targetColumns {
                let sourceColumns = sourceColumns(column)
                var sum = 0
                for sourceRow in sourceRows {
                    for sourceColumn in sourceColumns { sum += Int(grey[sourceRow * columns + sourceColumn]) }
                }
                let count = sourceRows.count * sourceColumns.count
                target.append(UInt8((sum + count / 2) / count))
            }
        }
        return target
    }

    /// Indices of the target pixels on the inner edge of the mask: set, with a neighbour that is not. A target pixel is
    /// set when any source pixel under it is, so that the smallest lesion stays visible.
    func outline(of mask: RunLengthMask) -> [Int] {
        let raster = shrunk(mask.decoded())
        func isSet(_ row: Int, _ column: Int) -> Bool {
            row >= 0 && row < targetRows && column >= 0 && column < targetColumns
                && raster[row * targetColumns + column]
        }
        return raster.indices.filter { index in
            let row = index / targetColumns
            let column = index % targetColumns
            return raster[index]
                && !(isSet(row - 1, column) && isSet(row + 1, column) && isSet(row, column - 1)
                    && isSet(row, column + 1))
        }
    }

    private func shrunk(_ raster: [UInt8]) -> [Bool] {
        var target: [Bool] = []
        target.reserveCapacity(targetRows * targetColumns)
        for row in 0..<targetRows {
            for column in 0..<targetColumns {
                let sourceColumns = sourceColumns(column)
                target.append(
                    sourceRows(row).contains { sourceRow in
                        sourceColumns.contains { raster[sourceRow * columns + $0] != 0 }
                    })
            }
        }
        return target
    }
}
