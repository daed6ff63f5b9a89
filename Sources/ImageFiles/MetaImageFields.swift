/// The `Key = Value` lines of a MetaImage header, up to `ElementDataFile`, which ends it.
struct MetaImageFields {
    private var values: [String: String] = [:]
    /// Bytes of the header, the end of its last line included.
    let byteCount: Int

    /// Longest header that is read: real ones have a few hundred bytes.
    static let byteLimit = 64 << 10

    /// **Throws** `notAMetaImage` where a line has no `=`, `truncated` where the bytes end before `ElementDataFile`.
    init(prefix bytes: [UInt8]) throws(ImageFileError) {
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < min(bytes.count, Self.byteLimit) {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let line = String(decoding: bytes[start..<end], as: UTF8.self)
            if let (key, value) = try Self.field(line, at: start) {
                values[key] = value
                if key == "ElementDataFile" {
                    byteCount = min(end + 1, bytes.count)
                    return
                }
            }
            start = end + 1
        }
        throw .metaImage(.truncated, "its header ends before ElementDataFile; copy the file again", at: bytes.count)
    }

    private static func field(_ line: String, at offset: Int) throws(ImageFileError) -> (String, String)? {
        let line = line.drop(while: \.isWhitespace)
        guard !line.isEmpty else { return nil }
        guard let separator = line.firstIndex(of: "=") else {
            throw .metaImage(.notAMetaImage, "a line of its header is not of the form Key = Value", at: offset)
        }
        return (line[..<separator].trimmed, line[line.index(after: separator)...].trimmed)
    }

    /// The value under the first of several names that the header has.
    func text(_ names: String...) -> String? {
        names.lazy.compactMap { values[$0] }.first
    }

    func isTrue(_ names: String...) -> Bool {
        guard let text = names.lazy.compactMap({ values[$0] }).first else { return false }
        return ["T", "t", "1"].contains(text.prefix(1))
    }

    /// The numbers of a list; `nil` where the key is absent. **Throws** `hostileHeader` for anything that is no number.
    func numbers(_ names: String...) throws(ImageFileError) -> [Double]? {
        guard let text = names.lazy.compactMap({ values[$0] }).first else { return nil }
        let parts = text.split(whereSeparator: \.isWhitespace)
        let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == parts.count else {
            throw .metaImage(.hostileHeader, "\(names[0]) holds something that is not a number")
        }
        return numbers
    }

    /// **Throws** `hostileHeader` as ``numbers(_:)`` does, and for fractions.
    func integers(_ name: String) throws(ImageFileError) -> [Int]? {
        guard let numbers = try numbers(name) else { return nil }
        let integers = numbers.compactMap { Int(exactly: $0) }
        guard integers.count == numbers.count else {
            throw .metaImage(.hostileHeader, "\(name) holds something that is not a whole number")
        }
        return integers
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
