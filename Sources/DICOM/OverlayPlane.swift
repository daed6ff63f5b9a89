package import Imaging

/// A plane of bits over the frames of a file: a drawing, a text, or a region of interest.
///
/// Planes that old files hide in unused bits of the pixels (no Overlay Data of their own) are not read.
/// **Source** PS3.3 C.9.2 (plane), C.9.3 (several frames), PS3.5 8.1.2 (bits).
package struct OverlayPlane: Sendable {
    /// Overlay Type (60xx,0040).
    package enum Kind: String, Sendable { case graphics = "G", region = "R" }

    /// The group of its attributes: 0x6000 to 0x601E.
    package let group: UInt16
    /// `nil` where the file does not say.
    package let kind: Kind?
    private let rows: Int
    private let columns: Int
    /// Row and column of the image under the plane's first bit, 0-based; may lie outside the image.
    private let origin: (row: Int, column: Int)
    /// The frames of the image that it covers, 0-based; `nil` for all of them.
    private let frames: Range<Int>?
    private let bits: [UInt8]

    /// `nil` unless the group has Overlay Data for all the bits that its attributes announce.
    init?(group: UInt16, header: DICOMHeader) {
        func tag(_ element: UInt16) -> DICOMTag { DICOMTag(group, element) }
        guard case .bytes(let bits)? = header[tag(0x3000)]?.value,
            let rows = header.integer(tag(0x0010)), let columns = header.integer(tag(0x0011)),
            (1...0xFFFF).contains(rows), (1...0xFFFF).contains(columns)
        else { return nil }
        let count = header.integer(tag(0x0015)) ?? 1
        let (total, overflow) = (rows * columns).multipliedReportingOverflow(by: count)
        guard count >= 1, !overflow, (total + 7) / 8 <= bits.count else { return nil }
        self.group = group
        kind = header.string(tag(0x0040)).flatMap(Kind.init)
        self.rows = rows
        self.columns = columns
        let corner = header.decimals(tag(0x0050)) ?? []
        origin = corner.count == 2 ? (Int(corner[0]) - 1, Int(corner[1]) - 1) : (0, 0)
        let first = header.integer(tag(0x0051)).map { $0 - 1 }
        let coversAll = first == nil && header.integer(tag(0x0015)) == nil
        frames = coversAll ? nil : max(first ?? 0, 0)..<max(first ?? 0, 0) + count
        self.bits = bits
    }

    /// What it marks on a frame of an image.
    ///
    /// - Parameter frame: 0-based.
    /// - Returns: `nil` where it marks nothing there.
    package func mask(frame: Int, rows imageRows: Int, columns imageColumns: Int) throws(ImagingError) -> RunLengthMask?
    {
        guard frames?.contains(frame) ?? true else { return nil }
        let start = (frame - (frames?.lowerBound ?? frame)) * rows * columns
        var raster = [UInt8](repeating: 0, count: imageRows * imageColumns)
        for row in max(0, -origin.row)..<max(0, -origin.row, min(rows, imageRows - origin.row)) {
            for column in max(0, -origin.column)..<max(0, -origin.column, min(columns, imageColumns - origin.column)) {
                let bit = start + row * columns + column
                raster[(row + origin.row) * imageColumns + column + origin.column] =
                    bits[bit >> 3] >> UInt8(bit & 7) & 1
            }
        }
        let mask = try RunLengthMask(mask: raster, rows: imageRows, columns: imageColumns)
        return mask.voxelCount > 0 ? mask : nil
    }
}

extension DICOMHeader {
    /// The overlay planes with data of their own, by group.
    package var overlayPlanes: [OverlayPlane] {
        Set(elements.lazy.map(\.tag).filter(\.isOverlay).map(\.group)).sorted().compactMap {
            OverlayPlane(group: $0, header: self)
        }
    }
}
