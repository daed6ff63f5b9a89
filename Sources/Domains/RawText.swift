/// A raw value compared byte by byte, as the databases compare it.
///
/// Swift's `String` calls composed and decomposed accents equal; patterns and `GROUP BY raw_value` do not, so results
/// kept per raw value need this key.
struct RawText: Hashable, Comparable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: RawText, right: RawText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    static func < (left: RawText, right: RawText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
