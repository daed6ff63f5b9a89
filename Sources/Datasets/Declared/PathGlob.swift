/// Which paths below an anchor are meant: `*` is any run of characters within a name, `?` one, `**` any folders.
struct PathGlob: Sendable, Equatable {
    let source: String
    private let parts: [[Character]]

    init(_ source: String) {
        self.source = source
        parts = source.split(separator: "/").map(Array.init)
    }

    /// Folders of the pattern before its last part, where they are literal.
    var depth: Int { parts.count - 1 }
    var hasAnyDepth: Bool { parts.contains(["*", "*"]) }
    /// What the last part ends in behind its last dot, in lower case; `nil` where that is left open.
    var fileExtension: String? {
        let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last, !last.isEmpty, !last.contains(where: { "*?".contains($0) }) else {
            return nil
        }
        return String(last)
    }
    /// The last part.
    var name: String { parts.last.map { String($0) } ?? "" }

    func matches(_ components: [Substring]) -> Bool {
        matches(parts[...], components.map { Array($0) }[...])
    }

    private func matches(_ parts: ArraySlice<[Character]>, _ names: ArraySlice<[Character]>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        if part == ["*", "*"] {
            return (0...names.count).contains { matches(parts.dropFirst(), names.dropFirst($0)) }
        }
        guard let name = names.first, Self.matches(part[...], name[...]) else { return false }
        return matches(parts.dropFirst(), names.dropFirst())
    }

    /// Names are compared without regard to case: `.JPEG` and `.jpeg` are one kind of file.
    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        // Where the last star was, and how much of the name it holds: linear but for the number of stars.
        var (pattern, name) = (pattern, name)
        var retry: (pattern: ArraySlice<Character>, name: ArraySlice<Character>)?
        while !name.isEmpty {
            if pattern.first == "*" {
                retry = (pattern.dropFirst(), name)
                pattern = pattern.dropFirst()
            } else if let expected = pattern.first, let own = name.first,
                expected == "?" || expected.lowercased() == own.lowercased()
            {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if let last = retry, !last.name.isEmpty {
                retry = (last.pattern, last.name.dropFirst())
                (pattern, name) = (last.pattern, last.name.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == "*" }
    }
}

extension PathGlob: Decodable {
    init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}
