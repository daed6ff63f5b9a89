import DICOM
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Headers in SQL: counts of any attribute, and labels made of attributes.
@Suite("Headers in SQL")
struct HeaderQueryTests {
    private static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: run make oracle"

    /// Counts of an attribute over files, as a pydicom loop makes them; prints `class,value,count`, sorted.
    private static let script = """
        import collections, sys
        import pydicom
        counts = collections.Counter()
        for path in sys.argv[2:]:
            data = pydicom.dcmread(path, force=True)
            if 'SOPInstanceUID' not in data:
                continue
            if sys.argv[1] not in data:
                counts['absent', ''] += 1
                continue
            value = data[sys.argv[1]].value
            values = list(value) if isinstance(value, pydicom.multival.MultiValue) else [value]
            exact = lambda v: v if isinstance(v, pydicom.valuerep.PersonName) else getattr(v, 'original_string', v)
            texts = [str(exact(v)).strip() for v in values if v is not None and v != '']
            kind = 'empty' if not texts else 'multi' if len(texts) > 1 else 'value'
            counts[kind, '\\\\'.join(texts)] += 1
        for (kind, text), count in sorted(counts.items()):
            print(kind, text, count, sep='|')
        """

    @Test(
        .enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available,
        ["Modality", "ImageType", "SliceLocation", "InstanceNumber", "ImagePositionPatient", "PatientName", "KVP"])
    func `an attribute counts as a loop over the files counts it`(
        engine: WarehouseEngine, attribute: String
    ) async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--keep-identifiers", "--database", place.url, cohort.path)
            let stored = try await Self.counts(attribute, place)
            let files = cohort.files().filter { !$0.hasSuffix(".json") }.map(cohort.path)
            let loop = try await program.run(tool: Self.python, ["-c", Self.script, attribute] + files)
            #expect(loop.exitCode == 0, "\(loop.error)")
            #expect(loop.output.split(separator: "\n").map(String.init).sorted() == stored)
        }
    }

    @Test(arguments: TestEngine.available)
    func `removed is not absent, and several attributes stand for one`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--database", place.url, cohort.path)
            #expect(try await Self.counts("PatientName", place).allSatisfy { $0.hasPrefix("removed|") })
            // What the first has not, the second gives; nothing is left absent.
            let kernels = try await Self.counts("ConvolutionKernel", place)
            #expect(kernels.contains { $0.hasPrefix("absent|") })
            let either = try await Self.counts("ConvolutionKernel|Modality", place)
            #expect(!either.contains { $0.hasPrefix("absent|") })
            #expect(Set(kernels.filter { $0.hasPrefix("value|") }).isSubset(of: either))
            let wrong = try await program.run("domains", "--attribute", "Nonsense", "--database", place.url)
            #expect(wrong.exitCode == 64 && wrong.error.contains("no stored attribute"))
        }
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `both engines give the same rows, examples included`() async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        var answers: [[String]] = []
        for engine in TestEngine.available {
            try await TestWarehouse.with(engine) { place in
                _ = try await program.run("ingest", "--database", place.url, cohort.path)
                var texts: [String] = []
                for name in ["PatientSex", "SliceLocation", "SOPInstanceUID", "exposure", "PatientID", "00089215"] {
                    let result = try await program.run(
                        "domains", "--attribute", name, "--format", "csv", "--database", place.url)
                    texts.append(result.output)
                }
                answers.append(texts)
            }
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0].allSatisfy { !$0.isEmpty })
    }

    @Test(arguments: TestEngine.available)
    func `the migration derives from stored headers what an ingest writes`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--keep-identifiers", "--database", place.url, cohort.path)
            let written = try await WarehouseContents(of: place)
            #expect(try await (place.count("SELECT count(*) FROM header_slice_value") ?? 0) > 50)
            let path = "migrations/\(engine.rawValue)/0010_create_header_slice_value.sql"
            let text = try #require(try SQLLibrary.locate().text(path))
            let start = try #require(text.range(of: "INSERT INTO header_slice_value")).lowerBound
            try await place.script("DELETE FROM header_slice_value;\n" + text[start...])
            #expect(try await WarehouseContents(of: place).differences(from: written) == [])
        }
    }

    /// `domains clean` makes the same labels of stored headers as an ingest does, and a rerun changes nothing.
    @Test(arguments: TestEngine.available)
    func `attributes of a vocabulary become labels`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--database", place.url, cohort.path)
            let ingested = try await WarehouseContents(of: place)
            let series = try await place.count("SELECT count(*) FROM series")
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM label_current WHERE domain_name = 'modality' AND level = 'series'
                    AND status = 'clean'
                    """) == series)
            let clean = ["domains", "clean", "--database", place.url]
            #expect(try await program.run(clean).output.contains("nothing changes"))
            try await place.script("DELETE FROM label WHERE level = 'series'")
            let preview = try await program.run(clean + ["--preview"]).output
            #expect(preview.contains("modality: \(series ?? 0) labels from headers to add, 0 to remove"), "\(preview)")
            #expect(try await program.run(clean).exitCode == 0)
            #expect(try await WarehouseContents(of: place).differences(from: ingested) == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Forty files of one series: a private creator twice, private and public sequences of several items, numbers with
    /// spaces, a name without its middle group. Then the counts of `script`'s kind, by walking the data sets.
    private static let nested = """
        import collections, os, sys
        import pydicom
        from pydicom.dataset import Dataset
        folder = sys.argv[1]
        os.makedirs(folder)
        def items(keyword, values):
            return [pydicom.dataset.Dataset() if value is None else (lambda item: (setattr(item, keyword, value), item)[1])(Dataset())
                    for value in values]
        for number in range(40):
            data = Dataset()
            data.file_meta = pydicom.dataset.FileMetaDataset()
            data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = pydicom.uid.CTImageStorage
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = f'1.2.3.4.{number + 1}'
            data.StudyInstanceUID, data.SeriesInstanceUID, data.Modality = '1.2.3', '1.2.3.4', 'CT'
            data.PatientID, data.InstanceNumber = 'P1', number + 1
            data.Rows = data.Columns = 4
            data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
            data.SamplesPerPixel, data.PhotometricInterpretation = 1, 'MONOCHROME2'
            data.PixelData = bytes(range(32))
            first = data.private_block(0x0019, 'ACME CT', create=True)
            first.add_new(0x10, 'DS', '2.5')
            data.add_new((0x0019, 0x0012), 'LO', 'ACME CT')
            # Some slices say in their second block what all say in the first.
            data.add_new((0x0019, 0x1210), 'DS', '3.5' if number < 4 else '2.5' if number < 10 else '4.5')
            data.private_block(0x0029, 'SEQMAKER', create=True).add_new(0x01, 'SQ', items('PatientID', ['INNER']))
            codes = ['C0', 'C1', 'C2'] + (['RARE'] if number == 5 else [])
            data.AnatomicRegionSequence = items('CodeValue', codes)
            data.RequestAttributesSequence = items('ScheduledProcedureStepID', ['S1'])
            data.add_new((0x0028, 0x1050), 'DS', ' 40' if number % 2 else '40')
            data.add_new((0x0072, 0x006A), 'PN', 'C==D')
            data.save_as(f'{folder}/{number}.dcm', enforce_file_format=True)
        """

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `private attributes and items of sequences are counted by creator and item`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try Program(home: folder)
        let made = try await program.run(tool: Self.python, ["-c", Self.nested, folder.path("in")])
        #expect(made.exitCode == 0, "\(made.error)")
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run("ingest", "--keep-identifiers", "--database", place.url, folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            let expected = [
                #"(0019,"ACME CT",10)"#: ["value|2.5|40", "value|3.5|4", "value|4.5|30"],
                #"(0029,"SEQMAKER",01)"#: ["sequence||40"],
                #"(0029,"SEQMAKER",01).PatientID"#: ["value|INNER|40"],
                #"(0029,"OTHER",01)"#: ["absent||40"],
                "AnatomicRegionSequence.CodeValue": ["value|C0|40", "value|C1|40", "value|C2|40", "value|RARE|1"],
                "WindowCenter": ["value|40|40"], "SelectorPNValue": ["value|C==D|40"],
            ]
            for (attribute, counts) in expected {
                #expect(try await Self.counts(attribute, place) == counts, "\(attribute)")
            }
            let tail = try await program.run(
                "domains", "--attribute", "AnatomicRegionSequence.CodeValue", "--tail", "--format", "csv", "--database",
                place.url)
            #expect(tail.output.contains("RARE") && !tail.output.contains("C2"), "\(tail.output)")
        }
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run("ingest", "--database", place.url, folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            let nested = "RequestAttributesSequence.ScheduledProcedureStepID"
            #expect(try await Self.counts(nested, place) == ["removed||40"])
        }
    }

    /// Items without attributes are there, as pydicom's `len(data.ReferencedImageSequence)` says: 3 in all slices, and
    /// in one slice an item of a sequence that the others lack.
    @Test(arguments: TestEngine.available)
    func `a sequence of empty items is there`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let tiny = TinySeries()
        func sequence(_ tag: DICOMTag, _ items: [DICOMHeader]) -> DICOMElement {
            DICOMElement(tag: tag, vr: .SQ, value: .items(items))
        }
        let blank = DICOMHeader(elements: [])
        let referenced = sequence(DICOMTag(0x0008, 0x1140), [blank, blank, blank])
        let performed = sequence(DICOMTag(0x0040, 0x0260), [blank])
        let nested = sequence(DICOMTag(0x0040, 0x0275), [DICOMHeader(elements: [performed])])
        for index in 0..<3 {
            let own = index == 1 ? [referenced, nested] : [referenced]
            try folder.write(try tiny.file(index, extra: own), to: "in/\(index).dcm")
        }
        let program = try Program(home: folder)
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run("ingest", "--keep-identifiers", "--database", place.url, folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try await Self.counts("ReferencedImageSequence", place) == ["sequence||3"])
            #expect(try await Self.counts("RequestAttributesSequence", place) == ["absent||2", "sequence||1"])
            let inner = "RequestAttributesSequence.PerformedProtocolCodeSequence"
            #expect(try await Self.counts(inner, place) == ["absent||2", "sequence||1"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    private static func vocabulary(_ attribute: String) -> String {
        """
        vocabulary: acme
        version: "1"
        description: What one maker writes
        domains:
          - name: acme_mode
            levels: [slice]
            values: text
            rules: [trim, text]
            attributes: ['\(attribute)']
        """
    }

    /// PS3.5 7.8.1: a maker's attribute lies in the block that holds its name in this file, whatever its number.
    @Test(arguments: TestEngine.available)
    func `a private attribute feeds a domain from the block of its creator`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let tiny = TinySeries()
        let blocks: [[(UInt16, String, UInt16, String)]] = [
            [(0x10, "OTHER", 0x1010, "X"), (0x11, "ACME CT", 0x1110, "A")], [(0x10, "ACME CT", 0x1010, "B")],
            [(0x10, "OTHER", 0x1010, "Y")],
        ]
        for (index, blocks) in blocks.enumerated() {
            let own = blocks.flatMap { number, creator, element, value in
                [tiny.element(0x0019, number, .LO, creator), tiny.element(0x0019, element, .LO, value)]
            }
            try folder.write(try tiny.file(index, extra: own), to: "in/\(index).dcm")
        }
        let program = try DeclaredHome(in: folder, sources: [:]).program
        let file = "home/etl/vocabularies/acme.yaml"
        try folder.write(Self.vocabulary(#"(0019,"ACME CT",10)"#), to: file)
        try await TestWarehouse.with(engine) { place in
            let ingest = ["ingest", "--keep-identifiers", "--database", place.url, folder.path("in")]
            let run = try await program.run(ingest)
            #expect(run.exitCode == 0, "\(run.error)")
            let labels = try await place.rows(
                """
                SELECT slice.instance_number, label.raw_value FROM label
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                JOIN slice ON slice.patient_id = label.patient_id AND slice.slice_id = label.slice_id
                WHERE label_domain.name = 'acme_mode' ORDER BY slice.instance_number
                """)
            #expect(try labels.map { try $0.get(at: 0, as: Int.self) } == [1, 2])
            #expect(try labels.map { try $0.get(at: 1, as: String.self) } == ["A", "B"])
            #expect(try await Self.counts(#"(0019,"ACME CT",10)"#, place) == ["absent||1", "value|A|1", "value|B|1"])
            for wrong in [#"(0018,"ACME CT",10)"#, "(0019,ACME CT,10)", #"(0019,"ACME CT",1010)"#] {
                try folder.write(Self.vocabulary(wrong), to: file)
                let refused = try await program.run(ingest)
                #expect(refused.exitCode != 0 && refused.output.isEmpty, "\(refused.output)")
                #expect(refused.error.contains("\(wrong) of the domain acme_mode is no keyword"), "\(refused.error)")
            }
        }
    }

    /// `class|value|count`, sorted.
    private static func counts(_ attribute: String, _ place: TestWarehouse) async throws -> [String] {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let result = try await program.run(
            "domains", "--attribute", attribute, "--format", "json", "--database", place.url)
        #expect(result.exitCode == 0, "\(result.error)")
        return try result.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return "\(object["value_class"] ?? "")|\(object["value"] as? String ?? "")|\(object["slice_count"] ?? "")"
        }.sorted()
    }
}
