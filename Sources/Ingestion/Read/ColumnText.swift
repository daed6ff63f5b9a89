/// Texts of a header that become columns, where the allow-list of attributes no longer sees them.
///
/// A scanner's free text in a coded attribute may name a person, so only what has the form of its value representation
/// becomes a column; anything else is as if absent. **Source** DICOM PS3.5 6.2, CS and UI.
enum ColumnText {
    /// Up to 16 capital letters, digits, spaces and underscores.
    static func code(_ text: String?) -> String? {
        guard let text, (1...16).contains(text.utf8.count), text.utf8.allSatisfy(isCode) else { return nil }
        return text
    }

    /// Up to 64 digits and dots.
    static func uid(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isUID) else { return nil }
        return text
    }

    private static func isCode(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x20 || byte == 0x5F
    }

    private static func isUID(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || byte == 0x2E }
}
