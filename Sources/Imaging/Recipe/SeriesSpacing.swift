/// How far the voxels of a series are from each other, as far as its row says.
package struct SeriesSpacing: Sendable, Hashable {
    /// Between slices; nil where they are no volume. **Units** mm
    package let slices: Double?
    /// Between rows. **Units** mm
    package let rows: Double?
    /// Between columns. **Units** mm
    package let columns: Double?

    package init(slices: Double?, rows: Double?, columns: Double?) {
        self.slices = slices
        self.rows = rows
        self.columns = columns
    }

    /// Of a sample, as ``SampleExtent`` has it: nil where pixels have no size, and 0 between slices where only that is
    /// unknown, so that steps on rows and columns can be taken.
    ///
    /// - Parameter run: Its slices; those of a sample that is frozen today follow each other.
    package func spacing(of run: SliceRun = SliceRun()) -> SIMD3<Double>? {
        guard let rows, let columns else { return nil }
        return SIMD3((slices ?? 0) * Double(run.step ?? 0), rows, columns)
    }
}
