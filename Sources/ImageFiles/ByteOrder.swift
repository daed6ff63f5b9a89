extension [UInt8] {
    /// Turns the byte order of every element of `width` bytes in place.
    mutating func reverseElements(ofWidth width: Int) {
        switch width {
        case 2: swapBytes(as: UInt16.self)
        case 4: swapBytes(as: UInt32.self)
        case 8: swapBytes(as: UInt64.self)
        default: break
        }
    }

    private mutating func swapBytes<T: FixedWidthInteger & BitwiseCopyable>(as type: T.Type) {
        unsafe withUnsafeMutableBytes { raw in
            for offset in stride(from: 0, to: raw.count - MemoryLayout<T>.size + 1, by: MemoryLayout<T>.size) {
                let value = unsafe raw.loadUnaligned(fromByteOffset: offset, as: type)
                unsafe raw.storeBytes(of: value.byteSwapped, toByteOffset: offset, as: type)
            }
        }
    }
}
