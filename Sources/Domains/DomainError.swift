/// Why a vocabulary cannot be used.
///
/// Only the authors of vocabularies meet this error: cleaning itself never throws, whatever the data holds. The text
/// names the vocabulary, the domain and the rule, and quotes what the vocabulary says; it never quotes a data value.
package struct DomainError: Error, Equatable, CustomStringConvertible {
    /// What kind of mistake it is, for programs.
    package enum Code: String, Sendable, Equatable {
        case unreadable = "vocabulary_unreadable"
        case invalidDomain = "domain_invalid"
        case invalidRule = "rule_invalid"
        case ambiguous = "vocabulary_ambiguous"
    }

    package let code: Code
    /// The vocabulary, and within it the domain and the rule, for example `ct-ich, domain age, rule 3 (number)`.
    package let subject: String
    package let reason: String
    /// The text of the error below this one, where there was one.
    package let underlying: String?

    package init(code: Code, subject: String, reason: String, underlying: String? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { "Vocabulary \(subject): \(reason)." }
}

extension DomainError {
    /// Turns what a decoder threw while it read the vocabulary file `source` into one sentence that names the place.
    package init(reading source: String, failure: any Error) {
        guard let failure = failure as? DecodingError else {
            self.init(
                code: .unreadable, subject: source, reason: "the file is not valid YAML; correct its syntax",
                underlying: "\(failure)")
            return
        }
        let (context, reason) = Self.explanation(of: failure)
        if context.codingPath.isEmpty, let failure = context.underlyingError, !(failure is DecodingError) {
            self.init(
                code: .unreadable, subject: source, reason: "the file is not valid YAML; correct its syntax",
                underlying: "\(failure)")
            return
        }
        let place = context.codingPath.pathDescription
        self.init(
            code: .unreadable, subject: source, reason: place.isEmpty ? reason : "at \(place), \(reason)",
            underlying: context.underlyingError.map { "\($0)" })
    }

    private static func explanation(of failure: DecodingError) -> (DecodingError.Context, String) {
        switch failure {
        case .keyNotFound(let key, let context): (context, "the key '\(key.stringValue)' is missing")
        case .valueNotFound(_, let context): (context, "a value is missing")
        case .typeMismatch(let type, let context): (context, "a value of the kind \(type) is expected")
        case .dataCorrupted(let context): (context, context.debugDescription)
        @unknown default: (.init(codingPath: [], debugDescription: ""), "the file cannot be decoded")
        }
    }
}

extension [any CodingKey] {
    /// The path as an author reads it: `domains[3].rules[1]`, indices from 0.
    fileprivate var pathDescription: String {
        var path = ""
        for key in self {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return path
    }
}
