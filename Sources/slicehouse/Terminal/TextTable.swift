import CanonicalJSON
import SQLInterface
import Tables

/// A result as people or programs want it.
enum RowFormat: String, CaseIterable {
    case table, csv, json
}

/// Writes rows as an aligned table, CSV, or one JSON object per line.
struct TextTable {
    let format: RowFormat

    func text(_ rows: RowSet) -> String {
        switch format {
        case .table: aligned(rows)
        case .csv: csv(rows)
        case .json: rows.map(Self.json).joined(separator: "\n")
        }
    }

    // MARK: Table

    private func aligned(_ rows: RowSet) -> String {
        let cells = rows.rows.map { $0.map(Self.cell) }
        let isNumeric = rows.columns.indices.map { column in
            rows.rows.contains { !$0[column].isNull }
                && rows.rows.allSatisfy { row in
                    switch row[column] {
                    case .integer, .real, .null: true
                    default: false
                    }
                }
        }
        let widths = rows.columns.indices.map { column in
            ([rows.columns[column].count] + cells.map { $0[column].count }).max() ?? 0
        }
        func line(_ values: [String]) -> String {
            values.indices.map { pad(values[$0], to: widths[$0], right: isNumeric[$0]) }.joined(separator: "  ")
                .trimmingEnd()
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
        return ([line(rows.columns), rule] + cells.map(line)).joined(separator: "\n")
    }

    private func pad(_ text: String, to width: Int, right: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return right ? space + text : text + space
    }

    private static func cell(_ value: SQLValue) -> String {
        switch value {
        case .null: ""
        case .blob(let bytes): bytes.count > 32 ? "(\(bytes.count) bytes)" : hexadecimal(bytes)
        case .text(let text): text.count > 80 ? text.prefix(79) + "…" : text
        default: plain(value)
        }
    }

    private static func plain(_ value: SQLValue) -> String {
        switch value {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): JSONValue.number(number).text
        case .text(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .timestamp(let microseconds): SQLTimestamp(microseconds: microseconds).iso8601
        case .blob(let bytes): hexadecimal(bytes)
        }
    }

    // MARK: Machines

    private func csv(_ rows: RowSet) -> String {
        var writer = CSVWriter()
        writer.append(rows.columns)
        for row in rows.rows { writer.append(row.map { $0.isNull ? nil : Self.plain($0) }) }
        var text = String(decoding: writer.bytes, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    static func json(_ row: Row) -> String {
        var members: [String: JSONValue] = [:]
        for (column, value) in zip(row.columns, row.values) { members[column] = json(value, column: column) }
        return JSONValue.object(members).text
    }

    /// Ids are strings: they have 63 bits, and a JSON number has 53.
    private static func json(_ value: SQLValue, column: String) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number):
            column.hasSuffix("_id") || number.magnitude >= 1 << 53 ? .string(String(number)) : .integer(number)
        case .real(let number): .number(number)
        case .boolean(let flag): .boolean(flag)
        default: .string(plain(value))
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
