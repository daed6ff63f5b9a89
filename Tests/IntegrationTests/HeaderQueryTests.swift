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
