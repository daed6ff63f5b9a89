/// Reads the file meta information: the elements of group 0002, always explicit VR little-endian (PS3.10 7.1).
///
/// The group's end is where another group begins, since its declared length is wrong in real files.
struct FileMetaReader {
    private let bytes: [UInt8]
    private let start: Int

    init(bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        self.start = start
    }

    /// The elements, empty when there are none, and the offset of what follows them.
    func read() throws(DICOMError) -> (header: DICOMHeader, end: Int) {
        var elements: [DICOMElement] = []
        var position = start
        while let (element, end) = element(at: position) {
            elements.append(element)
            position = end
        }
        return (DICOMHeader(elements: elements), position)
    }

    private func element(at start: Int) -> (DICOMElement, end: Int)? {
        guard start + 8 <= bytes.count, bytes[start] == 2, bytes[start + 1] == 0 else { return nil }
        let tag = DICOMTag(2, UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8)
        guard let vr = DICOMVR(bytes[start + 4], bytes[start + 5]) else {
            // Some writers encode group 0002 as implicit VR.
            let vr = DICOMDictionary.entry(for: tag)?.vr ?? .UN
            return value(tag, vr, from: start + 8, count: number(at: start + 4, width: 4))
        }
        guard vr.hasLongLength else { return value(tag, vr, from: start + 8, count: number(at: start + 6, width: 2)) }
        guard start + 12 <= bytes.count else { return nil }
        return value(tag, vr, from: start + 12, count: number(at: start + 8, width: 4))
    }

    private func value(_ tag: DICOMTag, _ vr: DICOMVR, from start: Int, count: Int) -> (DICOMElement, end: Int)? {
        guard count <= bytes.count - start else { return nil }
        let range = start..<start + count
        let value: DICOMValue
        switch vr.content {
        case _ where count == 0: value = .empty
        case .text:
            value = .strings([DICOMText.trimmed(String(decoding: bytes[range], as: UTF8.self))])
        case .unsigned where count == vr.width: value = .unsigned([UInt64(number(at: start, width: count))])
        default: value = .bytes([UInt8](bytes[range]))
        }
        return (DICOMElement(tag: tag, vr: vr, value: value), range.upperBound)
    }

    private func number(at start: Int, width: Int) -> Int {
        (start..<start + width).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
}
