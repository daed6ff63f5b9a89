import Testing

@testable import DICOM

@Suite struct DeidentificationProfileTests {
    @Test func `every keyword of the list is in the dictionary`() {
        for keyword in DeidentificationList.keywords {
            #expect(DICOMDictionary.tag(of: keyword) != nil, "\(keyword)")
        }
    }

    /// Attributes that PS3.15 table E.1-1 marks X, Z or D in the basic profile and no option of ours retains.
    @Test(arguments: [
        "PatientName", "PatientID", "PatientBirthDate", "PatientAge", "PatientAddress", "IssuerOfPatientID",
        "AccessionNumber", "StudyID", "StudyDate", "StudyTime", "SeriesDate", "AcquisitionDate", "ContentTime",
        "AcquisitionDateTime", "ReferringPhysicianName", "OperatorsName", "PerformingPhysicianName",
        "InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName", "StationName",
        "DeviceSerialNumber", "DetectorID", "StudyDescription", "SeriesDescription", "ProtocolName",
        "ImageComments", "PatientComments", "AdditionalPatientHistory", "RequestedProcedureDescription",
        "PerformedProcedureStepID", "DerivationDescription", "ContrastBolusAgent", "EthnicGroup", "Occupation",
        "MedicalAlerts", "PatientWeight", "DeviceUID", "VisitComments", "RequestAttributesSequence",
        "ReferencedPatientSequence", "TextValue", "VerifyingOrganization", "ContentSequence",
        "DigitalSignaturesSequence", "EncryptedAttributesSequence", "GraphicAnnotationSequence",
        "IconImageSequence",
    ])
    func `an identifying attribute is not on the list`(keyword: String) throws {
        let tag = try #require(DICOMDictionary.tag(of: keyword))
        #expect(!DeidentificationList.tags.contains(tag))
    }

    @Test func `what identifies is removed and counted by path, and what is technical stays`() throws {
        let reference = SampleElements.item(
            try SampleElements.text("ReferencedSOPInstanceUID", "2.25.9"),
            try SampleElements.text("PatientName", "Canary^Inner"))
        let header = DICOMHeader(
            elements: try SampleElements.slice() + [
                try SampleElements.element("ReferencedImageSequence", .items([reference, reference])),
                try SampleElements.text("StudyDate", "20200101"), try SampleElements.text("StudyDescription", "canary"),
                DICOMElement(tag: DICOMTag(0x0029, 0x0010), vr: .LO, value: .strings(["CANARY"])),
                DICOMElement(tag: DICOMTag(0x6000, 0x3000), vr: .OW, value: .bytes([1, 0])),
            ])
        let outcome = DeidentificationProfile.allowList.apply(to: header)
        #expect(outcome.header.modality == "CT")
        #expect(outcome.header.patientSex == "F")
        #expect(outcome.header.plane(frame: 0) == header.plane(frame: 0))
        #expect(outcome.header.studyInstanceUID == "2.25.102")
        #expect(outcome.header.items(DICOMTag(0x0008, 0x1140)).count == 2)
        #expect(!outcome.header.json.lowercased().contains("canary"))
        typealias Removal = DeidentificationProfile.Removal
        #expect(
            outcome.removed == [
                "00080020": Removal(action: .removedDate, count: 1),
                "00081030": Removal(action: .removedText, count: 1),
                "00081140.00100010": Removal(action: .removedName, count: 2),
                "00100010": Removal(action: .removedName, count: 1),
                "00100020": Removal(action: .removedText, count: 1),
                "00290010": Removal(action: .removedPrivate, count: 1),
                "60003000": Removal(action: .removedGraphics, count: 1),
            ])
    }

    @Test func `a listed attribute under a wrong shape is removed`() throws {
        let header = DICOMHeader(elements: [
            DICOMElement(tag: .bodyPartExamined, vr: .CS, value: .strings(["see Dr. House, ward 7"])),
            DICOMElement(tag: .kvp, vr: .UT, value: .strings(["a sentence"])),
            DICOMElement(tag: .patientPosition, vr: .CS, value: .strings(["HFS"])),
        ])
        let outcome = DeidentificationProfile.allowList.apply(to: header)
        #expect(outcome.header.elements.map { $0.tag } == [.patientPosition])
    }

    /// Value representations of PS3.6; enumerated values of PS3.3 C.7.1.1, C.7.3.1 and C.7.6.1.
    @Test(
        arguments: [
            ("SliceThickness", .LO, "Canary, ward 7"), ("SliceThickness", .DS, "Canary"), ("KVP", .SH, "Canary"),
            ("XRayTubeCurrent", .IS, "canary"), ("PixelSpacing", .LO, "Canary"), ("WindowCenter", .SH, "Canary"),
            ("SliceLocation", .LO, "0x10"), ("Rows", .LO, "Canary"), ("BodyPartExamined", .LO, "Canary, ward 7"),
            ("PatientSex", .CS, "CANARY"), ("PatientSex", .LO, "Canary"), ("BurnedInAnnotation", .CS, "CANARY"),
            ("Laterality", .SH, "Canary"), ("ReferencedImageSequence", .LO, "Canary"), ("LUTData", .LO, "Canary"),
        ] as [(String, DICOMVR, String)])
    func `text where a number or one of few words belongs is removed`(
        keyword: String, vr: DICOMVR, text: String
    ) throws {
        let tag = try #require(DICOMDictionary.tag(of: keyword))
        let header = DICOMHeader(elements: [DICOMElement(tag: tag, vr: vr, value: .strings([text]))])
        let outcome = DeidentificationProfile.allowList.apply(to: header)
        #expect(outcome.header.isEmpty)
        let removal = DeidentificationProfile.Removal(action: .removedText, count: 1)
        #expect(outcome.removed == [tag.hexadecimal: removal])
    }

    @Test func `bytes where text belongs are removed`() throws {
        let header = DICOMHeader(elements: [
            DICOMElement(tag: .kvp, vr: .OB, value: .bytes(Array("Canary".utf8))),
            DICOMElement(tag: .patientSex, vr: .OB, value: .bytes(Array("Canary".utf8))),
        ])
        #expect(DeidentificationProfile.allowList.apply(to: header).header.isEmpty)
    }

    @Test(
        arguments: [
            ("SliceThickness", .DS, .strings([" 2.5 "])), ("SliceThickness", .LO, .strings(["2.5"])),
            ("SliceThickness", .FD, .reals([2.5])), ("WindowCenter", .DS, .strings(["40", "", "-6e2"])),
            ("XRayTubeCurrent", .IS, .strings(["200"])), ("PatientSex", .CS, .strings(["F "])),
            ("PatientSex", .CS, .strings(["female"])), ("PatientSex", .CS, .strings([""])), ("PatientSex", .CS, .empty),
            ("BurnedInAnnotation", .CS, .strings(["NO"])), ("Laterality", .CS, .strings(["L"])),
            ("Manufacturer", .LO, .strings(["Maker & Sons"])), ("ConvolutionKernel", .SH, .strings(["B30f"])),
            ("LUTData", .OW, .bytes([1, 0])), ("Rows", .US, .unsigned([512])),
            ("FrameIncrementPointer", .AT, .tags([.kvp])), ("SOPInstanceUID", .UI, .strings(["ID_000039fa0"])),
        ] as [(String, DICOMVR, DICOMValue)])
    func `a listed attribute in its own shape stays`(keyword: String, vr: DICOMVR, value: DICOMValue) throws {
        let tag = try #require(DICOMDictionary.tag(of: keyword))
        let header = DICOMHeader(elements: [DICOMElement(tag: tag, vr: vr, value: value)])
        let outcome = DeidentificationProfile.allowList.apply(to: header)
        #expect(outcome.header == header)
        #expect(outcome.removed.isEmpty)
    }
}
