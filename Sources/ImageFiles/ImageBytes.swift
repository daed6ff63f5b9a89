/// Where an image's bytes are: in memory, or in a file that is read in ranges.
enum ImageBytes: Sendable {
    case memory([UInt8])
    case file(OpenFile)

    var count: Int {
        switch self {
        case .memory(let bytes): bytes.count
        case .file(let file): file.byteCount
        }
    }

    /// Exactly `count` bytes from `offset`, fewer only where the data ends.
    func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8] {
        switch self {
        case .memory(let bytes):
            let start = min(offset, bytes.count)
            return Array(bytes[start..<min(start + count, bytes.count)])
        case .file(let file):
            return try file.read(at: offset, count: count)
        }
    }

    /// Everything, for formats that cannot be read in ranges.
    func readAll() throws(ImageFileError) -> [UInt8] {
        switch self {
        case .memory(let bytes): bytes
        case .file(let file): try file.read(at: 0, count: file.byteCount)
        }
    }
}
