import Testing

@testable import DICOM

@Suite struct DICOMTagTests {
    /// PS3.18 F.2.2: the key is eight upper-case hexadecimal digits.
    @Test func `a tag prints as eight upper-case digits`() {
        #expect(DICOMTag(0x7FE0, 0x0010).hexadecimal == "7FE00010")
        #expect(DICOMTag(0x0008, 0x103E).description == "(0008,103E)")
    }
}
