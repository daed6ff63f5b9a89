/// What several masks of one slice agree on.
package enum MaskConsensus {
    /// Pixels that at least the given share of all masks mark; a slice on which a mask marks nothing counts against.
    ///
    /// - Parameters:
    ///   - masks: those that mark something on this slice, all of one size.
    ///   - count: how many masks there are altogether.
    ///   - level: share, 0 to 1; at 0.5 two of four suffice.
    ///
    /// **Throws** `invalidMask` where sizes differ or there is no mask.
    package static func mask(
        of masks: [RunLengthMask], count: Int, level: Double
    ) throws(ImagingError) -> RunLengthMask {
        guard let first = masks.first, masks.allSatisfy({ $0.rows == first.rows && $0.columns == first.columns })
        else { throw .invalidMask(reason: "a consensus needs masks of one size") }
        var votes = [UInt8](repeating: 0, count: first.rows * first.columns)
        for mask in masks {
            mask.forEachSetRun { run in for pixel in run { votes[pixel] += 1 } }
        }
        let raster = votes.map { $0 > 0 && Double($0) / Double(count) >= level ? UInt8(1) : 0 }
        return try RunLengthMask(mask: raster, rows: first.rows, columns: first.columns)
    }
}
