/// How far a phantom is; patients or series count as one step each.
package struct PhantomProgress: Sendable, Equatable {
    package let finished: Int
    package let total: Int
    /// What has just been finished, such as `049`; synthetic, safe to print.
    package let item: String
}

/// What a phantom made.
package struct PhantomSummary: Sendable, Equatable {
    package let patients: Int
    /// Image series: one per rendering or volume, masks not counted.
    package let series: Int
    /// Image slices of all series, masks not counted.
    package let slices: Int
    package let masks: Int
    /// Deliberately bad files.
    package let defects: Int
    package let files: Int
    package let bytes: Int
    /// Rows of the label tables, by file name.
    package let labelRows: [String: Int]
}
