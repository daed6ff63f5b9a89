import Foundation
import Ingestion
import SQLInterface

/// Rows with the columns `folder` and `file` as the warehouse stores them, in which tokens become the names of files.
struct LocatedFiles {
    let rows: RowSet
    /// Rows whose file lies in the folder.
    let foundCount: Int

    /// - Parameter folder: the one that was ingested, one above it or one below it.
    init(_ rows: RowSet, in folder: String) throws {
        guard let root = rows.columns.firstIndex(of: "folder"), let file = rows.columns.firstIndex(of: "file") else {
            (self.rows, foundCount) = (rows, 0)
            return
        }
        func stored(_ row: [SQLValue]) -> FileLocator.StoredPath? {
            guard case .text(let folder) = row[root], case .text(let path) = row[file] else { return nil }
            return FileLocator.StoredPath(root: folder, path: path)
        }
        let locator = try FileLocator(
            folder: folder, lookingFor: rows.rows.compactMap(stored), environment: ProcessInfo.processInfo.environment)
        let names = rows.rows.map { row in stored(row).flatMap { locator.path(of: $0) } }
        foundCount = names.count { $0 != nil }
        self.rows = RowSet(
            columns: rows.columns,
            rows: zip(rows.rows, names).map { row, name in
                guard let name else { return row }
                var copy = row
                copy[root] = .text(folder)
                copy[file] = .text(name)
                return copy
            })
    }

    static let none =
        "None of these files lies in this folder, or the pseudonym key is another one than that of their run."
}
