/// A pattern that a whole text must match, and the texts that its groups hold.
///
/// The syntax and the promise of linear time are those of vocabularies.
package struct TextPattern: Sendable, Equatable {
    package let source: String
    private let pattern: Pattern

    /// **Throws** `invalidRule` with the place in the pattern.
    package init(_ source: String) throws(DomainError) {
        self.source = source
        do {
            pattern = try Pattern(source)
        } catch {
            throw DomainError(
                code: .invalidRule, subject: "pattern",
                reason: "'\(source)' is not a pattern at character \(error.offset + 1): \(error.reason)")
        }
    }

    /// How many groups it has, the whole text not counted.
    package var groupCount: Int { pattern.groupCount }

    /// The whole text, then each group, empty where it took no part; `nil` where the text does not match as a whole.
    package func groups(of text: String) -> [String]? {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return groups(ofScalars: Array(text.unicodeScalars)) }
        // In ASCII, places among the scalars are places among the bytes.
        guard let ranges = wholeMatch(in: bytes.map { Unicode.Scalar($0) }) else { return nil }
        return ranges.map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "" }
    }

    private func groups(ofScalars scalars: [Unicode.Scalar]) -> [String]? {
        wholeMatch(in: scalars)?.map { range in
            var view = String.UnicodeScalarView()
            if let range { view.append(contentsOf: scalars[range]) }
            return String(view)
        }
    }

    private func wholeMatch(in scalars: [Unicode.Scalar]) -> [Range<Int>?]? {
        guard let match = pattern.firstMatch(in: scalars), match.range == 0..<scalars.count else { return nil }
        return match.groups
    }

    package static func == (first: TextPattern, second: TextPattern) -> Bool { first.source == second.source }
}

extension TextPattern: Decodable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw decoder.invalid(error.reason)
        }
    }
}

/// A text with places for the groups of a pattern (`$1`) and for cells of a row (`{Column}`); `$$` is a dollar.
package struct TextTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case group(Int)
        case cell(String)
    }
    private let parts: [Part]

    package init(_ source: String) {
        var parts: [Part] = []
        var text = ""
        var rest = source[...]
        func flush() {
            if !text.isEmpty { parts.append(.text(text)) }
            text = ""
        }
        while let first = rest.popFirst() {
            if first == "$", let digit = rest.first?.wholeNumberValue {
                flush()
                parts.append(.group(digit))
                rest.removeFirst()
            } else if first == "$", rest.first == "$" {
                text.append("$")
                rest.removeFirst()
            } else if first == "{", let end = rest.firstIndex(of: "}") {
                flush()
                parts.append(.cell(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                text.append(first)
            }
        }
        flush()
        self.parts = parts
    }

    /// Columns that it takes cells from.
    package var columns: [String] {
        parts.compactMap { if case .cell(let name) = $0 { name } else { nil } }
    }

    /// Numbers of the groups that it takes.
    package var groups: [Int] {
        parts.compactMap { if case .group(let number) = $0 { number } else { nil } }
    }

    /// The text; `nil` where a group or a cell that it needs is not there.
    package func filled(groups: [String], cell: (String) -> String? = { _ in nil }) -> String? {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .group(let number):
                guard number < groups.count else { return nil }
                result += groups[number]
            case .cell(let name):
                guard let text = cell(name) else { return nil }
                result += text
            }
        }
        return result
    }
}

extension TextTemplate: Decodable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        if let open = text.lastIndex(of: "{"), !text[open...].contains("}") {
            throw decoder.invalid("the brace of '\(text[open...])' is not closed; a cell is written {Column}")
        }
        self.init(text)
    }
}
