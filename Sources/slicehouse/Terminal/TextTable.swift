import CanonicalJSON
import Foundation
import SQLInterface
import Tables

/// A result as people or programs want it.
enum RowFormat: String, CaseIterable {
    case table, csv, json
}

/// Writes rows as an aligned table, CSV, or one JSON object per line.
struct TextTable {
    let format: RowFormat
    /// Columns of the terminal; `nil` where the text goes elsewhere and is never cut.
    var columnLimit: Int?

    func text(_ rows: RowSet) -> String {
        switch format {
        case .table: aligned(rows)
        case .csv: csv(rows)
        case .json: rows.map(Self.json).joined(separator: "\n")
        }
    }

    // MARK: Table

    /// A text column is not made narrower than this; where that is not enough, each row becomes a block of lines.
    private static let narrowest = 12

    private func aligned(_ rows: RowSet) -> String {
        let cells = rows.rows.map { $0.map(Self.cell) }
        let isNumeric = rows.columns.indices.map { column in Self.isNumeric(column, rows) }
        let natural = rows.columns.indices.map { column in
            ([rows.columns[column].columnCount] + cells.map { $0[column].columnCount }).max() ?? 0
        }
        guard let widths = fitted(natural, isNumeric: isNumeric, headings: rows.columns) else {
            return records(rows.columns, cells)
        }
        func line(_ values: [String]) -> String {
            values.indices.map { pad(values[$0], to: widths[$0], right: isNumeric[$0]) }.joined(separator: "  ")
                .trimmingEnd()
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
        let body = cells.isEmpty ? ["(no rows)"] : cells.map(line)
        return ([line(rows.columns), rule] + body).joined(separator: "\n")
    }

    private static func isNumeric(_ column: Int, _ rows: RowSet) -> Bool {
        rows.rows.contains { !$0[column].isNull }
            && rows.rows.allSatisfy { row in
                switch row[column] {
                case .integer, .real, .null: true
                default: false
                }
            }
    }

    /// The widths of a terminal: the widest columns of text give way first; `nil` where they cannot give enough.
    private func fitted(_ natural: [Int], isNumeric: [Bool], headings: [String]) -> [Int]? {
        guard let columnLimit else { return natural }
        var widths = natural
        let least = widths.indices.map { index in
            isNumeric[index] ? widths[index] : min(widths[index], max(Self.narrowest, headings[index].columnCount))
        }
        let room = columnLimit - 2 * max(0, widths.count - 1)
        while widths.reduce(0, +) > room {
            let widest = widths.indices.filter { widths[$0] > least[$0] }.max { widths[$0] < widths[$1] }
            guard let widest else { return nil }
            widths[widest] -= 1
        }
        return widths
    }

    /// `name  value` lines, one block a row, as psql's expanded display.
    private func records(_ columns: [String], _ cells: [[String]]) -> String {
        let width = columns.map(\.columnCount).max() ?? 0
        let room = max(Self.narrowest, (columnLimit ?? .max) - width - 2)
        let blocks = cells.map { row in
            columns.indices.flatMap { index in
                let lines = row[index].columnCount <= room ? [row[index]] : row[index].wrapped(toColumns: room)
                return lines.enumerated().map { number, text in
                    (pad(number == 0 ? columns[index] : "", to: width, right: false) + "  " + text).trimmingEnd()
                }
            }.joined(separator: "\n")
        }
        return blocks.isEmpty ? "(no rows)" : blocks.joined(separator: "\n\n")
    }

    private func pad(_ text: String, to width: Int, right: Bool) -> String {
        let text = text.cut(toColumns: width)
        let space = String(repeating: " ", count: max(0, width - text.columnCount))
        return right ? space + text : text + space
    }

    /// For people: numbers to six digits, bytes by their count, controls escaped. CSV and JSON have all of it.
    private static func cell(_ value: SQLValue) -> String {
        switch value {
        case .null: ""
        case .blob(let bytes): bytes.count > 32 ? "(\(bytes.count) bytes)" : hexadecimal(bytes)
        case .real(let number): number.isFinite ? String(format: "%.6g", number) : word(number)
        case .timestamp(let microseconds): seconds(SQLTimestamp(microseconds: microseconds))
        // SQLite keeps times as text.
        case .text(let text):
            text.hasSuffix("Z") ? SQLTimestamp(iso8601: text).map(seconds) ?? text.visible : text.visible
        default: plain(value)
        }
    }

    /// `2026-11-21 16:05:35`, in UTC as all times are.
    private static func seconds(_ timestamp: SQLTimestamp) -> String {
        String(timestamp.iso8601.replacing("T", with: " ").prefix(19))
    }

    private static func plain(_ value: SQLValue) -> String {
        switch value {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): number.isFinite ? JSONValue.number(number).text : word(number)
        case .text(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .timestamp(let microseconds): SQLTimestamp(microseconds: microseconds).iso8601
        case .blob(let bytes): hexadecimal(bytes)
        }
    }

    /// As PostgreSQL writes what JSON has no number for.
    private static func word(_ number: Double) -> String {
        number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
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

    static func json(_ row: Row) -> String { JSONValue.object(members(of: row)).text }

    /// The columns of a row as members of its object.
    static func members(of row: Row) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (column, value) in zip(row.columns, row.values) { members[column] = json(value, column: column) }
        return members
    }

    /// Ids are strings: they have 63 bits, and a JSON number has 53.
    private static func json(_ value: SQLValue, column: String) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number):
            column.hasSuffix("_id") || number.magnitude >= 1 << 53 ? .string(String(number)) : .integer(number)
        case .real(let number): number.isFinite ? .number(number) : .string(word(number))
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
