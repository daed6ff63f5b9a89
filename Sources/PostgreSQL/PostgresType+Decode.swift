internal import SQLInterface

extension PostgresType {
    /// Reads a value in the server's binary format, which is big-endian; nil when it is malformed or unknown.
    func decode(binary bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch self {
        case .bool: unsafe bytes.first.map { .boolean($0 != 0) }
        case .int2: unsafe bytes.bigEndian(Int16.self).map { .integer(Int64($0)) }
        case .int4: unsafe bytes.bigEndian(Int32.self).map { .integer(Int64($0)) }
        case .oid: unsafe bytes.bigEndian(UInt32.self).map { .integer(Int64($0)) }
        case .int8: unsafe bytes.bigEndian(Int64.self).map { .integer($0) }
        case .float4: unsafe bytes.bigEndian(UInt32.self).map { .real(Double(Float(bitPattern: $0))) }
        case .float8: unsafe bytes.bigEndian(UInt64.self).map { .real(Double(bitPattern: $0)) }
        case .text, .json: unsafe .text(String(decoding: bytes, as: UTF8.self))
        case .jsonb: unsafe .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case .bytea: unsafe .blob([UInt8](bytes))
        case .timestamp: unsafe bytes.bigEndian(Int64.self).map(Self.instant)
        case .date: unsafe bytes.bigEndian(Int32.self).map(Self.day)
        case .uuid: unsafe bytes.count == 16 ? .text(Self.uuidText(bytes)) : nil
        case .numeric: unsafe PostgresNumeric(binary: bytes)?.value
        case .void: .null
        case .other: nil
        }
    }

    /// Reads a value in the text format.
    func decode(text bytes: UnsafeRawBufferPointer) -> SQLValue? {
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        switch self {
        case .bool: return .boolean(text == "t")
        case .int2, .int4, .int8, .oid: return Int64(text).map { .integer($0) }
        case .float4, .float8: return Double(text).map { .real($0) }
        case .numeric: return PostgresNumeric(text: text).value
        case .bytea: return Self.bytes(hex: text).map { .blob($0) }
        case .timestamp:
            return SQLTimestamp(iso8601: text).map { .timestamp(microseconds: $0.microseconds) } ?? .text(text)
        case .void: return .null
        case .text, .json, .jsonb, .uuid, .date, .other: return .text(text)
        }
    }

    private static func instant(_ sinceEpoch: Int64) -> SQLValue {
        switch sinceEpoch {
        case .max: return .text("infinity")
        case .min: return .text("-infinity")
        default:
            let (sum, overflows) = sinceEpoch.addingReportingOverflow(postgresEpochMicroseconds)
            return overflows ? .null : .timestamp(microseconds: sum)
        }
    }

    private static func day(_ sinceEpoch: Int32) -> SQLValue {
        switch sinceEpoch {
        case .max: .text("infinity")
        case .min: .text("-infinity")
        default:
            .text(
                String(
                    SQLTimestamp(microseconds: Int64(sinceEpoch) * 86_400_000_000 + postgresEpochMicroseconds)
                        .iso8601.prefix { $0 != "T" }))
        }
    }

    private static func uuidText(_ bytes: UnsafeRawBufferPointer) -> String {
        var result = ""
        for (index, byte) in unsafe [UInt8](bytes).enumerated() {
            if [4, 6, 8, 10].contains(index) { result += "-" }
            result += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return result
    }

    /// `\x00ff…`.
    private static func bytes(hex text: String) -> [UInt8]? {
        guard text.hasPrefix("\\x") else { return nil }
        var result: [UInt8] = []
        var high: UInt8?
        for character in text.utf8.dropFirst(2) {
            guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
            if let first = high {
                result.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return high == nil ? result : nil
    }
}

extension UnsafeRawBufferPointer {
    /// The whole buffer as one big-endian integer; nil when the size differs.
    func bigEndian<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        guard count == MemoryLayout<T>.size else { return nil }
        return unsafe T(bigEndian: loadUnaligned(as: T.self))
    }
}
