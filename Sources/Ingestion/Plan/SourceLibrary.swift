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
    /// **Throws** `source` with what is wrong in which file and on which line.
    func sources() throws -> [DeclaredSource] {
        try YAMLFolder(folder).names.map { name in
            let path = "\(folder)/\(name).yaml"
            do {
                return try YAMLDocument.decode(DeclaredSource.self, from: try FileBytes.read(path))
            } catch let failure as FileBytes.Failure {
                throw IngestionError(code: .source, subject: path, reason: failure.reason)
            } catch {
                throw IngestionError(code: .source, subject: path, reason: "\(error)", underlying: error)
            }
        }
    }

    /// Names of the sources that can be read, for `--adapter`.
    package var sourceNames: [String] { ((try? sources()) ?? []).map(\.name) }
}
