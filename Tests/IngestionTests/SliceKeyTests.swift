import Testing

@testable import Ingestion

@Suite("SliceKey")
struct SliceKeyTests {
    @Test func `a DICOM frame is known by its SOP instance and frame`() {
        let key = SliceKey.sop("1.2.3", frame: 4)
        #expect(key == "sop:1.2.3#4")
        #expect(SliceKey.mergeKey(sliceKey: key, instanceNumber: 9) == key)
    }

    @Test func `blank masks with the same bytes are different slices of one series`() {
        let one = SliceKey.content(sha256: [1, 2], instanceNumber: 14, frame: nil)
        let other = SliceKey.content(sha256: [1, 2], instanceNumber: 15, frame: nil)
        #expect(one == "sha256:0102@14")
        #expect(one != other)
    }

    @Test func `a numbered picture takes the place of its number whatever its bytes`() {
        let key = SliceKey.content(sha256: [1], instanceNumber: 14, frame: nil)
        #expect(SliceKey.mergeKey(sliceKey: key, instanceNumber: 14) == "number:14")
        #expect(SliceKey.mergeKey(sliceKey: "sha256:01", instanceNumber: nil) == "sha256:01")
    }
}
