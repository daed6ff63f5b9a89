/// Why a table or a settings file cannot be read.
///
/// Names columns, records and lines, never the content of a cell, and no path: the caller knows which file it handed
/// in.
package struct TableError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs and for the quarantine table (its raw value).
    package enum Code: String, Sendable, CaseIterable {
        case unreadable
        /// No header where one is needed.
        case empty
        /// A zero byte: not text, or UTF-16 without its mark.
        case nulByte = "nul_byte"
        case unterminatedQuote = "unterminated_quote"
        case recordTooLong = "record_too_long"
        case missingColumn = "missing_column"
        /// UTF-16 that ends inside a character or has lone surrogates.
        case invalidEncoding = "invalid_encoding"
        case invalidDialect = "invalid_dialect"
        case notXML = "not_xml"
        case invalidYAML = "invalid_yaml"
        /// YAML that is well formed and does not say what the program needs.
        case unexpectedYAML = "unexpected_yaml"
    }

    package enum Subject: String, Sendable {
        case csv = "CSV table"
        case yaml = "YAML document"
        case xml = "XML document"
    }

    package let code: Code
    package let subject: Subject
    /// Half a sentence: what is wrong and, where someone can act, what to do.
    package let reason: String
    /// 1-based physical line, where one is known.
    package let line: Int?
    package let underlying: (any Error)?

    package init(code: Code, subject: Subject, reason: String, line: Int? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.line = line
        self.underlying = underlying
    }

    package var description: String {
        let place = line.map { " (line \($0))" } ?? ""
        return "The \(subject.rawValue) cannot be read: \(reason)\(place)."
    }
}

extension TableError {
    static func csv(_ code: Code, _ reason: String, line: Int? = nil) -> TableError {
        TableError(code: code, subject: .csv, reason: reason, line: line)
    }

    static func xml(_ reason: String, line: Int) -> TableError {
        TableError(code: .notXML, subject: .xml, reason: reason, line: line)
    }

    static func yaml(_ code: Code, _ reason: String, line: Int? = nil, underlying: (any Error)? = nil) -> TableError {
        TableError(code: code, subject: .yaml, reason: reason, line: line, underlying: underlying)
    }
}
