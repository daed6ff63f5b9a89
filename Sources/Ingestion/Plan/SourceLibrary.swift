internal import Datasets
internal import Tables
internal import Warehouse

/// The sources of `etl/sources`, found where the SQL files are found: layouts that need no Swift.
package struct SourceLibrary: Sendable {
    private let folder: String

    package init(root: String) {
        folder = root + "/etl/sources"
    }

    /// All of them, in order of their file names.
    ///
    /// - Parameter vocabularies: Names of those that there are; tables may ask for no other.
    ///
    /// **Throws** `source` with what is wrong in which file and on which line.
    func sources(using vocabularies: [String]) throws -> [DeclaredSource] {
        try files().map { path, source in
            for asked in source.vocabulariesOfTables where !vocabularies.contains(asked.vocabulary) {
                throw IngestionError(
                    code: .source, subject: path,
                    reason: "its table \(asked.table) asks for the vocabulary \(asked.vocabulary), and there is no "
                        + "\(asked.vocabulary).yaml in etl/vocabularies; write that file, or name one of "
                        + vocabularies.joined(separator: ", "))
            }
            return source
        }
    }

    private func files() throws -> [(path: String, source: DeclaredSource)] {
        try YAMLFolder(folder).names.map { name in
            let path = "\(folder)/\(name).yaml"
            do {
                let source = try YAMLDocument.decode(DeclaredSource.self, from: try FileBytes.read(path))
                return (path: path, source: source)
            } catch let failure as FileBytes.Failure {
                throw IngestionError(code: .source, subject: path, reason: failure.reason)
            } catch {
                throw IngestionError(code: .source, subject: path, reason: "\(error)", underlying: error)
            }
        }
    }

    /// Names of the sources that can be read, for `--adapter`.
    package var sourceNames: [String] { ((try? files()) ?? []).map { $0.source.name } }
}
