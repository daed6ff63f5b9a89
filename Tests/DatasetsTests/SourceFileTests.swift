import Datasets
import Testing

@Suite("SourceFile")
struct SourceFileTests {
    @Test func `a compressed volume has its stem and one extension`() {
        let file = SourceFile(number: 1, relativePath: "ct_scans/049.nii.gz")
        #expect(file.name == "049.nii.gz")
        #expect(file.stem == "049")
        #expect(file.fileExtension == "nii.gz")
    }

    @Test func `components below an anchor end where the anchor does`() {
        let file = SourceFile(number: 1, relativePath: "a/b/c.jpg")
        #expect(file.components(below: "a")?.map(String.init) == ["b", "c.jpg"])
        #expect(file.components(below: "")?.map(String.init) == ["a", "b", "c.jpg"])
        #expect(file.components(below: "ab") == nil)
        #expect(file.components(below: "a/b/c.jpg") == nil)
    }
}
