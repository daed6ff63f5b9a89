/// The bytes of a file taken apart: file meta information, data set (inflated if need be), structure.
struct DICOMContents: Sendable {
    /// A deflated data set may not grow beyond this.
    static let inflatedByteLimit = 1 << 30

    /// The file, or the inflated data set: what offsets in `structure` count in.
    let bytes: [UInt8]
    let isInflated: Bool
    let fileMeta: DICOMHeader
    let syntax: DICOMTransferSyntax?
    let encoding: ElementEncoding
    let structure: DICOMStructure
    /// Where in `bytes` the data set begins.
    let dataSetStart: Int
    let warnings: [DICOMWarning]

    init(
        bytes file: [UInt8], stopBeforePixels: Bool, selection: Set<DICOMTag>?, fileByteCount: Int?
    ) throws(DICOMError) {
        guard !file.isEmpty else {
            throw DICOMError(code: .empty, subject: "file", reason: "it has no bytes; fetch it again")
        }
        var warnings: [DICOMWarning] = []
        let metaStart = try Self.metaStart(of: file, fileByteCount: fileByteCount, warnings: &warnings)
        let meta = try FileMetaReader(bytes: file, from: metaStart).read()
        fileMeta = meta.header
        syntax = meta.header.string(.transferSyntaxUID).map { DICOMTransferSyntax(uid: $0) }
        if syntax == nil { warnings.append(DICOMWarning(.noTransferSyntax)) }

        var dataSet = file
        var start = meta.end
        var prefixOf = fileByteCount.flatMap { file.count < $0 ? $0 : nil }
        let isCalledDeflated = syntax?.isDeflated ?? false
        isInflated = isCalledDeflated && !Self.isPlain(file, from: start)
        if isInflated {
            let inflated = try DCMTKFunctions.inflate(file, from: start, limit: Self.inflatedByteLimit)
            dataSet = inflated.bytes
            start = 0
            // How long the rest inflates to is unknown: ask for the whole file.
            if inflated.isWhole { prefixOf = nil } else if prefixOf != nil { prefixOf = .max }
        }
        encoding = Self.encoding(of: dataSet, from: start, declared: syntax, warnings: &warnings)
        let mismatch = DICOMWarning(.encodingMismatch)
        if isCalledDeflated, !isInflated, !warnings.contains(mismatch) { warnings.append(mismatch) }
        bytes = dataSet
        dataSetStart = start
        structure = try Self.structure(
            of: dataSet, from: start, encoding: encoding, stopBeforePixels: stopBeforePixels, selection: selection,
            prefixOf: prefixOf, fileByteCount: fileByteCount)
        guard structure.elementCount > 0 else {
            throw DICOMError(
                code: .truncated, subject: "file", reason: "it ends before its first attribute; fetch it again",
                offset: start)
        }
        self.warnings = warnings + structure.warnings
    }

    private static func structure(
        of bytes: [UInt8], from start: Int, encoding: ElementEncoding, stopBeforePixels: Bool,
        selection: Set<DICOMTag>?, prefixOf: Int?, fileByteCount: Int?
    ) throws(DICOMError) -> DICOMStructure {
        var walker = DataSetWalker(
            bytes: bytes, from: start, encoding: encoding, stopsBeforePixels: stopBeforePixels, selection: selection,
            fileByteCount: prefixOf)
        do {
            return try walker.walk()
        } catch {
            guard error.code == .needsMoreBytes, prefixOf == .max, let fileByteCount else { throw error }
            throw .needsMoreBytes(fileByteCount)
        }
    }
}

/// Finding out what the bytes are.
extension DICOMContents {
    /// Where group 0002, or without one the data set, begins.
    private static func metaStart(
        of bytes: [UInt8], fileByteCount: Int?, warnings: inout [DICOMWarning]
    ) throws(DICOMError) -> Int {
        let mark: [UInt8] = [0x44, 0x49, 0x43, 0x4D]
        if bytes.count >= 132, bytes[128..<132].elementsEqual(mark) { return 132 }
        warnings.append(DICOMWarning(.noPreamble))
        if bytes.starts(with: mark) { return 4 }
        guard beginsLikeDataSet(bytes) else { throw .notDICOM() }
        return 0
    }

    /// A bare data set begins with an attribute of group 0002 or 0008, whose VR or length makes sense.
    private static func beginsLikeDataSet(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 8 else { return false }
        let isBig = bytes[0] == 0
        let group = isBig ? bytes[1] : bytes[0]
        guard (isBig ? bytes[0] : bytes[1]) == 0, [0x02, 0x04, 0x08].contains(group) else { return false }
        if DICOMVR(bytes[4], bytes[5]) != nil { return true }
        let length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
        return !isBig && length <= min(bytes.count - 8, 4096)
    }

    /// Whether group 0008 begins at `start` and not a deflate stream: of these bytes a stream would make a stored block,
    /// in which the fourth byte is the complement of the second (RFC 1951 section 3.2.4).
    private static func isPlain(_ bytes: [UInt8], from start: Int) -> Bool {
        start + 8 <= bytes.count && bytes[start] == 8 && bytes[start + 1] == 0 && bytes[start + 3] != 0xFF
    }

    /// The encoding that the data set has, which is not always the one that its transfer syntax declares.
    private static func encoding(
        of bytes: [UInt8], from start: Int, declared: DICOMTransferSyntax?, warnings: inout [DICOMWarning]
    ) -> ElementEncoding {
        let expected = declared?.encoding ?? .explicitLittle
        guard start + 8 <= bytes.count else { return expected }
        let letters: ClosedRange<UInt8> = 0x41...0x5A
        let isLettered = letters.contains(bytes[start + 4]) && letters.contains(bytes[start + 5])
        // Two letters that are no value representation are one of a later edition, or a length of 16,705 or more.
        let isExplicit = DICOMVR(bytes[start + 4], bytes[start + 5]) != nil || isLettered && expected.isExplicit
        // The first group is 0x0008 or a little more: its zero byte tells the byte order.
        let isBig = bytes[start] == 0 && bytes[start + 1] != 0
        let found: ElementEncoding = !isExplicit ? .implicitLittle : isBig ? .explicitBig : .explicitLittle
        if declared != nil, found != expected { warnings.append(DICOMWarning(.encodingMismatch)) }
        return found
    }
}
