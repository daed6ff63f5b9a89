import Foundation
import Testing

@testable import Ingestion

@Suite("DirectoryWalker")
struct DirectoryWalkerTests {
    private func folder(_ files: [String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory.appending(path: "walker-\(UUID().uuidString)")
        for file in files {
            let url = root.appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data([1, 2, 3]).write(to: url)
        }
        return root
    }

    private func files(_ root: URL) throws -> [String] {
        var walker = try DirectoryWalker(root: root.path)
        var found: [String] = []
        while let entry = walker.next() {
            if case .file = entry.kind { found.append(entry.relativePath) }
        }
        return found
    }

    /// `LC_ALL=C sort` puts `a-b` before `a/x` and `a.txt` before `a/x`, since "-" and "." come before "/".
    @Test func `files come in byte order of the whole path`() throws {
        let names = ["a/x", "a-b", "a.txt", "a/b/c", "B", "ab/y", "é"]
        let root = try folder(names)
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try files(root) == ["B", "a-b", "a.txt", "a/b/c", "a/x", "ab/y", "é"])
    }

    @Test func `a link to a file is a file, a link to a folder is named and not followed`() throws {
        let root = try folder(["real/x"])
        defer { try? FileManager.default.removeItem(at: root) }
        let manager = FileManager.default
        try manager.createSymbolicLink(
            at: root.appending(path: "file-link"), withDestinationURL: root.appending(path: "real/x"))
        try manager.createSymbolicLink(at: root.appending(path: "ring"), withDestinationURL: root)
        try manager.createSymbolicLink(atPath: root.appending(path: "broken").path, withDestinationPath: "nowhere")
        #expect(try files(root) == ["file-link", "real/x"])
        var walker = try DirectoryWalker(root: root.path)
        var codes: [String: String] = [:]
        while let entry = walker.next() {
            if case .unusable(let code, _) = entry.kind { codes[entry.relativePath] = code }
        }
        #expect(codes == ["ring": "linked_folder", "broken": "broken_link"])
    }

    @Test func `a folder that is marked is one entry, and its neighbours are listed`() throws {
        let root = try folder(["a/.slicehouse-ignore", "a/b/x", "a/y", "c/z"])
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try files(root) == ["c/z"])
        #expect(try codes(root) == ["a": "marked_folder"])
        let own = try folder([".slicehouse-ignore", "x"])
        defer { try? FileManager.default.removeItem(at: own) }
        #expect(try files(own) == [])
        #expect(try codes(own) == [".slicehouse-ignore": "marked_folder"])
        let other = try folder([".slicehouse-ignore/x", "y"])
        defer { try? FileManager.default.removeItem(at: other) }
        #expect(try files(other) == [".slicehouse-ignore/x", "y"])
    }

    @Test func `a name that is not there is no entry, and a broken link is one`() throws {
        let root = try folder(["a/x"])
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createSymbolicLink(
            atPath: root.appending(path: "broken").path, withDestinationPath: "nowhere")
        #expect(DirectoryWalker.entry(named: "y", in: root.path) == nil)
        #expect(DirectoryWalker.entry(named: "x", in: root.path + "/b") == nil)
        #expect(DirectoryWalker.entry(named: "y", in: root.path + "/a/x") == nil)
        guard case .file? = DirectoryWalker.entry(named: "x", in: root.path + "/a")?.kind else {
            Issue.record("a file is an entry")
            return
        }
        guard case .unusable("broken_link", _)? = DirectoryWalker.entry(named: "broken", in: root.path)?.kind else {
            Issue.record("a broken link is an entry")
            return
        }
    }

    private func codes(_ root: URL) throws -> [String: String] {
        var walker = try DirectoryWalker(root: root.path)
        var codes: [String: String] = [:]
        while let entry = walker.next() {
            if case .unusable(let code, _) = entry.kind { codes[entry.relativePath] = code }
        }
        return codes
    }

    private func make(_ name: [UInt8], in root: URL) {
        let path = (Array((root.path + "/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let descriptor = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
    }

    /// M\xFCller is Latin-1; the escaped form of the one is the real name of the other.
    @Test func `names that are not UTF-8 are named apart from each other and from real ones`() throws {
        let root = try folder(["a\\xFF.dcm", "ok"])
        defer { try? FileManager.default.removeItem(at: root) }
        make(Array("M".utf8) + [0xFC] + Array("ller.dcm".utf8), in: root)
        make([0x61, 0xFF] + Array(".dcm".utf8), in: root)
        make([0x61, 0xFE] + Array(".dcm".utf8), in: root)
        #expect(
            try codes(root) == [
                "M\\xFCller.dcm": "name_not_utf8", "a\\xFF.dcm~": "name_not_utf8", "a\\xFE.dcm": "name_not_utf8",
            ])
        #expect(try files(root) == ["a\\xFF.dcm", "ok"])
    }

    /// é as one scalar and as two: other bytes, equal strings.
    @Test func `of two names that read alike one is refused`() throws {
        let root = try folder(["ok"])
        defer { try? FileManager.default.removeItem(at: root) }
        make([0xC3, 0xA9], in: root)
        make([0x65, 0xCC, 0x81], in: root)
        #expect(try codes(root) == ["\\xC3\\xA9": "name_not_unique"])
        #expect(try files(root).count == 2)
    }

    @Test(arguments: [(10_413_792_000, Int64.max), (-10_000_000_000, Int64.min), (5, 5_000_000_000)])
    func `a time beyond 64 bits of nanoseconds is the nearest that they hold`(
        seconds: Int, expected: Int64
    ) throws {
        var status = stat()
        status.st_mtim.tv_sec = seconds
        #expect(FileStatus(status).modifiedNanoseconds == expected)
    }

    @Test func `a folder that is not there is an error that names it`() {
        #expect {
            try DirectoryWalker(root: "/no/such/folder")
        } throws: { error in
            (error as? IngestionError)?.code == .notFound && "\(error)".contains("/no/such/folder")
        }
    }
}
