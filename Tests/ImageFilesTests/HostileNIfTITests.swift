import ImageFiles
import Testing

/// Headers that lie, files that end: each has a code, none crashes, none allocates what it claims.
@Suite struct HostileNIfTITests {
    private let good: [UInt8]

    init() throws {
        good = try GzipInflate.inflate(NIfTIFixture.sform4D)
    }

    /// A change of bytes at an offset of the NIfTI-1 header and the code that must come of it.
    struct Lie: CustomTestStringConvertible {
        let testDescription: String
        let offset: Int
        let bytes: [UInt8]
        let code: ImageFileError.Code
    }

    static let lies = [
        Lie(
            testDescription: "seven sides of 32767", offset: 40,
            bytes: [7, 0] + Array(repeatElement([0xFF, 0x7F] as [UInt8], count: 7).joined()), code: .hostileHeader),
        Lie(
            testDescription: "three sides of 32767", offset: 40,
            bytes: [3, 0, 0xFF, 0x7F, 0xFF, 0x7F, 0xFF, 0x7F], code: .truncated),
        Lie(testDescription: "no dimensions", offset: 40, bytes: [0, 0], code: .hostileHeader),
        Lie(testDescription: "eight dimensions", offset: 40, bytes: [8, 0], code: .hostileHeader),
        Lie(testDescription: "a negative side", offset: 44, bytes: [0xFF, 0xFF], code: .hostileHeader),
        Lie(testDescription: "an empty side", offset: 46, bytes: [0, 0], code: .hostileHeader),
        Lie(testDescription: "voxels behind the end", offset: 108, bytes: [0, 0, 0x80, 0x49], code: .hostileHeader),
        Lie(testDescription: "voxels inside the header", offset: 108, bytes: [0, 0, 0x80, 0x43], code: .hostileHeader),
        Lie(testDescription: "voxels at NaN", offset: 108, bytes: [0, 0, 0xC0, 0x7F], code: .hostileHeader),
        Lie(testDescription: "voxels at -1e30", offset: 108, bytes: [0xCA, 0xF2, 0x49, 0xF1], code: .hostileHeader),
        Lie(testDescription: "complex voxels", offset: 70, bytes: [32, 0], code: .unsupportedDatatype),
        Lie(testDescription: "64-bit voxels", offset: 70, bytes: [0, 4], code: .unsupportedDatatype),
        Lie(testDescription: "voxels of no type", offset: 70, bytes: [0x39, 0x30], code: .unsupportedDatatype),
        Lie(testDescription: "an infinite intercept", offset: 116, bytes: [0, 0, 0x80, 0x7F], code: .invalidScaling),
        Lie(testDescription: "an sform with NaN", offset: 280, bytes: [0, 0, 0xC0, 0x7F], code: .invalidGeometry),
        Lie(testDescription: "another magic", offset: 344, bytes: [0x6E, 0x2B, 0x39, 0], code: .notANIfTI),
        Lie(testDescription: "another header size", offset: 0, bytes: [1, 0, 0, 0], code: .notANIfTI),
    ]

    @Test(arguments: lies) func `a header that lies is refused by name`(_ lie: Lie) {
        var bytes = good
        bytes.replaceSubrange(lie.offset..<lie.offset + lie.bytes.count, with: lie.bytes)
        #expect(codeOf { try NIfTIFile(bytes: bytes) } == lie.code)
    }

    @Test func `a negative spacing counts only where the affine is made of it`() throws {
        var bytes = good
        bytes.replaceSubrange(84..<88, with: [0, 0, 0x80, 0xBF])
        #expect(try NIfTIFile(bytes: bytes).affine.form == .sform)
        bytes[254] = 0
        #expect(codeOf { try NIfTIFile(bytes: bytes) } == .invalidGeometry)
        bytes[252] = 0
        #expect(codeOf { try NIfTIFile(bytes: bytes) } == .invalidGeometry)
    }

    @Test func `a quaternion longer than one is refused`() {
        var bytes = good
        bytes[254] = 0
        bytes.replaceSubrange(256..<260, with: [0, 0, 0x80, 0x3F])
        bytes.replaceSubrange(260..<264, with: [0, 0, 0x80, 0x3F])
        #expect(codeOf { try NIfTIFile(bytes: bytes) } == .invalidGeometry)
    }

    @Test(arguments: [0, 1, 3, 4, 100, 347, 348, 351, 352, 447]) func `a file that ends early says where`(
        _ count: Int
    ) {
        let error = errorOf { try NIfTIFile(bytes: Array(good.prefix(count))) }
        #expect(error?.code == (1..<4 ~= count ? .notANIfTI : .truncated))
        #expect(error?.byteOffset == count)
    }

    @Test func `a compressed file that claims more than it can hold is refused before inflating`() throws {
        var bytes = good
        bytes.replaceSubrange(40..<48, with: [3, 0, 0xFF, 0x7F, 0xFF, 0x7F, 3, 0])
        let compressed = try GzipSample.stored(bytes)
        #expect(codeOf { try NIfTIFile(bytes: compressed) } == .tooLarge)
        bytes.replaceSubrange(40..<48, with: [3, 0, 0xFF, 0x0F, 0xFF, 0x0F, 2, 0])
        #expect(codeOf { try NIfTIFile(bytes: GzipSample.stored(bytes)) } == .truncated)
    }

    @Test func `a slope of zero or NaN means that stored values are the values`() throws {
        for slope: [UInt8] in [[0, 0, 0, 0], [0, 0, 0xC0, 0x7F], [0, 0, 0x80, 0x7F]] {
            var bytes = good
            bytes.replaceSubrange(112..<116, with: slope)
            #expect(try NIfTIFile(bytes: bytes).rescale == nil)
        }
    }

    /// Every single-byte change of the header is read or refused; none traps.
    @Test func `no changed byte of a header crashes the reader`() {
        var outcomes = 0
        for offset in 0..<352 {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var bytes = good
                bytes[offset] = value
                if let file = try? NIfTIFile(bytes: bytes) { _ = try? file.frame(at: file.frameCount - 1) }
                outcomes += 1
            }
        }
        #expect(outcomes == 352 * 5)
    }
}

func errorOf<T>(_ body: () throws -> T) -> ImageFileError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? ImageFileError
    }
}

func codeOf<T>(_ body: () throws -> T) -> ImageFileError.Code? { errorOf(body)?.code }
