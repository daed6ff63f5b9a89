/// One published form of the data set, being written; used by several patients at a time.
protocol TreeWriter: Sendable {
    /// Makes the folders all patients share.
    func begin() throws
    /// What writes one patient; nil when this form lacks the patient.
    func session(_ patient: CohortPatient, _ stack: HeadStack) throws -> (any TreeSession)?
    /// Writes tables and documents, after all patients.
    func finish(_ tables: CohortTables) throws
}

/// One patient of one form; slices arrive in ascending order.
protocol TreeSession: AnyObject {
    /// True when the form has this slice, by its number in version 1.3.1.
    func wants(slice number: Int) -> Bool
    func add(_ slice: HeadStack.Slice, number: Int) throws
    func end() throws -> TreeCounts
}

/// What was written.
struct TreeCounts: Sendable {
    var series = 0
    var slices = 0
    var masks = 0

    mutating func add(_ other: TreeCounts) {
        series += other.series
        slices += other.slices
        masks += other.masks
    }
}
