internal import BatchStream
public import CSlicehouseStream
internal import CanonicalJSON
internal import SQLInterface

@c @implementation public func slicehouse_query(
    _ url: UnsafePointer<CChar>, _ sql: UnsafePointer<CChar>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
    unsafe Reply.trying(error) {
        var statement = SQL(raw: try unsafe TypedStatement(String(cString: sql)).text)
        statement.name = "query"
        let connection = try unsafe StreamLocation(parsing: String(cString: url)).connect()
        defer { connection.close() }
        return try unsafe Handle.out(ColumnTable(connection.typedResult(statement)))
    }
}

@c @implementation public func slicehouse_table_describe(_ table: UnsafeMutableRawPointer) -> UnsafeMutablePointer<
    CChar
>? {
    let table = unsafe Handle.use(table, as: ColumnTable.self)
    let columns = zip(table.names, table.columns).map { name, column -> JSONValue in
        ["name": .string(name), "kind": .string(column.kind.rawValue)]
    }
    return unsafe Reply.json(["rows": .integer(table.rowCount), "columns": .array(columns)])
}

@c @implementation public func slicehouse_table_column(
    _ table: UnsafeMutableRawPointer, _ column: Int64, _ result: UnsafeMutablePointer<slicehouse_column>
) {
    let table = unsafe Handle.use(table, as: ColumnTable.self)
    precondition(table.columns.indices.contains(Int(column)), "the column exists")
    unsafe result.pointee = table.columns[Int(column)].view
}

@c @implementation public func slicehouse_table_close(_ table: UnsafeMutableRawPointer?) {
    guard let table = unsafe table else { return }
    _ = unsafe Handle.release(table, as: ColumnTable.self)
}

/// A result column by column, as NumPy and Arrow hold it.
private final class ColumnTable {
    let names: [String]
    let columns: [Column]
    let rowCount: Int

    init(_ result: TypedRows) {
        names = result.rows.columns
        rowCount = result.rows.count
        columns = zip(result.rows.columns.indices, result.types).map { index, type in
            Column(result.rows.rows.map { $0[index] }, declared: type)
        }
    }
}

/// One column; its memory stays where it is.
@safe private final class Column {
    enum Kind: String {
        case int64, float64, boolean, text, blob, timestamp, null
    }

    let kind: Kind
    private let data: UnsafeMutableRawBufferPointer
    private let offsets: UnsafeMutableBufferPointer<Int64>?
    private let validity: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter declared: What the column is where it has no values.
    init(_ values: [SQLValue], declared: SQLColumnType?) {
        let kind = Self.kind(of: values) ?? declared.map { Self.kind(of: $0) } ?? .null
        self.kind = kind
        unsafe validity = .allocate(capacity: max(1, values.count))
        for (row, value) in values.enumerated() { unsafe validity[row] = value.isNull ? 0 : 1 }
        switch kind {
        case .text, .blob:
            let bytes = values.map(Self.bytes)
            let starts = UnsafeMutableBufferPointer<Int64>.allocate(capacity: values.count + 1)
            var end = 0
            for (row, value) in bytes.enumerated() {
                unsafe starts[row] = Int64(end)
                end += value.count
            }
            unsafe starts[values.count] = Int64(end)
            unsafe offsets = starts
            unsafe data = .allocate(byteCount: max(1, end), alignment: 8)
            unsafe data.copyBytes(from: bytes.joined())
        default:
            let words = values.map { Self.word($0, as: kind) }
            unsafe offsets = nil
            unsafe data = .allocate(byteCount: max(8, words.count * 8), alignment: 8)
            unsafe words.withUnsafeBytes { unsafe data.copyMemory(from: $0) }
        }
    }

    deinit {
        unsafe data.deallocate()
        unsafe offsets?.deallocate()
        unsafe validity.deallocate()
    }

    var view: slicehouse_column {
        unsafe slicehouse_column(
            data: UnsafeRawPointer(data.baseAddress), offsets: offsets.flatMap { unsafe UnsafePointer($0.baseAddress) },
            validity: UnsafePointer(validity.baseAddress.unsafelyUnwrapped), byte_count: Int64(data.count))
    }

    private static func kind(of type: SQLColumnType) -> Kind {
        switch type {
        case .integer: .int64
        case .real: .float64
        case .boolean: .boolean
        case .text: .text
        case .blob: .blob
        case .timestamp: .timestamp
        }
    }

    /// What all values are, nil where there are none; numbers of both kinds are floats, anything else mixed is text.
    private static func kind(of values: [SQLValue]) -> Kind? {
        var kinds: Set<Kind> = []
        for value in values {
            switch value {
            case .null: continue
            case .integer: kinds.insert(.int64)
            case .real: kinds.insert(.float64)
            case .boolean: kinds.insert(.boolean)
            case .text: kinds.insert(.text)
            case .blob: kinds.insert(.blob)
            case .timestamp: kinds.insert(.timestamp)
            }
        }
        if kinds == [.int64, .float64] { return .float64 }
        return kinds.count > 1 ? .text : kinds.first
    }

    /// Eight bytes, whatever the kind: booleans are 0 and 1.
    private static func word(_ value: SQLValue, as kind: Kind) -> Int64 {
        switch value {
        case .integer(let number): kind == .float64 ? Int64(bitPattern: Double(number).bitPattern) : number
        case .real(let number): Int64(bitPattern: number.bitPattern)
        case .boolean(let flag): flag ? 1 : 0
        case .timestamp(let microseconds): microseconds
        case .null: kind == .float64 ? Int64(bitPattern: Double.nan.bitPattern) : 0
        case .text, .blob: 0
        }
    }

    private static func bytes(_ value: SQLValue) -> [UInt8] {
        switch value {
        case .null: []
        case .blob(let bytes): bytes
        case .text(let text): Array(text.utf8)
        case .integer(let number): Array(String(number).utf8)
        case .real(let number): Array(JSONValue.ecmaScript(number).utf8)
        case .boolean(let flag): Array(flag ? "true".utf8 : "false".utf8)
        case .timestamp(let microseconds): Array(SQLTimestamp(microseconds: microseconds).iso8601.utf8)
        }
    }
}
