internal import Foundation
internal import SQLInterface
internal import Warehouse

/// A query that a user wrote to choose patients or samples.
///
/// It is read inside `SELECT … FROM (query) AS chosen`, so it can only read, and is stored with what it chose.
package struct UserQuery: Sendable, Hashable {
    /// As the user wrote it.
    package let text: String

    package init(_ text: String) { self.text = text }

    /// **Throws** `inputOutput`, naming the file.
    package init(file path: String) throws(TrainingError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw TrainingError(.inputOutput, path, "the file of the query cannot be read; check the path")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TrainingError(.badOption, path, "the file holds no query in UTF-8")
        }
        do throws(TypedStatement.Problem) { _ = try TypedStatement(text) } catch {
            throw TrainingError(.badOption, path, error.reason)
        }
        self.text = text
    }

    /// The query as a table expression, without the semicolons around it.
    var expression: SQL {
        let isAround: (SQLTokens.Token) -> Bool = { $0.isSpaceOrComment || $0.kind == .symbol(UInt8(ascii: ";")) }
        var tokens = Array(SQLTokens(text)).drop(while: isAround)
        while let last = tokens.last, isAround(last) { tokens.removeLast() }
        return SQL(raw: "(\n" + tokens.map(\.text).joined() + "\n)")
    }

    /// The names of the query's columns.
    ///
    /// **Throws** `badOption` for a statement that is no query, with what the database says of it.
    func columns(on connection: any WarehouseConnection) async throws -> [String] {
        do {
            return try await connection.rows("SELECT * FROM \(sql: expression) AS chosen LIMIT 0").columns
        } catch let failure as any DatabaseFailure {
            switch failure.kind {
            case .undefinedName, .syntax, .invalidData, .misuse, .other:
                throw TrainingError(.badOption, "--query", "the database does not take it: \(failure)")
            default: throw failure
            }
        }
    }
}
