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
}
