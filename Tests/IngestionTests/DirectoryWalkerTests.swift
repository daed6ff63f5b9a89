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

    @Test func `a folder that is not there is an error that names it`() {
        #expect {
            try DirectoryWalker(root: "/no/such/folder")
        } throws: { error in
            (error as? IngestionError)?.code == .notFound && "\(error)".contains("/no/such/folder")
        }
    }
}
