import CanonicalJSON
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct ExportFolderTests {
    private let home: TemporaryFolder

    init() throws { home = try TemporaryFolder() }

    private static let manifest: [String: JSONValue] = ["format": .string(TrainingSetExport.manifestFormat)]

    private func begin(_ text: String) throws -> ExportFolder {
        let folder = try ExportFolder(home.path("e"))
        try folder.write(Array(text.utf8), to: "all/a.txt")
        return folder
    }

    private func text(_ name: String) throws -> String { String(decoding: try home.read(name), as: UTF8.self) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
    }

    @Test func `an export takes the place of an earlier one, which goes`() throws {
        for text in ["one", "two"] { #expect(try begin(text).finish(Self.manifest) == []) }
        #expect(try names() == ["e"])
        #expect(try text("e/all/a.txt") == "two")
    }

    @Test func `files that come into an export while it is written anew are kept with it`() throws {
        #expect(try begin("one").finish(Self.manifest) == [])
        let folder = try begin("two")
        try home.write("mine", to: "e/all/notes.txt")
        let kept = try folder.finish(Self.manifest)
        #expect(kept == [home.path("e.earlier")])
        #expect(try names() == ["e", "e.earlier"])
        #expect(try text("e/all/a.txt") == "two")
        #expect(try text("e.earlier/all/notes.txt") == "mine")
        #expect(try text("e.earlier/all/a.txt") == "one")
    }

    @Test func `a folder of somebody that takes the name meanwhile is kept`() throws {
        let folder = try begin("one")
        try home.write("mine", to: "e/mine.txt")
        let kept = try folder.finish(Self.manifest)
        #expect(kept == [home.path("e.earlier")])
        #expect(try text("e.earlier/mine.txt") == "mine")
        #expect(try text("e/all/a.txt") == "one")
    }

    @Test func `an export touches no folder of another name, whether it is made or refused`() throws {
        try home.write("mine", to: "e.partial/mine.txt")
        try home.write("mine", to: "e.earlier/mine.txt")
        #expect(try begin("one").finish(Self.manifest) == [])
        try home.write("mine", to: "e/mine.txt")
        let before = home.files()
        #expect { try begin("two") } throws: { ($0 as? TrainingError)?.code == .exists }
        #expect(home.files() == before)
        #expect(before.contains("e.partial/mine.txt") && before.contains("e.earlier/mine.txt"))
    }

    @Test(arguments: [".", "e/..", "/proc"])
    func `a name that no folder can take is refused with a sentence`(path: String) {
        #expect { try ExportFolder(path) } throws: { error in
            guard let error = error as? TrainingError else { return false }
            return error.code == .badOption && error.description.contains("cannot be replaced")
        }
    }
}
