/// A Swift value that can be read from a column. The initialiser returns nil when the value has another type.
package protocol SQLDecodable {
    init?(sqlValue: SQLValue)
}

/// A result did not have the shape the program expects: a column is missing, NULL or of another type.
///
/// The description names the column and never the value.
package struct SQLDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case missingColumn
        case unexpectedNull
        case unexpectedType
    }

    package let code: Code
    package let column: String
    package let reason: String

    package var description: String { "Cannot read column \(column) of a result: \(reason)." }
}

extension SQLValue: SQLDecodable {
    package init?(sqlValue: SQLValue) { self = sqlValue }
}

extension Int64: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .integer(let value): self = value
        case .boolean(let value): self = value ? 1 : 0
        case .real(let value):
            guard let exact = Int64(exactly: value) else { return nil }
            self = exact
        default: return nil
        }
    }
}

extension Int: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        guard let value = Int64(sqlValue: sqlValue) else { return nil }
        self.init(exactly: value)
    }
}

extension Double: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .real(let value): self = value
        case .integer(let value): self = Double(value)
        default: return nil
        }
    }
}

extension Bool: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .boolean(let value): self = value
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension String: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        guard case .text(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Array: SQLDecodable where Element == UInt8 {
    package init?(sqlValue: SQLValue) {
        guard case .blob(let value) = sqlValue else { return nil }
        self = value
    }
}

extension SQLTimestamp: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .timestamp(let microseconds): self.init(microseconds: microseconds)
        case .text(let text): self.init(iso8601: text)
        default: return nil
        }
    }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    package init?(sqlValue: SQLValue) {
        if sqlValue.isNull {
            self = .none
        } else if let value = Wrapped(sqlValue: sqlValue) {
            self = value
        } else {
            return nil
        }
    }
}
