extension String {
    /// The text on one line, with control characters as escapes (`\n`, `\x1b`): what comes from files must not move the
    /// cursor, or clear the screen, of whoever reads it.
    var visible: String {
        guard unicodeScalars.contains(where: Self.isControl) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where Self.isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// C0 and C1 controls, and the marks that turn the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Columns that the text takes on a terminal: two for wide characters, none for combining ones.
    var columnCount: Int {
        if utf8.count == unicodeScalars.count { return utf8.count }
        return reduce(0) { sum, character in
            sum + (character.unicodeScalars.contains { Self.isWide($0.value) } ? 2 : 1)
        }
    }

    /// **Source** Unicode 15.1, EastAsianWidth.txt (W and F), by block; and the selector of emoji.
    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE0F, 0xFE30...0xFE4F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// At most so many columns, the last of them `…` where something is cut.
    func cut(toColumns limit: Int) -> String {
        guard columnCount > limit else { return self }
        var text = ""
        var used = 0
        for character in self {
            let width = String(character).columnCount
            guard used + width < limit else { break }
            text.append(character)
            used += width
        }
        return text + "…"
    }

    /// Broken between words into lines of at most so many columns; a longer word is broken anywhere.
    func wrapped(toColumns limit: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ").flatMap({ String($0).pieces(ofColumns: limit) }) {
            if let last = lines.last, last.columnCount + 1 + String(word).columnCount <= limit {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func pieces(ofColumns limit: Int) -> [String] {
        var pieces = [""]
        for character in self {
            let last = pieces.count - 1
            if pieces[last].columnCount + String(character).columnCount > max(2, limit) { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }
}
