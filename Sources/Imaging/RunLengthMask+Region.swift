extension RunLengthMask {
    /// Visits the set pixels row by row, in order.
    package func forEachSetSpan(_ body: (_ row: Int, _ columns: Range<Int>) -> Void) {
        forEachSetRun { run in
            var start = run.lowerBound
            while start < run.upperBound {
                let row = start / columns
                let end = min(run.upperBound, (row + 1) * columns)
                body(row, start - row * columns..<end - row * columns)
                start = end
            }
        }
    }

    /// What any of these sets; there is at least one.
    ///
    /// **Throws** `invalidMask` where their sizes differ.
    package init(unionOf masks: [RunLengthMask]) throws(ImagingError) {
        guard let first = masks.first, masks.allSatisfy({ $0.rows == first.rows && $0.columns == first.columns }) else {
            throw .invalidMask(reason: "masks that are united must be of one size")
        }
        var raster = first.decoded()
        for mask in masks.dropFirst() {
            mask.forEachSetRun { raster.replaceSubrange($0, with: repeatElement(1, count: $0.count)) }
        }
        try self.init(mask: raster, rows: first.rows, columns: first.columns)
    }

    /// Pixels of a region that are set; what lies outside repeats the nearest row and column, as it does in a sample.
    package func voxelCount(in region: SampleRegion) -> Int {
        let (wantedRows, wantedColumns) = (region.rowRange, region.columnRange)
        var count = 0
        forEachSetSpan { row, span in
            let times = Self.times(row..<row + 1, in: wantedRows, of: rows)
            if times > 0 { count += times * Self.times(span, in: wantedColumns, of: columns) }
        }
        return count
    }

    /// How many indices of `wanted` fall into `span` once they are moved into `0..<count`.
    private static func times(_ span: Range<Int>, in wanted: Range<Int>, of count: Int) -> Int {
        var times = span.clamped(to: wanted).count
        if span.lowerBound == 0 { times += max(0, min(wanted.upperBound, 0) - wanted.lowerBound) }
        if span.upperBound == count { times += max(0, wanted.upperBound - max(wanted.lowerBound, count)) }
        return times
    }
}

extension SampleRegion {
    fileprivate var rowRange: Range<Int> { firstRow..<firstRow + rows }
    fileprivate var columnRange: Range<Int> { firstColumn..<firstColumn + columns }
}
