/// A file `migrations/<engine>/NNNN_name.sql`.
package struct MigrationFile: Sendable, Hashable {
    package let version: Int
    /// What follows the number: `create_catalogue`.
    package let name: String
    package let sha256: String
    let path: String
    let text: String

    /// `0007_add_frame.sql`.
    package var fileName: String { Self.fileName(version: version, name: name) }

    static func fileName(version: Int, name: String) -> String {
        let number = String(version)
        return String(repeating: "0", count: max(0, 4 - number.count)) + number + "_\(name).sql"
    }

    /// The migrations of an engine in order.
    ///
    /// **Throws** `migrationMisnamed`, `migrationDuplicate`, `migrationMissing` (a gap in the numbers).
    static func all(in library: SQLLibrary, engine: WarehouseEngine) throws(WarehouseError) -> [MigrationFile] {
        let folder = "migrations/\(engine.rawValue)"
        var files: [MigrationFile] = []
        for path in library.paths(below: folder) {
            let fileName = String(path.dropFirst(folder.count + 1))
            guard let (version, name) = parse(fileName) else {
                throw WarehouseError(
                    code: .migrationMisnamed, subject: fileName,
                    reason: "a migration is named like 0007_add_frame.sql; rename the file")
            }
            files.append(
                MigrationFile(
                    version: version, name: name, sha256: library.sha256(path) ?? "", path: path,
                    text: library.text(path) ?? ""))
        }
        files.sort { ($0.version, $0.name) < ($1.version, $1.name) }
        for (index, file) in files.enumerated() {
            if index > 0, files[index - 1].version == file.version {
                throw WarehouseError(
                    code: .migrationDuplicate, subject: file.fileName,
                    reason: "\(files[index - 1].fileName) has the same number; give one of them the next free number")
            }
            guard file.version == index + 1 else {
                throw WarehouseError(
                    code: .migrationMissing, subject: fileName(version: index + 1, name: "…"),
                    reason: "there is no migration of this number before \(file.fileName); restore the file")
            }
        }
        return files
    }

    private static func parse(_ fileName: String) -> (version: Int, name: String)? {
        let bytes = Array(fileName.utf8)
        guard fileName.hasSuffix(".sql"), bytes.count > "0000_.sql".utf8.count, bytes[4] == UInt8(ascii: "_"),
            bytes[..<4].allSatisfy({ (0x30...0x39).contains($0) }), let version = Int(fileName.prefix(4)), version > 0
        else { return nil }
        let name = fileName.dropFirst(5).dropLast(4)
        let isPlain = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        return isPlain ? (version, String(name)) : nil
    }
}
