/// Finds the delimiter of a table from its beginning.
enum CSVDelimiterDetector {
    /// How much of a table is looked at.
    static let sampleByteCount = 64 << 10
    static let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]

    /// The candidate that cuts most of the first records into as many fields as the first record (at least two); among
    /// equals the one with more fields, then the order above. A table of one column gets the comma.
    static func delimiter(of text: [UInt8], quote: UInt8, isWhole: Bool) -> UInt8 {
        var best: (delimiter: UInt8, alike: Double, fields: Int) = (candidates[0], 0, 1)
        for candidate in candidates {
            let cut = CSVCut(text, delimiter: candidate, quote: quote, keepsBlankLines: false, isFinal: isWhole)
            let (alike, fields) = likeness(of: cut)
            if fields > 1, (alike, fields) > (best.alike, best.fields) { best = (candidate, alike, fields) }
        }
        return best.delimiter
    }

    private static func likeness(of cut: CSVCut) -> (alike: Double, fields: Int) {
        let ends = cut.records.count <= 65 ? [cut.fields.count] : []
        let starts = cut.records.prefix(65).map { Int($0.firstField) } + ends
        let counts = zip(starts, starts.dropFirst()).map { $1 - $0 }
        guard let first = counts.first else { return (0, 0) }
        return (Double(counts.count { $0 == first }) / Double(counts.count), first)
    }
}
