import Crypto
import Foundation
import Testing

@testable import Ingestion

@Suite("FileBytes")
struct FileBytesTests {
    private func file(_ bytes: [UInt8], size: Int? = nil) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "bytes-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        if let size { #expect(unsafe truncate(url.path, off_t(size)) == 0) }
        return url
    }

    @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 7])
    func `the digest in pieces is the digest of the whole`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let url = try file(bytes)
        defer { try? FileManager.default.removeItem(at: url) }
        #expect(try FileBytes.digest(url.path) == Array(SHA256.hash(data: bytes)))
    }

    @Test func `a file that memory cannot hold is refused by name and its head can be read`() throws {
        let url = try file([1, 2, 3], size: FileBytes.wholeByteLimit + 1)
        defer { try? FileManager.default.removeItem(at: url) }
        let digest = #expect(throws: FileBytes.Failure.self) { _ = try FileBytes.digest(url.path) }
        #expect(digest?.code == "too_large")
        let whole = #expect(throws: FileBytes.Failure.self) { _ = try FileBytes.read(url.path) }
        #expect(whole?.code == "too_large")
        #expect(try FileBytes.read(url.path, limit: 3) == [1, 2, 3])
    }
}
