package import Domains
internal import Glibc
internal import Tables
internal import Warehouse

/// The vocabularies of `etl/vocabularies`, found where the SQL files are found.
package struct VocabularyLibrary: Sendable {
    private let folder: String

    package init(root: String) {
        folder = root + "/etl/vocabularies"
    }

    /// Reads one vocabulary by the name of its file.
    ///
    /// **Throws** `vocabulary` with what is wrong in the file and on which line.
    package func vocabulary(named name: String) throws -> Vocabulary {
        let path = "\(folder)/\(name).yaml"
        do {
            let bytes = try FileBytes.read(path)
            return try YAMLDocument.decode(Vocabulary.self, from: bytes)
        } catch let failure as FileBytes.Failure {
            throw IngestionError(code: .vocabulary, subject: path, reason: failure.reason)
        } catch {
            throw IngestionError(code: .vocabulary, subject: path, reason: "\(error)", underlying: error)
        }
    }

    /// Reads every vocabulary with its rules.
    ///
    /// **Throws** `vocabulary` for the first that cannot be used.
    func check() throws {
        for name in names() {
            let vocabulary = try vocabulary(named: name)
            do {
                _ = try vocabulary.rulesets()
            } catch {
                throw IngestionError(
                    code: .vocabulary, subject: "\(folder)/\(name).yaml", reason: "\(error)", underlying: error)
            }
            _ = try HeaderRule.rules(of: vocabulary)
        }
    }

    /// Names of all vocabularies, sorted.
    package func names() -> [String] { YAMLFolder(folder).names }
}

/// A folder of settings that people write.
struct YAMLFolder {
    private let folder: String

    init(_ folder: String) {
        self.folder = folder
    }

    /// Names of its files without `.yaml`, sorted; none where there is no such folder.
    var names: [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let item = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &item.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasSuffix(".yaml") { names.append(String(name.dropLast(5))) }
        }
        return names.sorted()
    }
}
