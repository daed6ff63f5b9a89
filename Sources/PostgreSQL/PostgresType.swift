internal import SQLInterface

/// A type of PostgreSQL, by its object id. **Source** pg_type.dat; ids below 16384 never change.
enum PostgresType: Sendable, Hashable {
    case bool, bytea, int8, int2, int4, oid, text, json, jsonb, float4, float8, date, timestamp, numeric, uuid
    case void
    /// Any other type: sent and read as text.
    case other(UInt32)

    init(oid: UInt32) {
        self =
            switch oid {
            case 16: .bool
            case 17: .bytea
            case 20: .int8
            case 21: .int2
            case 23: .int4
            case 26: .oid
            case 18, 19, 25, 705, 1042, 1043: .text  // "char", name, text, unknown, bpchar, varchar
            case 114: .json
            case 700: .float4
            case 701: .float8
            case 1082: .date
            case 1114, 1184: .timestamp  // without a time zone it is read as UTC
            case 1700: .numeric
            case 2278: .void
            case 2950: .uuid
            case 3802: .jsonb
            default: .other(oid)
            }
    }

    /// What its values become; nil where there are none.
    var columnType: SQLColumnType? {
        switch self {
        case .bool: .boolean
        case .bytea: .blob
        case .int8, .int2, .int4, .oid: .integer
        case .float4, .float8, .numeric: .real
        case .timestamp: .timestamp
        case .text, .json, .jsonb, .date, .uuid, .other: .text
        case .void: nil
        }
    }

    /// Whether values can be read in the binary format.
    var hasBinaryForm: Bool {
        if case .other = self { return false }
        return true
    }
}

/// Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's clock starts.
let postgresEpochMicroseconds: Int64 = 946_684_800_000_000
