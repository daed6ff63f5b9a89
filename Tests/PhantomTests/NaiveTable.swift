/// A CSV file read without any library: quotes, doubled quotes, line ends inside quotes.
struct NaiveTable {
    let header: [String]
    let rows: [[String]]

    init(_ text: String) {
        var records: [[String]] = [[""]]
        var isQuoted = false
        for scalar in text.unicodeScalars where scalar != "\r" && scalar != "\u{FEFF}" {
            let last = records.count - 1
            switch scalar {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: records[last].append("")
            case "\n" where !isQuoted: records.append([""])
            default: records[last][records[last].count - 1].unicodeScalars.append(scalar)
            }
        }
        if records.last == [""] { records.removeLast() }
        header = records.first ?? []
        rows = Array(records.dropFirst())
    }

    func column(_ name: String) -> [String] {
        guard let index = header.firstIndex(of: name) else { return [] }
        return rows.map { $0[index] }
    }

    func integers(_ name: String) -> [Int] { column(name).map { Int($0) ?? 0 } }
}
