/// The columns of a table and how they are found by name.
///
/// Names match without regard to case, surrounding white space and the kind or amount of inner white space, so
/// `"Age\n(years)"` is found as `age (years)`.
package struct CSVHeader: Sendable, Equatable {
    /// As written. For a merged two-row header: the lower name, or the upper where there is no lower one.
    package let names: [String]
    /// The upper name of a merged two-row header, carried over the columns it spans; empty elsewhere.
    package let groups: [String]
    private let indices: [String: Int]

    package init(_ names: [String]) {
        self.init(names: names, groups: names.map { _ in "" })
    }

    /// Joins two header records of which the upper has merged cells.
    ///
    /// Spreadsheets export a merged cell as its text followed by empty cells; those columns have their names below.
    package init(_ first: [String], second: [String]) {
        var names: [String] = []
        var groups: [String] = []
        var group = ""
        for column in 0..<max(first.count, second.count) {
            let upper = column < first.count ? first[column] : ""
            let lower = column < second.count ? second[column] : ""
            if !Self.normalized(upper).isEmpty { group = upper }
            let hasLower = !Self.normalized(lower).isEmpty
            names.append(hasLower ? lower : upper)
            groups.append(hasLower ? group : "")
        }
        self.init(names: names, groups: groups)
    }

    private init(names: [String], groups: [String]) {
        self.names = names
        self.groups = groups
        var indices: [String: Int] = [:]
        for (column, name) in names.enumerated() {
            let key = Self.normalized(name)
            if !key.isEmpty, indices[key] == nil { indices[key] = column }
        }
        self.indices = indices
    }

    package var count: Int { names.count }

    /// The first column of that name.
    package func column(named name: String) -> Int? { indices[Self.normalized(name)] }

    /// **Throws** `missingColumn`, naming the column asked for and how many there are.
    package func requiredColumn(named name: String) throws(TableError) -> Int {
        guard let column = column(named: name) else {
            throw .csv(.missingColumn, "it has no column \"\(Self.normalized(name))\" among its \(count) columns")
        }
        return column
    }

    /// A table that has none of these columns; the first few are named.
    package func lacking(allOf names: [String]) -> TableError {
        let shown = names.prefix(3).map { "\"\(Self.normalized($0))\"" }.joined(separator: ", ")
        let others = names.count > 3 ? " and \(names.count - 3) more" : ""
        return .csv(
            .missingColumn,
            "it has none of the columns that its vocabulary knows for such rows (\(shown)\(others)) among its \(count) "
                + "columns; add its columns to the vocabulary")
    }

    /// Names that more than one column has, normalised.
    package var duplicates: [String] {
        var counts: [String: Int] = [:]
        for name in names { counts[Self.normalized(name), default: 0] += 1 }
        return counts.filter { $0.value > 1 && !$0.key.isEmpty }.keys.sorted()
    }

    /// Lower case, no white space at the ends, one space for any run of it inside, no byte-order mark.
    package static func normalized(_ name: String) -> String {
        name.lowercased().split { $0.isWhitespace || $0 == "\u{FEFF}" }.joined(separator: " ")
    }

    /// Whether `second` names columns that `first` leaves without a name: at least one, none of its names a number, and
    /// every column is named by one of the two.
    static func isSecondRow(_ second: [String], of first: [String]) -> Bool {
        guard second.count == first.count else { return false }
        var hasPart = false
        for (upper, lower) in zip(first, second) {
            let lower = normalized(lower)
            guard normalized(upper).isEmpty else { continue }
            guard !lower.isEmpty else { return false }
            hasPart = true
        }
        let isAllText = second.allSatisfy { Double($0.filter { !$0.isWhitespace }) == nil }
        return hasPart && isAllText
    }
}
