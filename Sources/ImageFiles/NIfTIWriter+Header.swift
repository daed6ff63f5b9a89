import Imaging

extension NIfTIWriter {
    /// The 348 bytes of the header and the four that say "no extensions".
    package func headerBytes() -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 352)
        let rank = volumes > 1 ? 4 : 3
        header.store(Int32(348), at: 0)
        // 'r': ANALYZE's "regular", which some readers still check.
        header[38] = UInt8(ascii: "r")
        for (index, length) in [rank, columns, rows, slices, volumes, 1, 1, 1].enumerated() {
            header.store(Int16(clamping: length), at: 40 + 2 * index)
        }
        header.store(Int16(clamping: datatype.code), at: 70)
        header.store(Int16(clamping: 8 * datatype.bytesPerPixel), at: 72)
        let quaternion = NIfTIQuaternion(rasAffine)
        let spacing = NIfTIQuaternion.spacing(of: rasAffine)
        for (index, size) in ([quaternion?.qfac ?? 1] + spacing + [1, 1, 1, 1]).enumerated() {
            header.store(size, at: 76 + 4 * index)
        }
        header.store(352.0, at: 108)
        // Slope 0 says "no scaling": what the reader understands as nil.
        header.store(rescale?.slope ?? 0, at: 112)
        header.store(rescale?.intercept ?? 0, at: 116)
        header[123] = hasPlace ? 2 | 8 : 8  // mm or unknown, seconds
        if hasPlace { storeOrientation(quaternion, in: &header) }
        header.replaceSubrange(344..<348, with: Array("n+1".utf8) + [0])
        return header
    }

    private func storeOrientation(_ quaternion: NIfTIQuaternion?, in header: inout [UInt8]) {
        if let quaternion {
            header.store(Int16(1), at: 252)
            let origin = (0..<3).map { rasAffine.translation[$0] }
            for (index, number) in ([quaternion.b, quaternion.c, quaternion.d] + origin).enumerated() {
                header.store(number, at: 256 + 4 * index)
            }
        }
        header.store(Int16(1), at: 254)
        for (index, number) in rasAffine.rows.prefix(3).joined().enumerated() {
            header.store(number, at: 280 + 4 * index)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        for index in 0..<MemoryLayout<T>.size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }

    /// In single precision, -0 as 0: which of the two a sum gives says nothing.
    fileprivate mutating func store(_ value: Double, at offset: Int) {
        store((Float(value) + 0).bitPattern, at: offset)
    }
}
