import Imaging

/// The numbered fields of a header at the offsets of its version, before anything is believed.
struct NIfTIHeaderFields {
    let version: Int
    let isPair: Bool
    let reader: ByteReader

    /// **Throws** `truncated`, `notANIfTI`.
    init(_ bytes: [UInt8]) throws(ImageFileError) {
        guard bytes.count >= 4 else {
            throw .nifti(bytes.isEmpty ? .truncated : .notANIfTI, "it has \(bytes.count) bytes", at: bytes.count)
        }
        let little = ByteReader(bytes: bytes, isBigEndian: false)
        let big = ByteReader(bytes: bytes, isBigEndian: true)
        let size = little.int32(at: 0)
        switch (size, big.int32(at: 0)) {
        case (348, _), (540, _): reader = little
        case (_, 348), (_, 540): reader = big
        default: throw .nifti(.notANIfTI, "it does not begin with the header size 348 or 540", at: 0)
        }
        version = reader.int32(at: 0) == 348 ? 1 : 2
        let headerByteCount = version == 1 ? 348 : 540
        guard bytes.count >= headerByteCount else {
            throw .nifti(.truncated, "it ends inside its header of \(headerByteCount) bytes", at: bytes.count)
        }
        isPair = try Self.isPair(version: version, bytes: bytes)
    }

    /// NIfTI-1: `n+1` or `ni1`, NUL. NIfTI-2: `n+2` or `ni2`, NUL, then CR LF SUB LF against text-mode transfers.
    private static func isPair(version: Int, bytes: [UInt8]) throws(ImageFileError) -> Bool {
        let offset = version == 1 ? 344 : 4
        let suffix: [UInt8] = version == 1 ? [0x31, 0] : [0x32, 0, 0x0D, 0x0A, 0x1A, 0x0A]
        let magic = Array(bytes[offset..<offset + 2 + suffix.count])
        if magic == [0x6E, 0x2B] + suffix { return false }
        if magic == [0x6E, 0x69] + suffix { return true }
        let hint = version == 1 ? "; an ANALYZE 7.5 header states no orientation" : ""
        throw .nifti(.notANIfTI, "the magic of NIfTI-\(version) is absent\(hint)", at: offset)
    }

    var datatypeCode: Int { reader.int16(at: version == 1 ? 70 : 12) }
    var intentCode: Int { version == 1 ? reader.int16(at: 68) : reader.int32(at: 504) }
    var unitsCode: Int { version == 1 ? Int(reader.integer(UInt8.self, at: 123)) : reader.int32(at: 500) }
    var qformCode: Int { Self.knownCode(version == 1 ? reader.int16(at: 252) : reader.int32(at: 344)) }
    var sformCode: Int { Self.knownCode(version == 1 ? reader.int16(at: 254) : reader.int32(at: 348)) }
    var pixelDimensions: [Double] { reals(count: 8, at: 76, 104) }
    var quaternion: [Double] { reals(count: 3, at: 256, 352) }
    var qformOffset: [Double] { reals(count: 3, at: 268, 376) }
    var sformRows: [Double] { reals(count: 12, at: 280, 400) }

    /// nibabel reads a code that no version of the standard defines as 0, "unknown".
    private static func knownCode(_ code: Int) -> Int { (0...5).contains(code) ? code : 0 }

    private func reals(count: Int, at offset1: Int, _ offset2: Int) -> [Double] {
        (0..<count).map { index in
            version == 1 ? reader.float32(at: offset1 + 4 * index) : reader.float64(at: offset2 + 8 * index)
        }
    }

    /// The lengths of the axes, such that all voxels together fit a signed 63-bit byte count.
    func checkedDimensions(bytesPerPixel: Int) throws(ImageFileError) -> [Int] {
        let offset = version == 1 ? 40 : 16
        let width = version == 1 ? 2 : 8
        let stored = (0..<8).map { index in
            version == 1 ? reader.int16(at: offset + width * index) : reader.int64(at: offset + width * index)
        }
        guard (1...7).contains(stored[0]) else {
            throw .nifti(.hostileHeader, "it claims \(stored[0]) dimensions instead of 1 to 7", at: offset)
        }
        let dimensions = Array(stored[1...stored[0]])
        var total = bytesPerPixel
        for (axis, length) in dimensions.enumerated() {
            let place = offset + width * (axis + 1)
            guard length > 0 else {
                throw .nifti(.hostileHeader, "axis \(axis + 1) has the length \(length)", at: place)
            }
            let (product, overflow) = total.multipliedReportingOverflow(by: length)
            guard !overflow else {
                throw .nifti(.hostileHeader, "the product of its dimensions exceeds any file", at: place)
            }
            total = product
        }
        return dimensions
    }

    /// `vox_offset`; 0 in a single file means right behind the header, as in the reference library.
    func checkedDataOffset() throws(ImageFileError) -> Int {
        let place = version == 1 ? 108 : 168
        let least = isPair ? 0 : (version == 1 ? 352 : 544)
        let stored = version == 1 ? reader.float32(at: place) : Double(reader.int64(at: place))
        guard stored.isFinite, stored >= 0, stored < 0x1p62 else {
            throw .nifti(.hostileHeader, "the offset of its voxels is no position in a file", at: place)
        }
        let offset = Int(stored)
        if offset == 0 { return least }
        guard offset >= least else {
            throw .nifti(.hostileHeader, "its voxels would begin at byte \(offset), inside the header", at: place)
        }
        return offset
    }

    /// **Throws** `invalidScaling` for a slope with an intercept that is no number (nibabel refuses it too).
    func checkedRescale() throws(ImageFileError) -> Rescale? {
        let place = version == 1 ? 112 : 176
        let slope = version == 1 ? reader.float32(at: place) : reader.float64(at: place)
        let intercept = version == 1 ? reader.float32(at: place + 4) : reader.float64(at: place + 8)
        guard slope.isFinite, slope != 0 else { return nil }
        guard intercept.isFinite else {
            throw .nifti(.invalidScaling, "it has a slope but its intercept is not a number", at: place)
        }
        return Rescale(slope: slope, intercept: intercept)
    }
}
