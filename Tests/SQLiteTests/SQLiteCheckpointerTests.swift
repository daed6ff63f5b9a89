import Foundation
import SQLInterface
import SQLite
import Testing

/// The log is folded into the file while the writer goes on, and nothing of it is lost.
@Suite struct SQLiteCheckpointerTests {
    private let folder: TemporaryFolder
    private let options: SQLiteOptions

    init() throws {
        folder = try TemporaryFolder()
        options = SQLiteOptions(path: folder.file("w.sqlite"), access: .write(create: true))
    }

    private func size(_ suffix: String = "") -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: options.path + suffix)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// One transaction of 40 blobs of 1 MiB.
    private func load(_ number: Int64, into session: SQLiteSession) throws {
        let blob = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 << 20)
        try session.begin(.write)
        try session.load(
            table: "t", columns: ["i", "b"], rows: (0..<40).map { [.integer(number * 40 + $0), .blob(blob)] })
        try session.commit()
    }

    @Test func `the log neither waits for the end nor grows with what is written`() throws {
        let session = try SQLiteSession(options: options)
        try session.executeScript("CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB) STRICT")
        for number in 0..<14 { try load(Int64(number), into: session) }
        // 560 MiB were written; the log begins anew at 256 MiB.
        #expect(size("-wal") < 340 << 20)
        #expect(size() > 200 << 20)
        try session.close()
        #expect(size("-wal") == 0)
        let reader = try SQLiteSession(options: SQLiteOptions(path: options.path, access: .read))
        #expect(try reader.rows("SELECT count(*) FROM t").scalar == 560)
        #expect(try reader.rows("SELECT count(*) FROM t WHERE length(b) = 1048576").scalar == 560)
        #expect(try reader.rows("PRAGMA integrity_check").scalar == "ok")
    }

    @Test func `a small log stays until the file is closed`() throws {
        let session = try SQLiteSession(options: options)
        try session.executeScript("CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB) STRICT")
        #expect(size("-wal") > 0)
        try session.close()
        #expect(size("-wal") == 0)
        #expect(size() > 0)
    }
}
