internal import SQLInterface

/// Writes rows in the format of `COPY … (FORMAT binary)`.
///
/// **Shape** signature, flags, extension length; per row an Int16 field count, per field an Int32 length (-1 for NULL)
/// and the value; an Int16 -1 at the end. Everything is big-endian.
/// **Source** PostgreSQL manual, COPY, "Binary Format".
struct PostgresCopyEncoder {
    typealias Send = (UnsafeRawBufferPointer) throws(PostgresError) -> Void

    private let table: String
    private let columns: [(name: String, type: PostgresType)]
    private var buffer: [UInt8]

    /// A buffer this full is sent: the server works on it while the next one is filled.
    private static let bufferSize = 1 << 16
    /// A blob this large skips the buffer.
    private static let largeBlob = 1 << 16

    /// **Throws** `undefinedName` when the table lacks a column.
    init(table: String, columns: [String], types: [String: PostgresType]) throws(PostgresError) {
        self.table = table
        var typed: [(String, PostgresType)] = []
        for column in columns {
            guard let type = types[column] else {
                throw PostgresError(
                    kind: .undefinedName, table: table, column: column, reason: "the table has no such column")
            }
            typed.append((column, type))
        }
        self.columns = typed
        buffer = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
        buffer.reserveCapacity(Self.bufferSize + Self.largeBlob)
    }

    mutating func append(row: [SQLValue], send: Send) throws(PostgresError) {
        precondition(row.count == columns.count, "a row has one value per column")
        buffer.append(bigEndian: Int16(row.count))
        for (value, column) in zip(row, columns) {
            if case .blob(let bytes) = value, bytes.count >= Self.largeBlob, column.type == .bytea {
                buffer.append(bigEndian: Int32(bytes.count))
                try unsafe flush(send)
                try unsafe bytes.withUnsafeBufferPointer { bytes throws(PostgresError) in
                    try unsafe send(UnsafeRawBufferPointer(bytes))
                }
            } else {
                guard buffer.append(copying: value, as: column.type) else { throw unfit(column.name) }
            }
        }
        if buffer.count >= Self.bufferSize { try unsafe flush(send) }
    }

    mutating func appendEnd() {
        buffer.append(bigEndian: Int16(-1))
    }

    mutating func flush(_ send: Send) throws(PostgresError) {
        try unsafe buffer.withUnsafeBufferPointer { bytes throws(PostgresError) in
            try unsafe send(UnsafeRawBufferPointer(bytes))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func unfit(_ column: String) -> PostgresError {
        PostgresError(
            kind: .invalidData, table: table, column: column, statementName: "load \(table)",
            reason: "a value does not fit the type of its column")
    }
}

extension [UInt8] {
    /// Appends one field with its length; false when the value does not fit the type.
    mutating func append(copying value: SQLValue, as type: PostgresType) -> Bool {
        let start = count
        if case .integer(let number) = value, type == .int8 {
            append(bigEndian: Int32(8))
            append(bigEndian: number)
            return true
        }
        append(bigEndian: Int32(-1))
        if value.isNull { return true }
        guard append(binary: value, as: type) else { return false }
        let length = Int32(count - start - 4)
        unsafe Swift.withUnsafeBytes(of: length.bigEndian) { bytes in
            unsafe replaceSubrange(start..<start + 4, with: bytes)
        }
        return true
    }

    private mutating func append(binary value: SQLValue, as type: PostgresType) -> Bool {
        switch (type, value) {
        case (.int8, .integer(let number)): append(bigEndian: number)
        case (.int4, .integer(let number)): return appendExactly(number, as: Int32.self)
        case (.int2, .integer(let number)): return appendExactly(number, as: Int16.self)
        case (.float8, .real(let number)): append(bigEndian: number.bitPattern)
        case (.float8, .integer(let number)): append(bigEndian: Double(number).bitPattern)
        case (.float4, .real(let number)): append(bigEndian: Float(number).bitPattern)
        case (.float4, .integer(let number)): append(bigEndian: Float(number).bitPattern)
        case (.bool, .boolean(let flag)): append(flag ? 1 : 0)
        case (.bool, .integer(let number)) where number == 0 || number == 1: append(UInt8(number))
        case (.text, .text(let text)), (.json, .text(let text)): append(contentsOf: text.utf8)
        case (.jsonb, .text(let text)):
            append(1)  // version of the format
            append(contentsOf: text.utf8)
        case (.bytea, .blob(let bytes)): append(contentsOf: bytes)
        case (.uuid, .text(let text)): return append(uuid: text)
        case (.timestamp, .timestamp(let instant)): return append(timestamp: instant)
        case (.timestamp, .text(let text)):
            guard let instant = SQLTimestamp(iso8601: text) else { return false }
            return append(timestamp: instant.microseconds)
        case (.date, .text(let text)): return append(date: text)
        default: return false
        }
        return true
    }

    private mutating func appendExactly<T: FixedWidthInteger>(_ number: Int64, as type: T.Type) -> Bool {
        guard let exact = T(exactly: number) else { return false }
        append(bigEndian: exact)
        return true
    }

    private mutating func append(timestamp microseconds: Int64) -> Bool {
        let (sinceEpoch, overflows) = microseconds.subtractingReportingOverflow(postgresEpochMicroseconds)
        append(bigEndian: sinceEpoch)
        return !overflows
    }

    private mutating func append(date text: String) -> Bool {
        guard let day = SQLTimestamp(iso8601: text + "T00:00:00Z") else { return false }
        return appendExactly((day.microseconds - postgresEpochMicroseconds) / 86_400_000_000, as: Int32.self)
    }

    private mutating func append(uuid text: String) -> Bool {
        let digits = text.filter { $0 != "-" }
        let start = count
        var rest = digits[...]
        while rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
            append(byte)
            rest = rest.dropFirst(2)
        }
        return rest.isEmpty && count - start == 16
    }
}
