import Imaging
import Testing

@testable import DICOM

@Suite struct DICOMHeaderTests {
    private func text(_ tag: DICOMTag, _ vr: DICOMVR, _ values: String...) -> DICOMElement {
        DICOMElement(tag: tag, vr: vr, value: .strings(values))
    }

    private func sequence(_ tag: DICOMTag, _ items: [DICOMElement]...) -> DICOMElement {
        DICOMElement(tag: tag, vr: .SQ, value: .items(items.map { DICOMHeader(elements: $0) }))
    }

    @Test func `attributes are typed and absence is nil`() throws {
        let header = DICOMHeader(elements: try SampleElements.slice())
        #expect(header.modality == "CT")
        #expect(header.instanceNumber == 7)
        #expect(header.imagePositionPatient == [-100, -90.5, 12.25])
        #expect(header.windowCenter == [40, 600])
        #expect(header.rescale(frame: 0) == Rescale(slope: 1, intercept: -1024))
        #expect(header.sliceLocation == nil)
        #expect(header.rows == nil)
        #expect(header.frameCount == 1)
    }

    /// PS3.6: Patient ID and its issuer have one value.
    @Test(
        arguments: [
            (["123"], "123"), (["123", "456"], "123\\456"), (["", "456"], "\\456"), (["123", ""], "123"),
            (["", ""], nil), ([], nil),
        ] as [([String], String?)])
    func `an identifier with a backslash is one identifier`(values: [String], identifier: String?) {
        let header = DICOMHeader(elements: [
            DICOMElement(tag: .patientID, vr: .LO, value: .strings(values)),
            DICOMElement(tag: .issuerOfPatientID, vr: .LO, value: .strings(values)),
        ])
        #expect(header.patientID == identifier)
        #expect(header.issuerOfPatientID == identifier)
    }

    /// PS3.5 table 6.2-1, IS and DS: optional padding on both sides, nothing else.
    @Test(
        arguments: [(" 12 ", 12), ("+7", 7), ("20.0", 20), ("1A", nil), ("", nil), ("0x10", nil)] as [(String, Int?)])
    func `integer strings are read strictly`(string: String, value: Int?) {
        #expect(DICOMHeader(elements: [text(.instanceNumber, .IS, string)]).instanceNumber == value)
    }

    @Test(arguments: [(" -1.5e2", -150), ("nan", nil), ("inf", nil), ("1,5", nil)] as [(String, Double?)])
    func `decimal strings are read strictly`(string: String, value: Double?) {
        #expect(DICOMHeader(elements: [text(.sliceLocation, .DS, string)]).sliceLocation == value)
    }

    @Test func `a plane has the spacing between rows first`() throws {
        let plane = try #require(DICOMHeader(elements: try SampleElements.slice()).plane(frame: 0))
        #expect(plane.origin == SIMD3(-100, -90.5, 12.25))
        #expect(plane.rowSpacing == 0.5)
        #expect(plane.columnSpacing == 0.75)
        #expect(plane.normal == SIMD3(0, 0, 1))
    }

    /// PS3.3 C.7.6.16: a frame's own groups count before the shared ones.
    @Test func `enhanced images give each frame its plane and rescale`() throws {
        let header = DICOMHeader(elements: [
            sequence(
                .sharedFunctionalGroupsSequence,
                [
                    sequence(.pixelMeasuresSequence, [text(.pixelSpacing, .DS, "2", "3")]),
                    sequence(
                        .planeOrientationSequence,
                        [text(.imageOrientationPatient, .DS, "1", "0", "0", "0", "1", "0")]),
                    sequence(
                        .pixelValueTransformationSequence,
                        [text(.rescaleSlope, .DS, "2"), text(.rescaleIntercept, .DS, "-5")]),
                ]),
            sequence(
                .perFrameFunctionalGroupsSequence,
                [sequence(.planePositionSequence, [text(.imagePositionPatient, .DS, "1", "2", "3")])],
                [
                    sequence(.planePositionSequence, [text(.imagePositionPatient, .DS, "1", "2", "8")]),
                    sequence(
                        .pixelValueTransformationSequence,
                        [text(.rescaleSlope, .DS, "4"), text(.rescaleIntercept, .DS, "0")]),
                ]),
        ])
        #expect(header.plane(frame: 0)?.origin == SIMD3(1, 2, 3))
        #expect(header.plane(frame: 1)?.origin == SIMD3(1, 2, 8))
        #expect(header.plane(frame: 1)?.rowSpacing == 2)
        #expect(header.plane(frame: 2) == nil)
        #expect(header.rescale(frame: 0) == Rescale(slope: 2, intercept: -5))
        #expect(header.rescale(frame: 1) == Rescale(slope: 4, intercept: 0))
    }

    /// PS3.3 C.8.8.3.2: the first offset is zero and the others count from the image position.
    @Test func `dose frames lie at their grid offsets`() throws {
        let offsets = text(.gridFrameOffsetVector, .DS, "0", "2.5", "5")
        let header = DICOMHeader(elements: try SampleElements.slice() + [offsets])
        #expect(header.plane(frame: 2)?.origin == SIMD3(-100, -90.5, 17.25))
    }

    @Test func `attributes are found by keyword, number, path and private block`() throws {
        let csa = DICOMElement(tag: DICOMTag(0x0029, 0x1110), vr: .OB, value: .bytes([1, 2]))
        let header = DICOMHeader(elements: [
            text(.patientSex, .CS, "F"), text(.kvp, .DS, "120"),
            text(DICOMTag(0x0029, 0x0011), .LO, "SIEMENS CSA HEADER"), csa,
            sequence(
                .sharedFunctionalGroupsSequence,
                [sequence(.pixelMeasuresSequence, [text(.pixelSpacing, .DS, "2", "3")])]),
        ])
        #expect(header[path: try DICOMPath("PatientSex")]?.value == .strings(["F"]))
        #expect(header[path: try DICOMPath("(0018,0060)")]?.value == .strings(["120"]))
        #expect(header[path: try DICOMPath("00180060")]?.value == .strings(["120"]))
        #expect(header[path: try DICOMPath("0018,0060")]?.value == .strings(["120"]))
        for wrong in ["0018,60", "0018,", "0018,0060)", "(0018,0060", "18,0060"] {
            #expect(throws: DICOMError.self, "\(wrong)") { try DICOMPath(wrong) }
        }
        let nested = "SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing"
        #expect(header[path: try DICOMPath(nested)]?.value == .strings(["2", "3"]))
        #expect(header[path: try DICOMPath(#"(0029,"SIEMENS CSA HEADER",10)"#)] == csa)
        #expect(header[path: try DICOMPath("SharedFunctionalGroupsSequence[1].PixelSpacing")] == nil)
    }

    @Test(arguments: [
        "", "PatientSexx", "(0018,006)", "A[0", "Rows.", #"(0029,"X,10)"#, "0018006Z", #"(0028,"EVEN",10)"#,
        #"(0029,"",10)"#,
    ])
    func `a path that says nothing is refused`(path: String) {
        #expect { try DICOMPath(path) } throws: { ($0 as? DICOMError)?.code == .invalidPath }
    }
}
