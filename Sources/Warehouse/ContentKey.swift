internal import Crypto
package import SQLInterface

/// The id of a catalogue row: 63 bits of a digest over what makes the row itself, the same on every machine and day.
///
/// **Format** SHA-256 over `slicehouse-key-1`, the kind (the table) and each part of the natural key, every one of them
/// framed as a type byte, a UInt64 length and the bytes, big-endian: `T` UTF-8 text, `I` Int64, `B` bytes, `N` nothing
/// (length 0). Lengths and types keep ("a", "bc") apart from ("ab", "c") and 1 from "1".
///
/// The id of attempt *n* is bits 63·n … 63·n+62 of the digest, most significant first. Attempt 0 serves except where
/// two rows of one table collide (5% once in 10⁹ rows); four attempts fit into a digest, further ones continue with
/// SHA-256 over the digest.
package struct ContentKey: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case integer(Int64)
        case bytes([UInt8])
        case none
    }

    /// The 32 bytes that ids are taken from.
    package let digest: [UInt8]

    /// - Parameter kind: The name of the table.
    package init(_ kind: String, _ parts: Part...) {
        self.init(kind, parts)
    }

    package init(_ kind: String, _ parts: [Part]) {
        var message: [UInt8] = []
        message.reserveCapacity(64 + 24 * parts.count)
        message += "slicehouse-key-1".utf8
        Self.add(.text(kind), to: &message)
        for part in parts { Self.add(part, to: &message) }
        digest = Array(SHA256.hash(data: message))
    }

    /// The id of the row, at most 2⁶³-1 and never negative.
    ///
    /// - Parameter attempt: How many ids of this key were found taken by another row.
    package func id(attempt: Int = 0) -> Int64 {
        precondition(attempt >= 0, "attempts count from 0")
        if attempt == 0 { return Int64(Self.word(digest) >> 1) }
        var bytes = digest
        for _ in 0..<(attempt / Self.attemptsPerDigest) { bytes = Array(SHA256.hash(data: bytes)) }
        let firstBit = attempt % Self.attemptsPerDigest * Self.bitCount
        var value: Int64 = 0
        for bit in firstBit..<firstBit + Self.bitCount {
            value = value << 1 | Int64(bytes[bit / 8] >> (7 - bit % 8) & 1)
        }
        return value
    }

    private static let bitCount = 63
    private static let attemptsPerDigest = 256 / bitCount

    private static func add(_ part: Part, to message: inout [UInt8]) {
        switch part {
        case .text(let text):
            add("T", count: text.utf8.count, to: &message)
            message += text.utf8
        case .integer(let number):
            add("I", count: 8, to: &message)
            add(UInt64(bitPattern: number), to: &message)
        case .bytes(let bytes):
            add("B", count: bytes.count, to: &message)
            message += bytes
        case .none: add("N", count: 0, to: &message)
        }
    }

    private static func add(_ type: Unicode.Scalar, count: Int, to message: inout [UInt8]) {
        message.append(UInt8(ascii: type))
        add(UInt64(count), to: &message)
    }

    /// Big-endian.
    private static func add(_ number: UInt64, to message: inout [UInt8]) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe message.append(contentsOf: $0) }
    }

    /// The first 64 bits, big-endian.
    private static func word(_ bytes: [UInt8]) -> UInt64 {
        bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension ContentKey.Part: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .none }

    /// Text, or nothing where there is none.
    package init(_ text: String?) { self = text.map { .text($0) } ?? .none }
    /// A number, or nothing where there is none.
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .none }
}

extension ContentKey: SQLBindable {
    /// The id of the first attempt.
    package var sqlValue: SQLValue { .integer(id()) }
}
