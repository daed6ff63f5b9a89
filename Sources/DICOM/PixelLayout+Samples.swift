internal import Imaging

/// From the native bytes of a frame to its samples.
extension PixelLayout {
    /// Samples of byte-aligned, little-endian native bytes: packed bits spread, subsampled chrominance repeated.
    func samples(of bytes: ArraySlice<UInt8>) -> DecodedSamples {
        if isPacked {
            return DecodedSamples(bytes: unpacked(bytes, firstBit: 0), width: type.byteCount, isPlanar: isPlanar)
        }
        if isSubsampled { return DecodedSamples(bytes: SampleOrder.expanded(Array(bytes)), width: 1) }
        return DecodedSamples(bytes: Array(bytes), width: type.byteCount, isPlanar: isPlanar)
    }

    /// Packed samples of a frame as words, the first in the least significant bits (PS3.5 8.1.1).
    ///
    /// `bytes` holds all of them from bit `firstBit` of its first byte on.
    func unpacked(_ bytes: ArraySlice<UInt8>, firstBit: Int) -> [UInt8] {
        precondition(bytes.count * 8 >= firstBit + sampleCount * bitsAllocated)
        let width = type.byteCount
        let bits = bitsAllocated
        let mask: UInt64 = 1 << UInt64(bits) - 1
        return unsafe [UInt8](unsafeUninitializedCapacity: sampleCount * width) { target, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                var pending: UInt64 = 0
                var pendingBits = -firstBit
                var next = 0
                for sample in 0..<sampleCount {
                    while pendingBits < bits {
                        let byte = unsafe UInt64(source[next])
                        pending |= pendingBits < 0 ? byte &>> UInt64(-pendingBits) : byte &<< UInt64(pendingBits)
                        pendingBits &+= 8
                        next &+= 1
                    }
                    let value = pending & mask
                    for byte in 0..<width {
                        unsafe target[sample &* width &+ byte] = UInt8(truncatingIfNeeded: value &>> UInt64(8 &* byte))
                    }
                    pending &>>= UInt64(bits)
                    pendingBits &-= bits
                }
            }
            count = sampleCount * width
        }
    }
}
