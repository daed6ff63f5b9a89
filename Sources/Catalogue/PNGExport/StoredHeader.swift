internal import CanonicalJSON
internal import Foundation
internal import Imaging

/// The stored header of one frame, as DICOM JSON.
package struct StoredHeader: Sendable {
    private let members: [String: JSONValue]

    /// What the series shares, and what the slice has of its own.
    package init(common: String?, own: String?) throws {
        var members = try common.map { try JSONValue(parsing: $0).object ?? [:] } ?? [:]
        if let own { members.merge(try JSONValue(parsing: own).object ?? [:]) { _, own in own } }
        self.members = members
    }

    private init(_ members: [String: JSONValue]) { self.members = members }

    package func string(_ tag: String) -> String? { members[tag]?["Value"]?.array?.first?.string }

    /// Numbers, from a binary VR or from the text of DS and IS.
    package func numbers(_ tag: String) -> [Double] {
        (members[tag]?["Value"]?.array ?? []).compactMap { value in
            value.number ?? value.string.flatMap { Double($0.filter { $0 != " " }) }
        }
    }

    /// Those numbers that are whole and fit 32 bits; a file may hold any.
    private func integers(_ tag: String) -> [Int] {
        numbers(tag).compactMap { Int32(exactly: $0).map(Int.init) }
    }

    package func items(_ tag: String) -> [StoredHeader] {
        (members[tag]?["Value"]?.array ?? []).compactMap { $0.object.map(StoredHeader.init) }
    }

    /// A value of bytes; `nil` where it was longer than headers keep.
    func bytes(_ tag: String) -> [UInt8]? {
        members[tag]?["InlineBinary"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }

    // MARK: Display

    /// How a frame wants to be shown. Rescale and window come from the catalogue, where they are per frame.
    ///
    /// - Parameter frame: 1-based; `nil` where the file has one frame.
    func display(of slice: ExportedSlice) -> DisplayAttributes {
        let voi = functionalGroup("00289132", frame: slice.frameNumber) ?? self
        let signed = numbers("00280103").first == 1
        return DisplayAttributes(
            photometricInterpretation: monochrome ?? slice.photometricInterpretation,
            bitsStored: integers("00280101").first,
            rescale: slice.rescale,
            modalityTable: items("00283000").first?.table("00283002", "00283006", isSigned: signed),
            window: slice.window,
            function: (voi.string("00281056") ?? string("00281056")).flatMap(WindowLevel.Function.init) ?? .linear,
            voiTable: items("00283010").first?.table("00283002", "00283006", isSigned: signed),
            palette: palette, padding: padding(isSigned: signed))
    }

    /// Of slices that differ in it the series has one; colours are stored as another one than the header names.
    var monochrome: String? {
        string("00280004").flatMap { ["MONOCHROME1", "MONOCHROME2"].contains($0) ? $0 : nil }
    }

    /// Pixel Padding Value, to Pixel Padding Range Limit where there is one. **Source** PS3.3 C.7.5.1.1.2.
    private func padding(isSigned: Bool) -> ClosedRange<Double>? {
        let ends = ["00280120", "00280121"].compactMap { numbers($0).first }
            // A signed value that was written as US.
            .map { isSigned && $0 > 32_767 ? $0 - 65_536 : $0 }
        guard let least = ends.min(), let most = ends.max() else { return nil }
        return least...most
    }

    /// An item of the frame's own functional groups, or of those that all frames share.
    private func functionalGroup(_ sequence: String, frame: Int?) -> StoredHeader? {
        let own = frame.flatMap { frame in
            let frames = items("52009230")
            return frames.indices.contains(frame - 1) ? frames[frame - 1].items(sequence).first : nil
        }
        return own ?? items("52009229").first?.items(sequence).first
    }

    private var palette: ColourPalette? {
        guard let red = channel("00281101", "00281201", segmented: "00281221"),
            let green = channel("00281102", "00281202", segmented: "00281222"),
            let blue = channel("00281103", "00281203", segmented: "00281223")
        else { return nil }
        return ColourPalette(red: red, green: green, blue: blue)
    }

    /// One channel of a palette, from its table or from the segments it is written in.
    private func channel(_ descriptor: String, _ data: String, segmented: String) -> LookupTable? {
        let isSigned = numbers("00280103").first == 1
        if let plain = table(descriptor, data, isSigned: isSigned) { return plain }
        guard let bytes = bytes(segmented), let shape = tableShape(descriptor, isSigned: isSigned),
            let entries = try? SegmentedPalette(bytes, bits: shape.bits > 8 ? 16 : 8).expanded(to: shape.count)
        else { return nil }
        return try? LookupTable(firstMapped: shape.first, entries: entries, bits: shape.bits)
    }

    private func table(_ descriptor: String, _ data: String, isSigned: Bool) -> LookupTable? {
        guard let shape = tableShape(descriptor, isSigned: isSigned), let entries = entries(data, count: shape.count)
        else { return nil }
        return try? LookupTable(firstMapped: shape.first, entries: entries, bits: shape.bits)
    }

    /// Entries (0 means 65,536), first value mapped, bits of an entry. **Source** PS3.3 C.11.1.1.1.
    private func tableShape(_ descriptor: String, isSigned: Bool) -> (count: Int, first: Int, bits: Int)? {
        let fields = integers(descriptor)
        guard fields.count == 3 else { return nil }
        // A signed first value that was written as US.
        let first = isSigned && fields[1] > 32_767 ? fields[1] - 65_536 : fields[1]
        return (fields[0] == 0 ? 65_536 : fields[0] & 0xFFFF, first, fields[2])
    }

    private func entries(_ tag: String, count: Int) -> [UInt16]? {
        if let bytes = bytes(tag) {
            // Entries of 8 bits may be packed two in a word (PS3.5 annex D).
            if bytes.count < count * 2 { return bytes.count >= count ? bytes.prefix(count).map(UInt16.init) : nil }
            return (0..<count).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
        }
        let numbers = integers(tag)
        guard numbers.count >= count else { return nil }
        return numbers.prefix(count).map { UInt16(truncatingIfNeeded: $0) }
    }
}
