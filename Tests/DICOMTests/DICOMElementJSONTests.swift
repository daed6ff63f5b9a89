import Testing

@testable import DICOM

@Suite struct DICOMElementJSONTests {
    private func json(_ vr: DICOMVR, _ value: DICOMValue) -> String {
        DICOMElement(tag: DICOMTag(0x0009, 0x1001), vr: vr, value: value).json
    }

    /// PS3.18 F.2.5: an empty attribute has no Value; an empty value among others is null.
    @Test func `absence is told apart from emptiness`() {
        #expect(json(.LO, .empty) == #"{"vr":"LO"}"#)
        #expect(json(.LO, .strings(["a", "", "b"])) == #"{"Value":["a",null,"b"],"vr":"LO"}"#)
    }

    @Test func `decimal and integer strings keep their exact text`() {
        #expect(json(.DS, .strings(["1.00", "-0.5E+3"])) == #"{"Value":["1.00","-0.5E+3"],"vr":"DS"}"#)
        #expect(json(.IS, .strings(["007"])) == #"{"Value":["007"],"vr":"IS"}"#)
    }

    @Test func `64-bit integers are strings and smaller ones numbers`() {
        #expect(json(.UV, .unsigned([.max])) == #"{"Value":["18446744073709551615"],"vr":"UV"}"#)
        #expect(json(.SV, .signed([.min])) == #"{"Value":["-9223372036854775808"],"vr":"SV"}"#)
        #expect(json(.UL, .unsigned([4_294_967_295])) == #"{"Value":[4294967295],"vr":"UL"}"#)
    }

    @Test func `floating point numbers are canonical and non-finite ones strings`() {
        #expect(
            json(.FD, .reals([1, -0.0, 1e21, .nan, .infinity])) == #"{"Value":[1,0,1e+21,"NaN","Infinity"],"vr":"FD"}"#)
    }

    /// PS3.18 F.2.2: the three representations of a person name.
    @Test func `a person name is split into its representations`() {
        #expect(
            json(.PN, .strings(["Yamada^Tarou=山田^太郎=やまだ^たろう"]))
                == #"{"Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"}],"vr":"PN"}"#)
        #expect(json(.PN, .strings(["=山田"])) == #"{"Value":[{"Ideographic":"山田"}],"vr":"PN"}"#)
    }

    @Test func `attribute tags are eight digits`() {
        #expect(json(.AT, .tags([DICOMTag(0x0018, 0x9087)])) == #"{"Value":["00189087"],"vr":"AT"}"#)
    }

    /// The digest is `sha256sum` of 1025 zero bytes: `head -c 1025 /dev/zero | sha256sum`.
    @Test func `bytes beyond one KiB are a length and a digest`() {
        #expect(json(.OB, .bytes([0, 255])) == #"{"InlineBinary":"AP8=","vr":"OB"}"#)
        let long = json(.OB, .bytes([UInt8](repeating: 0, count: 1025)))
        #expect(
            long
                == #"{"slicehouseLength":1025,"slicehouseSHA256":"c55b90509b8cb9bac53fbdddfc93d4e572685c509f1218423c43a5d6013bbd48","vr":"OB"}"#
        )
        #expect(json(.UN, .bytes([UInt8](repeating: 0, count: 1024))).hasPrefix(#"{"InlineBinary":"AAAA"#))
    }

    @Test func `a header is keyed by tag in ascending order`() {
        let inner = DICOMHeader(elements: [DICOMElement(tag: .modality, vr: .CS, value: .strings(["CT"]))])
        let header = DICOMHeader(elements: [
            DICOMElement(tag: .rows, vr: .US, value: .unsigned([512])),
            DICOMElement(tag: DICOMTag(0x0008, 0x1140), vr: .SQ, value: .items([inner, .empty])),
        ])
        #expect(
            header.json
                == #"{"00081140":{"Value":[{"00080060":{"Value":["CT"],"vr":"CS"}},{}],"vr":"SQ"},"#
                + #""00280010":{"Value":[512],"vr":"US"}}"#)
    }
}
