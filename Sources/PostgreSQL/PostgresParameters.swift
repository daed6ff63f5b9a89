internal import SQLInterface

/// The parameters of one call, laid out as libpq wants them.
///
/// Text goes as text of an unknown type, so that the server makes it what the statement needs (uuid, jsonb, …); the
/// other cases go in binary with their type.
@safe struct PostgresParameters {
    let types: [UInt32]
    private var storage: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// **Throws** `invalidData` for text with a NUL character, which PostgreSQL cannot store.
    init(_ values: [SQLValue]) throws(PostgresError) {
        types = values.map(Self.type)
        for value in values { try append(value) }
    }

    var count: Int32 { Int32(types.count) }

    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        unsafe storage.withUnsafeBytes { bytes in
            let pointers = unsafe offsets.map { offset -> UnsafePointer<CChar>? in
                guard let offset else { return nil }
                return unsafe bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
            }
            return unsafe pointers.withUnsafeBufferPointer { pointers in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }

    private static func type(_ value: SQLValue) -> UInt32 {
        switch value {
        case .null, .text: 0
        case .integer: 20
        case .real: 701
        case .blob: 17
        case .boolean: 16
        case .timestamp: 1184
        }
    }

    private mutating func append(_ value: SQLValue) throws(PostgresError) {
        let start = storage.count
        var isText = false
        switch value {
        case .null: break
        case .integer(let number): storage.append(bigEndian: number)
        case .real(let number): storage.append(bigEndian: number.bitPattern)
        case .boolean(let flag): storage.append(flag ? 1 : 0)
        case .timestamp(let microseconds): storage.append(bigEndian: microseconds - postgresEpochMicroseconds)
        case .blob(let bytes): storage.append(contentsOf: bytes)
        case .text(let text):
            guard !text.utf8.contains(0) else {
                throw PostgresError(kind: .invalidData, reason: "a text value contains a NUL character")
            }
            storage.append(contentsOf: text.utf8)
            isText = true
        }
        offsets.append(value.isNull ? nil : start)
        lengths.append(Int32(storage.count - start))
        formats.append(isText ? 0 : 1)
        storage.append(0)  // the end of a text value; no value is left without an address
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
