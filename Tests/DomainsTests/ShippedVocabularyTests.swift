import Foundation
import Testing
import Yams

@testable import Domains

/// The vocabularies in `etl/vocabularies`, as a user gets them.
@Suite struct ShippedVocabularyTests {
    private static func vocabulary(_ name: String) throws -> Vocabulary {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../etl/vocabularies/\(name).yaml")
        do {
            return try YAMLDecoder().decode(Vocabulary.self, from: try Data(contentsOf: file))
        } catch {
            throw DomainError(reading: name, failure: error)
        }
    }

    private static func ruleset(_ vocabulary: String, _ domain: String) throws -> Ruleset {
        try #require(try Self.vocabulary(vocabulary).rulesets().first { $0.domain.name == domain })
    }

    @Test(arguments: ["ct-ich", "diabetic-retinopathy", "dicom", "lung-nodule"])
    func `every term is its own clean form`(_ name: String) throws {
        for ruleset in try Self.vocabulary(name).rulesets() {
            for term in ruleset.domain.terms where ruleset.domain.unmatched.term != term.name {
                #expect(ruleset.clean(term.name).terms == [term.name], "\(ruleset.domain.name)")
            }
        }
    }

    @Test func `the CT-ICH domains are those that the views name`() throws {
        let vocabulary = try Self.vocabulary("ct-ich")
        #expect(
            vocabulary.domains.map(\.name) == [
                "intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural", "any_haemorrhage",
                "no_haemorrhage",
                "fracture", "condition_on_file", "age", "sex", "note",
            ])
        #expect(vocabulary.domains.filter { $0.family == "haemorrhage" }.count == 5)
    }

    /// The 13 spellings, by hand. `chronic` stands beside the kind of haemorrhage.
    @Test(arguments: [
        ("Normal CT", ["normal"]), ("Extradural HGE ", ["extradural"]), ("Intracranial HGE ", ["intracranial"]),
        ("Subdural HGE ", ["subdural"]), ("Intracranial HGE+ Extradural HGE ", ["intracranial", "extradural"]),
        ("Extadural HGE ", ["extradural"]), ("Intracranial HGE + IVH", ["intracranial", "intraventricular"]),
        ("ICH", ["intracranial"]), ("Chronic Intracranial HGE ", ["intracranial", "chronic"]),
        ("Subdural HGE+ Intracranial HGE ", ["subdural", "intracranial"]),
        ("Extradural HGE + Intracranial HGE + Extradural HGE ", ["extradural", "intracranial"]),
        ("Subdural HGE +Intracranial HGE + IVH", ["subdural", "intracranial", "intraventricular"]),
        ("Intracranial HGE + Subdural HGE ", ["intracranial", "subdural"]),
        // Not in the data, but what the next hospital writes.
        ("CHRONIC  subdural haemorrhage and SAH", ["subdural", "chronic", "subarachnoid"]),
        ("Epidural hemorrhage; normal ct", ["extradural", "normal"]),
    ])
    func `the conditions on file are read`(_ raw: String, _ terms: [String]) throws {
        #expect(try Self.ruleset("ct-ich", "condition_on_file").clean(raw).terms == terms)
    }

    /// Patients by term, added up by hand from the counts of the 13 spellings: 82 patients, 92 values.
    @Test func `the conditions of all patients add up`() throws {
        let cleaned = DomainProfileTests.profile().cleaned(by: try Self.ruleset("ct-ich", "condition_on_file"))
        #expect(cleaned.observationCounts == [.clean: 82])
        #expect(
            cleaned.answers.map(\.content) == [
                .term("normal"), .term("extradural"), .term("intracranial"), .term("subdural"),
                .term("intraventricular"), .term("chronic"),
            ])
        #expect(cleaned.answers.map(\.count) == [47, 18, 17, 6, 3, 1])
        #expect(cleaned.answers.map(\.rawValueCount) == [1, 4, 9, 4, 2, 1])
        #expect(cleaned.unread.isEmpty)
    }

    @Test func `a condition nobody foresaw waits for a person`() throws {
        let ruleset = try Self.ruleset("ct-ich", "condition_on_file")
        #expect(ruleset.clean("Subdural HGE + hygroma").status == .quarantined)
        #expect(ruleset.clean("chronic sinusitis").status == .quarantined)
        #expect(ruleset.clean("").status == .empty)
    }

    @Test(arguments: ["intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural", "fracture"])
    func `a finding is 0, 1 or a blank that means 0`(_ domain: String) throws {
        let ruleset = try Self.ruleset("ct-ich", domain)
        #expect(ruleset.clean("1").terms == ["present"])
        #expect(ruleset.clean(" 0\r").terms == ["absent"])
        #expect(ruleset.clean("").terms == ["absent"])
        #expect(ruleset.clean(nil).status == .empty)
        #expect(ruleset.clean("2").status == .quarantined)
        #expect(ruleset.domain.terms.map(\.ordinal) == [0, 1])
    }

    @Test func `a blank in the derived column says nothing`() throws {
        #expect(try Self.ruleset("ct-ich", "no_haemorrhage").clean("").status == .empty)
    }

    @Test func `ages keep their fractions, and impossible ones wait`() throws {
        let ruleset = try Self.ruleset("ct-ich", "age")
        #expect(ruleset.clean("0.002747253").numbers == [0.002747253])
        #expect(ruleset.clean("72").numbers == [72])
        #expect(ruleset.clean("18 Months").numbers == [1.5])
        #expect(ruleset.clean("130").reason?.code == .outOfRange)
        #expect(ruleset.clean("-1").status == .quarantined)
    }

    @Test func `sex and note are read`() throws {
        #expect(try Self.ruleset("ct-ich", "sex").clean("Male").terms == ["male"])
        #expect(try Self.ruleset("ct-ich", "sex").clean("Female ").terms == ["female"])
        let note = try Self.ruleset("ct-ich", "note").clean("Special case ")
        #expect(note.values.map(\.content) == [.text("Special case")])
    }

    /// The headers of the tables of both versions.
    @Test func `every column of the tables of both versions is known`() throws {
        let vocabulary = try Self.vocabulary("ct-ich")
        let slices = [
            "Intraventricular", "Intraparenchymal", "Subarachnoid", "Epidural", "Subdural", "No_Hemorrhage",
            "Fracture_Yes_No",
        ]
        let patients = [
            "Age\n(years)", "Age(years)", "Gender", "Intraventricular", "Fracture (Yes/No)", "Fracture (yes 1/no 0)",
            "Condition on file", "Note", "Note1",
        ]
        for column in slices { #expect(vocabulary.domain(forColumn: column, level: .slice) != nil, "\(column)") }
        for column in patients { #expect(vocabulary.domain(forColumn: column, level: .patient) != nil, "\(column)") }
        #expect(vocabulary.keyRole(forColumn: "\u{FEFF}PatientNumber") == "patient")
        #expect(vocabulary.keyRole(forColumn: "Patient Number") == "patient")
        #expect(vocabulary.keyRole(forColumn: "SliceNumber") == "slice")
    }

    @Test(arguments: [
        ("patient_sex", "F ", "female"), ("patient_sex", "m", "male"), ("modality", "CT", "CT"),
        ("modality", "MRI", "MR"), ("modality", "SM", "SM"), ("modality", "ECG", "ECG"), ("modality", "ANN", "ANN"),
        ("modality", "ivus", "IVUS"), ("modality", "SMR", "SMR"), ("body_part", "HEAD", "head"),
        ("body_part", "Schädel", "head"),
        ("body_part", "Head w/o contrast", "head"), ("body_part", "CHEST_ABDOMEN_PELVIS", "chestabdpelvis"),
        ("manufacturer", "SIEMENS", "siemens"), ("manufacturer", "Siemens Healthineers", "siemens"),
        ("manufacturer", "GE MEDICAL SYSTEMS", "ge"), ("manufacturer", "TOSHIBA_MEC", "canon"),
        ("manufacturer", "Philips Medical Systems", "philips"), ("manufacturer", "NeuroLogica", "other"),
        ("manufacturer", "General Dynamics", "other"),
    ])
    func `header values of vendors meet in one term`(_ domain: String, _ raw: String, _ term: String) throws {
        #expect(try Self.ruleset("dicom", domain).clean(raw).terms == [term])
    }

    /// Sites leave BodyPartExamined out or blank and name the region in the protocol.
    @Test func `the first attribute that says something feeds the domain`() throws {
        let domain = try Self.ruleset("dicom", "body_part").domain
        let sparse = ["BodyPartExamined": " ", "SeriesDescription": "Brain 5mm"]
        #expect(domain.coalesced { sparse[$0] }?.attribute == "SeriesDescription")
        #expect(domain.coalesced { sparse[$0] }?.raw == "Brain 5mm")
        #expect(domain.coalesced { ["ProtocolName": ""][$0] }?.raw == "")
        #expect(domain.coalesced { _ in nil } == nil)
    }

    @Test func `a description of several regions waits, an unknown region is dropped`() throws {
        let ruleset = try Self.ruleset("dicom", "body_part")
        #expect(ruleset.clean("Head and chest trauma").status == .quarantined)
        #expect(ruleset.clean("UNKNOWN").status == .dropped)
        #expect(ruleset.clean("Left leg trauma").status == .quarantined)
    }
}
