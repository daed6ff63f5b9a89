/// A key that accepts any name, so that names nobody declared can be seen and refused.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A keyed container in which every key is one of `Keys`.
    ///
    /// A misspelt key in a vocabulary would silently switch a rule off, so an unknown one is an error that names it.
    ///
    /// **Throws** `DecodingError.dataCorrupted` with a sentence that lists the known keys.
    package func strictContainer<Keys: CodingKey & CaseIterable>(
        keyedBy type: Keys.Type
    ) throws -> KeyedDecodingContainer<Keys> {
        let known = Keys.allCases.map(\.stringValue)
        let present = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let unknown = present.filter { !known.contains($0) }.sorted()
        if let first = unknown.first {
            throw invalid("the key '\(first)' is unknown; the known keys are \(known.joined(separator: ", "))")
        }
        return try container(keyedBy: type)
    }

    package func invalid(_ sentence: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: sentence))
    }
}
