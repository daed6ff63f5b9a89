import Testing

import PixelCodec

/// Every digest was computed with Python's hashlib: `hashlib.sha256(b"".join(digests)).hexdigest()`.
@Suite struct SliceListDigestTests {
    private static let first = [UInt8](repeating: 0x11, count: 32)
    private static let second = [UInt8](repeating: 0x22, count: 32)
    private static let three = "d6a6a0ebd329253d2887e1bfd5d0705f7a501ba95cb29892f271c4b45741dc8c"
    private static let one = "02d449a31fbb267c8f352e9968a79e3e5fc95c1bbeaa502fd6454ebde5a4bedc"

    @Test func `the digest of several slices is that of theirs in order`() {
        #expect(Self.hex(SliceListDigest.of([Self.first, Self.second, Self.second])) == Self.three)
        #expect(Self.hex(SliceListDigest.of([Self.first])) == Self.one)
        #expect(
            Self.hex(SliceListDigest.of([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `slices that go by belong to the sample that they name`() {
        var lists = SliceListDigests()
        for slice in [Self.first, Self.second, Self.second] { lists.add(slice, of: 4) }
        lists.add(Self.first, of: 7)
        lists.finish()
        #expect(lists[4].map(Self.hex) == Self.three)
        #expect(lists[7].map(Self.hex) == Self.one)
        #expect(lists[5] == nil)
    }

    private static func hex(_ bytes: [UInt8]) -> String { PixelDigest(bytes: bytes)?.hex ?? "" }
}
