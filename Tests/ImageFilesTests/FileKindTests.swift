import ImageFiles
import Testing

@Suite struct FileKindTests {
    @Test func `images are known by their signatures`() throws {
        #expect(FileKind(prefix: [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)) == .dicom)
        #expect(FileKind(prefix: JPEGFixture.grey) == .jpeg)
        #expect(FileKind(prefix: PNGFixture.adam7) == .png)
        #expect(FileKind(prefix: NIfTIFixture.sform4D) == .nifti1)
        #expect(FileKind(prefix: NIfTIFixture.nifti2Base) == .nifti2)
        #expect(FileKind(prefix: try GzipInflate.inflate(NIfTIFixture.bigEndianQform)) == .nifti1)
        #expect(FileKind(prefix: Array("ObjectType = Image\nNDims = 3\n".utf8)) == .metaImage)
        #expect(FileKind(prefix: Array("NDims=3\r\n".utf8)) == .metaImage)
        // An `.mha`: voxels behind the header.
        #expect(FileKind(prefix: Array("NDims = 2\nElementDataFile = LOCAL\n".utf8) + [0, 0xFF, 1]) == .metaImage)
    }

    @Test func `containers and text are told apart`() {
        #expect(FileKind(prefix: GzipFixture.twoMembers) == .gzip)
        #expect(FileKind(prefix: [0x50, 0x4B, 3, 4, 20]) == .zip)
        #expect(FileKind(prefix: Array("\u{FEFF}<?xml version=\"1.0\"?>".utf8)) == .xml)
        #expect(FileKind(prefix: Array("\u{FEFF}PatientNumber,SliceNumber\r\n49,1\r\n".utf8)) == .text)
        #expect(FileKind(prefix: [0xFF, 0xFE, 0x41, 0, 0x2C, 0]) == .text)
        #expect(FileKind(prefix: Array("ObjectTypeX".utf8)) == .text)
    }

    @Test func `nothing and rubbish are named so`() {
        #expect(FileKind(prefix: []) == .empty)
        #expect(FileKind(prefix: [0, 1, 2, 3, 4]) == .unknown)
        #expect(FileKind(prefix: [UInt8](repeating: 0, count: 4_096)) == .unknown)
        #expect(FileKind(prefix: [0x1F, 0x8B, 8, 0]) == .gzip)
    }

    /// A header of the right size without the magic is ANALYZE 7.5, which states no orientation.
    @Test func `a size of 348 alone makes no NIfTI`() {
        #expect(FileKind(prefix: [0x5C, 1, 0, 0] + [UInt8](repeating: 0, count: 344)) == .unknown)
    }
}
