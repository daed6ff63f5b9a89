/// Fixed-size numbers at known offsets of a header, in either byte order.
///
/// The caller has checked that the header is complete: reading beyond it is our bug.
struct ByteReader {
    let bytes: [UInt8]
    let isBigEndian: Bool

    func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
        let width = MemoryLayout<T>.size
        precondition(offset >= 0 && offset + width <= bytes.count)
        let value = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: type) }
        return isBigEndian ? T(bigEndian: value) : T(littleEndian: value)
    }

    func int16(at offset: Int) -> Int { Int(integer(Int16.self, at: offset)) }
    func int32(at offset: Int) -> Int { Int(integer(Int32.self, at: offset)) }
    func int64(at offset: Int) -> Int { Int(integer(Int64.self, at: offset)) }
    func float32(at offset: Int) -> Double { Double(Float(bitPattern: integer(UInt32.self, at: offset))) }
    func float64(at offset: Int) -> Double { Double(bitPattern: integer(UInt64.self, at: offset)) }
}
