internal import Datasets

/// What is read of a table that is stored: rows that were rejected, and answers to questions that no domain of its
/// vocabulary or source asked when it was read.
struct LabelRest: Sendable {
    /// Rows that stand rejected and are read again, by their numbers.
    var rows: Set<Int> = []
    /// Domains of which nothing is stored.
    var domains: Set<String> = []

    var isEmpty: Bool { rows.isEmpty && domains.isEmpty }
}

extension LabelTable {
    /// Leaves out what is stored already.
    mutating func keep(_ rest: LabelRest) {
        keep(rows: rest.rows, domains: rest.domains)
    }
}
