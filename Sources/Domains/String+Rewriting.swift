extension String {
    /// The text without white space, NUL padding, byte order marks and zero-width spaces at either end.
    func trimmed() -> String {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.isBlank { scalars.removeFirst() }
        while let last = scalars.last, last.isBlank { scalars.removeLast() }
        return scalars.count == unicodeScalars.count ? self : String(scalars)
    }

    /// The text with each run of white space, newlines and no-break spaces included, as one space.
    func collapsingSpace() -> String {
        var result = UnicodeScalarView()
        var lastWasSpace = false
        for scalar in unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if !isSpace { result.append(scalar) } else if !lastWasSpace { result.append(" ") }
            lastWasSpace = isSpace
        }
        return String(result)
    }

    /// The text without regard to case or locale: upper case and back, so that `ß` and `SS` meet in `ss`.
    func caseFolded() -> String { uppercased().lowercased() }

    var isBlank: Bool { unicodeScalars.allSatisfy(\.isBlank) }
}

extension Unicode.Scalar {
    /// Whether the scalar leaves no mark: white space, and the invisible padding that exports leave in cells.
    var isBlank: Bool {
        properties.isWhitespace || value == 0 || value == 0xFEFF || value == 0x200B
    }
}
