internal import Yams

/// Decodes one YAML document into a `Decodable` value and says on which line it went wrong.
package enum YAMLDocument {
    /// Settings and vocabularies are written by people: more than this is a mistake.
    package static let maximumByteCount = 16 << 20

    /// **Throws** `invalidYAML` (not YAML), `unexpectedYAML` (a key is missing or of the wrong kind: names its path).
    package static func decode<T: Decodable>(_ type: T.Type, from text: String) throws(TableError) -> T {
        guard text.utf8.count <= maximumByteCount else {
            throw .yaml(.invalidYAML, "it exceeds \(maximumByteCount) bytes")
        }
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw malformed(error)
        }
        guard let root else { throw .yaml(.unexpectedYAML, "it is empty") }
        do {
            return try YAMLDecoder().decode(type, from: root)
        } catch let error as DecodingError {
            throw unexpected(error, in: root)
        } catch {
            throw malformed(error)
        }
    }

    /// **Throws** as above; `invalidYAML` for bytes that are not UTF-8.
    package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws(TableError) -> T {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .yaml(.invalidYAML, "it is not UTF-8")
        }
        return try decode(type, from: text)
    }

    private static func malformed(_ error: any Error) -> TableError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .yaml(.invalidYAML, problem, line: mark.line, underlying: error)
        case .duplicatedKeysInMapping(_, let context):
            .yaml(.invalidYAML, "a key occurs twice in one mapping", line: context.mark.line, underlying: error)
        default:
            .yaml(.invalidYAML, "the YAML parser refused it", underlying: error)
        }
    }

    private static func unexpected(_ error: DecodingError, in root: Node) -> TableError {
        let path: [any CodingKey]
        let problem: String
        switch error {
        case .keyNotFound(let key, let context):
            (path, problem) = (context.codingPath, "the key \"\(key.stringValue)\" is missing")
        case .valueNotFound(let type, let context):
            (path, problem) = (context.codingPath, "a value of type \(type) is missing")
        case .typeMismatch(let type, let context):
            (path, problem) = (context.codingPath, "a value is not of type \(type)")
        case .dataCorrupted(let context):
            (path, problem) = (context.codingPath, Self.plain(context.debugDescription))
        @unknown default:
            (path, problem) = ([], "a value has the wrong form")
        }
        let place = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        let reason = place.isEmpty ? problem : "\(problem) at \(place)"
        return .yaml(.unexpectedYAML, reason, line: node(at: path, in: root).mark?.line, underlying: error)
    }

    /// Swift words a choice that does not exist as "Cannot initialize Level from invalid String value nonsense".
    private static func plain(_ description: String) -> String {
        let parts = description.split(separator: " from invalid String value ", maxSplits: 1)
        guard parts.count == 2, parts[0].hasPrefix("Cannot initialize ") else { return description }
        return "\"\(parts[1])\" is not one of the words that may stand there"
    }

    /// The deepest node of the path that exists.
    private static func node(at path: [any CodingKey], in root: Node) -> Node {
        var node = root
        for key in path {
            guard let child = child(of: node, at: key) else { return node }
            node = child
        }
        return node
    }

    private static func child(of node: Node, at key: any CodingKey) -> Node? {
        guard let index = key.intValue else { return node.mapping?[Node(key.stringValue)] }
        guard let sequence = node.sequence, sequence.indices.contains(index) else { return nil }
        return sequence[index]
    }
}
