import Datasets
import Foundation
import Testing

@testable import Ingestion

@Suite("FolderReader")
struct FolderReaderTests {
    /// The scan saw a megabyte; what is left ends inside the file meta information.
    @Test(.timeLimit(.minutes(1)))
    func `a file that became shorter after the scan is refused, not read for ever`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let meta: [UInt8] = [2, 0, 0, 0, 0x55, 0x4C, 4, 0, 0xFF, 0xFF, 0, 0, 2, 0, 2, 0, 0x55, 0x49, 26, 0]
        let bytes = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta
        try Data(bytes).write(to: folder.appending(path: "a.dcm"))
        let plan = try await RunPlan(root: folder.path)
        let reader = FolderReader(
            plan: plan, settings: try IngestOptions(paths: ["."]).resolve(coreCount: 1), pseudonymizer: nil)
        let entry = RunPlan.PlannedEntry(
            file: SourceFile(number: 1, relativePath: "a.dcm"),
            status: FileStatus(sizeBytes: 1 << 20, modifiedNanoseconds: 0, changedNanoseconds: 0), isKnown: false)
        let verdict = reader.read(entry)
        await plan.remove()
        guard case .rejected(let rejection) = verdict else {
            Issue.record("not rejected: \(verdict)")
            return
        }
        #expect(rejection.code.hasPrefix("truncated"))
    }

    private static func verdict(_ bytes: [UInt8], named name: String) async throws -> FolderReader.Verdict {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(bytes).write(to: folder.appending(path: name))
        let plan = try await RunPlan(root: folder.path)
        let reader = FolderReader(
            plan: plan, settings: try IngestOptions(paths: ["."]).resolve(coreCount: 1), pseudonymizer: nil)
        let verdict = reader.read(
            RunPlan.PlannedEntry(
                file: SourceFile(number: 1, relativePath: name),
                status: FileStatus(sizeBytes: Int64(bytes.count), modifiedNanoseconds: 0, changedNanoseconds: 0),
                isKnown: false))
        await plan.remove()
        return verdict
    }

    @Test(
        arguments: [
            ("1.dcm", "DICOM but zeros"), ("1.DICOM", "DICOM but zeros"), ("1.png", "PNG but zeros"),
            ("1.jpg", "JPEG but zeros"), ("1.b.JPEG", "JPEG but zeros"), ("1.mhd", "MetaImage but zeros"),
            ("1.mha", "MetaImage but zeros"),
        ])
    func `zeros under the name of an image are refused as not what they are called`(
        name: String, said: String
    ) async throws {
        let verdict = try await Self.verdict([UInt8](repeating: 0, count: 4_096), named: name)
        guard case .rejected(let rejection) = verdict else {
            Issue.record("not rejected: \(verdict)")
            return
        }
        #expect(rejection.code == "not_as_named")
        #expect(rejection.sentence.contains("its bytes are not \(said); fetch it again"), "\(rejection.sentence)")
    }

    @Test(arguments: ["._1.dcm", "._1.nii", "Thumbs.db", "1", ".dcm", "1.2.840.113619"])
    func `zeros under a name that promises no image are passed by`(name: String) async throws {
        let verdict = try await Self.verdict([UInt8](repeating: 0, count: 4_096), named: name)
        guard case .ignored(let reason) = verdict else {
            Issue.record("not ignored: \(verdict)")
            return
        }
        #expect(reason == "not an image")
    }

    /// What an image is, its bytes say: browsers and scripts give other names.
    @Test func `a PNG that is called a JPEG or DICOM is an image`() async throws {
        for name in ["1.jpg", "1.dcm", "1"] {
            let verdict = try await Self.verdict([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], named: name)
            guard case .instance(let instance) = verdict else {
                Issue.record("no image: \(verdict)")
                continue
            }
            #expect(instance.reader == .png)
        }
    }
}
