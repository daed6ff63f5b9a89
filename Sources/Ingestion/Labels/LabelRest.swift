internal import Datasets

/// What is read of a table that is stored: rows that were rejected, and answers to questions that no domain of its
/// vocabulary or source asked when it was read.
struct LabelRest: Sendable {
    /// Rows that are read again, by their numbers: they stand rejected, or were in some version of the file.
    var rows: Set<Int> = []
    /// Domains of which nothing is stored.
    var domains: Set<String> = []
    /// The file held another version when it was last looked at, or was rejected: what is odd about it is told anew.
    var isBack = false

    /// Nothing is to be read.
    var isEmpty: Bool { rows.isEmpty && domains.isEmpty && !isBack }
}

extension LabelTable {
    /// Leaves out what is stored already.
    mutating func keep(_ rest: LabelRest) {
        keep(rows: rest.rows, domains: rest.domains)
    }
}
