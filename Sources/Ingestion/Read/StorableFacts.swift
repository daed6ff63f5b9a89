internal import Imaging

/// Brings what a file says to what both engines can hold, once and before anything is written.
///
/// A number that is none (NaN, infinite) or does not fit its column is as if the file had not given it; the file gets a
/// finding that says so.
struct StorableFacts {
    /// Warnings, as the findings of a file are named.
    static let notFinite = "number_not_finite"
    static let outOfRange = "number_out_of_range"

    private var warnings: Set<String> = []

    static func checked(_ file: PreparedFile) -> PreparedFile {
        var facts = StorableFacts()
        return facts.check(file)
    }

    private mutating func check(_ file: PreparedFile) -> PreparedFile {
        guard case .slices(let slices) = file.outcome else { return file }
        var file = file.with(.slices(slices.map { check($0) }))
        file.sliceThickness = finite(file.sliceThickness)
        file.warnings += warnings.sorted()
        return file
    }

    private mutating func check(_ slice: PreparedSlice) -> PreparedSlice {
        var slice = slice
        slice.sliceLocation = finite(slice.sliceLocation)
        slice.instanceNumber = column(slice.instanceNumber)
        if let rescale = slice.rescale, !rescale.slope.isFinite || !rescale.intercept.isFinite {
            slice.rescale = nil
            warnings.insert(Self.notFinite)
        }
        return slice
    }

    private mutating func finite(_ number: Double?) -> Double? {
        guard let number, !number.isFinite else { return number }
        warnings.insert(Self.notFinite)
        return nil
    }

    /// A number for a column of 32 bits.
    private mutating func column(_ number: Int?) -> Int? {
        guard let number, Int32(exactly: number) == nil else { return number }
        warnings.insert(Self.outOfRange)
        return nil
    }

    /// What a finding says; `nil` for other codes.
    static func sentence(of code: String) -> String? {
        switch code {
        case notFinite: "A number of the header is not finite (NaN or infinite) and counts as absent."
        case outOfRange: "An Instance Number does not fit 32 bits and counts as absent."
        default: nil
        }
    }
}
