import Catalogue
import Foundation
import TestSupport
import Testing

/// Folders that appear under their name when they are whole: exports, bakes, results of denoising.
@Suite("Folders that appear whole")
struct AtomicFolderTests {
    private let home: TemporaryFolder

    init() throws { home = try TemporaryFolder() }

    private func write(_ text: String, to name: String = "a.txt", of folder: AtomicFolder) throws {
        try Data(text.utf8).write(to: URL(filePath: folder.contents + "/" + name))
    }

    private func text(_ name: String) throws -> String { String(decoding: try home.read(name), as: UTF8.self) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
    }

    @Test(arguments: [true, false])
    func `a folder takes the place of another, and nothing beside it is touched`(exchanges: Bool) throws {
        try home.write("old", to: "x/a.txt")
        for name in ["x.partial", "x.earlier", "x.new", ".x.slicehouse-notes"] {
            try home.write("mine", to: name + "/mine.txt")
        }
        let before = try names()
        let folder = try AtomicFolder(home.path("x/"))
        try write("new", of: folder)
        #expect(try text("x/a.txt") == "old")
        let kept = try folder.finish(exchanges: exchanges) { _ in true }
        #expect(kept == [])
        #expect(try names() == before)
        #expect(try text("x/a.txt") == "new")
        #expect(home.files(below: "x.partial") == ["x.partial/mine.txt"])
    }

    @Test(arguments: [true, false])
    func `of two that are made at once both are whole, and the last one stands`(exchanges: Bool) throws {
        let (first, second) = (try AtomicFolder(home.path("x")), try AtomicFolder(home.path("x")))
        try write("second", of: second)
        try write("first", of: first)
        try write("more", to: "b.txt", of: first)
        _ = try second.finish(exchanges: exchanges) { _ in true }
        #expect(try names().contains("x"))
        #expect(try text("x/a.txt") == "second")
        _ = try first.finish(exchanges: exchanges) { _ in true }
        #expect(try names() == ["x"])
        #expect(try text("x/a.txt") == "first")
        #expect(home.files(below: "x") == ["x/a.txt", "x/b.txt"])
    }

    @Test(arguments: [true, false])
    func `what stood there and may not go is kept beside it`(exchanges: Bool) throws {
        try home.write("zero", to: "x/a.txt")
        for (text, name) in [("one", "x.earlier"), ("two", "x.earlier-2")] {
            let folder = try AtomicFolder(home.path("x"))
            try write(text, of: folder)
            let kept = try folder.finish(exchanges: exchanges) { _ in false }
            #expect(kept == [home.path(name)])
        }
        #expect(try names() == ["x", "x.earlier", "x.earlier-2"])
        #expect(try text("x/a.txt") == "two")
        #expect(try text("x.earlier/a.txt") == "zero")
        #expect(try text("x.earlier-2/a.txt") == "one")
    }

    @Test func `one that is not finished leaves nothing`() throws {
        func begin() throws {
            let folder = try AtomicFolder(home.path("x"))
            try write("half", of: folder)
        }
        try begin()
        #expect(try names() == [])
    }

    @Test func `what a killed run left is removed, and what goes on or is of somebody stays`() throws {
        let running = try AtomicFolder(home.path("x"))
        try write("running", of: running)
        // As a run leaves them: the lock is not held any more. Without one, nobody knows.
        for name in [".x.slicehouse-1-a0", ".x.slicehouse-2-b1", ".xy.slicehouse-3-c2"] {
            try home.write("half", to: name + "/new/a.txt")
            try home.write("mark", to: name + "/.slicehouse-ignore")
        }
        for name in [".x.slicehouse-1-a0", ".xy.slicehouse-3-c2"] { try home.write("", to: name + "/.slicehouse-lock") }
        let other = try AtomicFolder(home.path("x"))
        #expect(try !names().contains(".x.slicehouse-1-a0"))
        try write("other", of: other)
        _ = try other.finish { _ in true }
        #expect(try text("x/a.txt") == "other")
        _ = try running.finish { _ in true }
        #expect(try names() == [".x.slicehouse-2-b1", ".xy.slicehouse-3-c2", "x"])
        #expect(try text("x/a.txt") == "running")
    }

    /// `/proc` is mounted wherever Linux runs.
    @Test(arguments: ["", ".", "./", "..", "/", "a/.", "a/..", "/proc", "/proc/"])
    func `a name that no folder can take is refused before any work`(path: String) {
        #expect { try AtomicFolder.check(path) } throws: { ($0 as? AtomicFolder.Problem)?.isOfPath == true }
    }

    /// A name may have 255 bytes; the system refuses this one only when the folder is to take it.
    @Test func `a folder that cannot take its name is kept, and the reason says where`() throws {
        func finish() throws -> String {
            let folder = try AtomicFolder(home.path(String(repeating: "x", count: 300)))
            try write("whole", of: folder)
            do {
                _ = try folder.finish { _ in true }
                Issue.record("the name was taken")
            } catch {
                #expect(!error.isOfPath && error.reason.contains("kept as \(folder.contents)"), "\(error.reason)")
            }
            return folder.contents
        }
        let contents = try finish()
        #expect(FileManager.default.contents(atPath: contents + "/a.txt") == Data("whole".utf8))
        // Nor does another run take it for left behind.
        _ = try AtomicFolder(home.path(String(repeating: "x", count: 300)))
        #expect(FileManager.default.contents(atPath: contents + "/a.txt") == Data("whole".utf8))
    }
}
