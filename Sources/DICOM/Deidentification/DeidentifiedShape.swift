/// What the value of a listed attribute may look like, so that it can hold no sentence and no name.
///
/// The dictionary says what an attribute is (PS3.6); what the file says counts for nothing, since any text can be written
/// under any value representation.
enum DeidentifiedShape: Sendable, Equatable {
    /// Numbers, as such or as text: DS, IS, and all binary representations; bytes where the attribute is made of them.
    case number(orBytes: Bool)
    /// PS3.5 table 6.2-1, CS: letters, digits, space and underscore, 16 at most; lower case occurs and is let through.
    case code
    /// One of a closed list, in capitals.
    case word(Set<String>)
    /// UIDs, names of makers and kernels, meanings of codes.
    case open

    init(of tag: DICOMTag) {
        if let words = Self.words[tag] {
            self = .word(words)
            return
        }
        switch DICOMDictionary.entry(for: tag)?.vr {
        case .CS: self = .code
        case .UI, .LO, .SH, .UC: self = .open
        case .DS, .IS, .SQ: self = .number(orBytes: false)
        // Look-up tables have several representations, and no single one in the dictionary.
        default: self = .number(orBytes: true)
        }
    }

    func admits(_ value: DICOMValue) -> Bool {
        switch (self, value) {
        case (.open, _), (_, .empty), (_, .signed), (_, .unsigned), (_, .reals), (_, .tags), (_, .items): true
        case (.number(let orBytes), .bytes): orBytes
        case (.code, .bytes), (.word, .bytes): false
        case (.number, .strings(let values)): values.allSatisfy { Self.isBlank($0) || DICOMText.decimal($0) != nil }
        case (.code, .strings(let values)): values.allSatisfy { Self.isCode($0) }
        case (.word(let words), .strings(let values)):
            values.allSatisfy { Self.isBlank($0) || words.contains(DICOMText.trimmed($0).uppercased()) }
        }
    }

    private static func isBlank(_ value: String) -> Bool { value.utf8.allSatisfy { DICOMText.isPadding($0) } }

    private static func isCode(_ value: String) -> Bool {
        value.utf8.count <= 16
            && value.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x20 || byte == 0x5F
            }
    }

    /// Enumerated values (PS3.3 C.7.1.1, C.7.3.1, C.7.6.1, C.12.1), and what is written in their place: words, the sexes
    /// of HL7 (table 0001) and German ones. A surname would pass as a code.
    private static let words: [DICOMTag: Set<String>] = {
        let answers: Set<String> = ["YES", "NO"]
        let sides: Set<String> = ["R", "L", "U", "B", "RIGHT", "LEFT", "UNPAIRED", "BOTH", "BILATERAL"]
        let sexes: Set<String> = ["M", "F", "O", "A", "N", "U", "W", "D", "X", "MALE", "FEMALE", "OTHER", "UNKNOWN"]
        return [
            .patientSex: sexes, .burnedInAnnotation: answers,
            // Patient Identity Removed; Laterality, Image Laterality, Frame Laterality.
            DICOMTag(0x0012, 0x0062): answers, DICOMTag(0x0020, 0x0060): sides, DICOMTag(0x0020, 0x0062): sides,
            DICOMTag(0x0020, 0x9072): sides,
        ]
    }()
}
