import SQLInterface
import Testing

@testable import BatchStream

@Suite("Errors of SQLite in a stream")
struct SQLiteStreamErrorTests {
    /// **Source** https://www.sqlite.org/rescode.html: SQLITE_READONLY is 8; RECOVERY 264, CANTLOCK 520, ROLLBACK 776,
    /// DBMOVED 1032, CANTINIT 1288.
    @Test(
        arguments: [
            (8, "the statement writes"), (264, "left its log unfinished"), (520, "left its log unfinished"),
            (776, "left its log unfinished"), (1032, "was moved"), (1288, "left its log unfinished"),
        ] as [(Int32, String)])
    func `only a statement that writes is told so`(code: Int32, words: String) {
        let error = SQLiteStreamError(
            resultCode: code, database: "w.sqlite", message: "attempt to write a readonly database")
        #expect(error.description.contains(words), "\(error)")
        #expect(error.description.contains("the statement writes") == (code == 8))
    }

    /// SQLITE_ERROR is 1; the words are those of SQLite's `attach.c`.
    @Test func `what would open another file is told so`() {
        let error = SQLiteStreamError(
            resultCode: 1, database: "w.sqlite", message: "too many attached databases - max 0")
        #expect(error.kind == .readOnly && error.description.contains("opens another file"), "\(error)")
    }
}
