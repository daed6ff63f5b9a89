import Testing

@testable import Ingestion

@Suite("SliceKey")
struct SliceKeyTests {
    @Test func `a DICOM frame is known by its SOP instance and frame`() {
        let key = SliceKey.sop("1.2.3", frame: 4)
        #expect(key == "sop:1.2.3#4")
        #expect(SliceKey.mergeKey(of: key) == key)
    }

    @Test func `blank masks with the same bytes are different slices of one series`() {
        let one = SliceKey.content(sha256: [1, 2], instanceNumber: 14, frame: nil)
        let other = SliceKey.content(sha256: [1, 2], instanceNumber: 15, frame: nil)
        #expect(one == "sha256:0102@14")
        #expect(one != other)
    }

    @Test func `a numbered picture takes the place of its number whatever its bytes`() {
        for frame in [nil, 3] {
            let key = SliceKey.content(sha256: [1], instanceNumber: 14, frame: frame)
            #expect(SliceKey.mergeKey(of: key) == "number:14")
        }
    }

    @Test func `a slice without a number is known by its content`() {
        #expect(SliceKey.mergeKey(of: "sha256:01") == "sha256:01")
        #expect(SliceKey.mergeKey(of: "sha256:01#2") == "sha256:01#2")
        #expect(SliceKey.mergeKey(of: "sop:no@uid") == "sop:no@uid")
    }
}
