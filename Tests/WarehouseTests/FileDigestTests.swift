import Testing
import Warehouse

@Suite struct FileDigestTests {
    /// FIPS 180-2, appendix B.1.
    @Test func `the digest of abc is the standard's`() throws {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(FileDigest.hex(FileDigest.sha256(Array("abc".utf8))) == expected)
        let folder = try TemporaryFolder()
        try folder.write("abc", to: "file")
        #expect(FileDigest.hex(try FileDigest.sha256(ofFile: folder.path + "/file")) == expected)
    }

    @Test func `a file longer than one piece has the digest of its bytes`() throws {
        let text = String(repeating: "0123456789", count: 300_000)
        let folder = try TemporaryFolder()
        try folder.write(text, to: "file")
        #expect(try FileDigest.sha256(ofFile: folder.path + "/file") == FileDigest.sha256(Array(text.utf8)))
    }

    @Test func `an unreadable file is named by its last component`() {
        let error = #expect(throws: WarehouseError.self) { try FileDigest.sha256(ofFile: "/nowhere/DOE/x.dcm") }
        #expect(error?.code == .fileUnreadable)
        #expect(error?.subject == "x.dcm")
        #expect(error?.description.contains("DOE") == false)
    }
}
