import CanonicalJSON
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Segmentations and structure sets become annotations of the images they mark, whenever either comes.
@Suite("DICOM SEG and RTSTRUCT", .enabled(if: !MarkingObjects.python.isEmpty, "\(MarkingObjects.isMissing)"))
struct MarkingObjectTests {
    private static let compared = [
        "slice", "annotation", "annotation_mask", "annotation_contour", "reader", "reading",
    ]

    private static func with(
        _ engine: WarehouseEngine, _ body: (TestWarehouse, TestIngest, MarkingObjects) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let objects = try await MarkingObjects(in: TemporaryFolder(), program: Program(home: home))
        try await TestWarehouse.with(engine) { place in
            try await body(place, try TestIngest(into: place, home: home), objects)
        }
    }

    private static func findings(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            "SELECT check_name FROM quality_finding WHERE check_name LIKE 'mask%' OR check_name = 'open_contour'"
        ).map { try $0.get("check_name") }.sorted()
    }

    /// What findings say of which nothing has a place.
    private static func unplacedTargets(_ place: TestWarehouse) async throws -> [String] {
        let rows = try await place.rows("SELECT detail FROM quality_finding WHERE check_name LIKE 'mask%'")
        return try rows.flatMap { row -> [String] in
            let detail = try JSONValue(parsing: row.get("detail", as: String.self))
            return (detail["marks"]?.array ?? []).compactMap { $0["target"]?.string }
        }.sorted()
    }

    @Test(arguments: TestEngine.available)
    func `masks are pydicom's, with and without identifiers`(engine: WarehouseEngine) async throws {
        try await Self.with(engine) { place, ingest, objects in
            let summary = try await ingest.run(objects.folder.path("in"))
            #expect(summary.rejected == 0)
            #expect(summary.masksStored == objects.clinicalMasks.count)
            #expect(try await MarkingObjects.masks(in: place) == objects.clinicalMasks)
            #expect(
                try await Self.findings(place) == [
                    "mask_place_mismatch", "mask_size_mismatch", "mask_unreadable", "open_contour",
                ])
            #expect(try await Self.unplacedTargets(place) == ["type elsewhere", "type small"])
            #expect(try await place.brokenPromises() == [])
            #expect(
                try await place.count(
                    "SELECT count(*) FROM series_header WHERE CAST(header AS text) LIKE '%keyhole%' OR CAST(header AS text) LIKE '%\"twice%'"
                ) == 0)
            // Segments: 3 + 1 + 1 + 2 + 1 + 1; those that fit nowhere say nothing. Regions: all but the marker.
            #expect(try await place.count("SELECT count(*) FROM annotation WHERE kind = 'mask'") == 9)
            #expect(try await place.count("SELECT count(*) FROM annotation WHERE kind = 'contour'") == 3)
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM annotation JOIN reader ON reader.reader_id = annotation.reader_id
                    WHERE reader.reader_key = 'algorithm:nnU-Net' AND reader.kind = 'algorithm'
                        AND annotation.target IN ('type right', 'type plane')
                    """) == 2)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM series WHERE role = 'mask' AND companion_of IS NOT NULL") == 8)
            // A voxel has 0.75 × 0.5 × 2.5 mm³.
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM annotation
                    WHERE ABS(volume_mm3 - voxel_count * 0.75 * 0.5 * 2.5) > 1e-6
                    """) == 0)
            let again = try await ingest.run(objects.folder.path("in"))
            #expect(again.known == again.seen && again.masksStored == 0 && again.findings == 0)
        }
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in")) { $0.keepIdentifiers = true }
            #expect(try await MarkingObjects.masks(in: place) == objects.namedMasks)
        }
    }

    /// The objects of a patient are looked at again by each run that brings something of the patient.
    @Test(arguments: TestEngine.available)
    func `a finding that stays is counted once, and stays that of the run that found it`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in/ct"))
            try await ingest.run(objects.folder.path("in/odd"))
            let misplaced: SQL = """
                SELECT ingest_run_id FROM quality_finding WHERE check_name = 'mask_place_mismatch'
                """
            let first = try await place.count(misplaced)
            #expect(first != nil)
            let second = try await ingest.run(objects.folder.path("in/seg"))
            #expect(try await place.count(misplaced) == first)
            let new = try await place.count(
                """
                SELECT count(*) FROM quality_finding
                WHERE ingest_run_id = (SELECT max(ingest_run_id) FROM ingest_run)
                """)
            #expect(second.findings == new)
        }
    }

    /// A copy of one segmentation under another Patient ID, with UIDs of its own, and one with its UIDs and other bits.
    private static let copies = """
        import os, sys
        import pydicom
        root = sys.argv[1]
        names = sorted(os.listdir(os.path.join(root, 'seg')))
        first = next(name for name in names
                     if pydicom.dcmread(os.path.join(root, 'seg', name)).SegmentationType == 'BINARY')
        for folder in ('one', 'other', 'edited'): os.makedirs(os.path.join(root, folder))
        data = pydicom.dcmread(os.path.join(root, 'seg', first))
        data.save_as(os.path.join(root, 'one', 'a.dcm'))
        data.PixelData = bytes(byte ^ 0xFF for byte in data.PixelData)
        data.save_as(os.path.join(root, 'edited', 'a.dcm'))
        data = pydicom.dcmread(os.path.join(root, 'seg', first))
        data.PatientID = 'CANARYID99'
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = '2.25.78.1'
        data.SeriesInstanceUID = '2.25.78.2'
        data.save_as(os.path.join(root, 'other', 'a.dcm'))
        """

    @Test(arguments: TestEngine.available)
    func `a segmentation of another patient is told, and one that came again marks nothing and says so`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let folder = try await MarkingObjects(in: TemporaryFolder(), program: program).folder
        let made = try await program.run(tool: MarkingObjects.python, ["-c", Self.copies, folder.path("in")])
        try #require(made.exitCode == 0, "\(made.error)")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            func sentences(_ check: String) async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check)").map {
                    try $0.get("sentence")
                }
            }
            try await ingest.run(folder.path("in/ct"))
            try await ingest.run(folder.path("in/one"))
            #expect(try await sentences("mask_of_other_patient") == [])
            let marks = try await place.count("SELECT count(*) FROM annotation_mask") ?? 0
            try await ingest.run(folder.path("in/other"))
            let told = try await sentences("mask_of_other_patient")
            #expect(told.count == 1 && !told[0].contains("CANARYID99"), "\(told)")
            #expect(try await place.count("SELECT count(*) FROM annotation_mask") == 2 * marks)

            try await ingest.run(folder.path("in/edited"))
            #expect(try await place.count("SELECT count(*) FROM annotation_mask") == 2 * marks)
            let again = try await sentences("conflicting_pixels")
            #expect(again.count == 1 && again[0].contains("what came first marks"), "\(again)")
            #expect(!again.contains { $0.contains("--include-variants") })
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `objects that come before their images wait, and the end is the same`(engine: WarehouseEngine) async throws {
        var atOnce: WarehouseContents?
        var findings: [String] = []
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in"))
            atOnce = try await WarehouseContents(of: place)
            findings = try await Self.findings(place)
        }
        try await Self.with(engine) { place, ingest, objects in
            let folder = objects.folder
            try folder.move("in/ct", to: "aside")
            try await ingest.run(folder.path("in"))
            #expect(try await place.count("SELECT count(*) FROM annotation") == 0)
            #expect(
                try await Self.findings(place) == ["mask_unreadable"] + Array(repeating: "mask_without_image", count: 9)
            )
            // Half of the images, one of them that no segment marks.
            for name in ["4.dcm", "2.dcm", "3.dcm"] { try folder.move("aside/" + name, to: "in/ct/" + name) }
            try await ingest.run(folder.path("in"))
            #expect(try await Self.findings(place).contains("mask_slice_without_image"))
            let some = try await MarkingObjects.masks(in: place)
            #expect(!some.isEmpty && some.count < objects.clinicalMasks.count)
            #expect(Set(some).isSubset(of: objects.clinicalMasks))
            for name in ["0.dcm", "1.dcm", "5.dcm"] { try folder.move("aside/" + name, to: "in/ct/" + name) }
            try await ingest.run(folder.path("in"))
            #expect(try await MarkingObjects.masks(in: place) == objects.clinicalMasks)
            #expect(try await place.brokenPromises() == [])
            #expect(try await Self.findings(place) == findings)
            let late = try await WarehouseContents(of: place)
            for table in Self.compared {
                #expect(late.tables[table] == atOnce?.tables[table], "\(table)")
            }
        }
    }

    // MARK: Another patient

    /// Everything but the images names another patient, or none.
    private static let renamed = """
        import os, sys
        import pydicom
        root, patient = sys.argv[1:]
        for folder in ('seg', 'rt', 'odd'):
            for name in sorted(os.listdir(os.path.join(root, folder))):
                path = os.path.join(root, folder, name)
                data = pydicom.dcmread(path)
                data.PatientID = patient
                data.save_as(path)
        """

    private static let objectFolders = ["seg", "rt", "odd"]

    /// All but those of files and runs, and the patients and studies that objects named first.
    private static let comparedOfOthers =
        compared + [
            "series", "series_header", "series_volume", "series_source", "slice_header", "slice_pixels", "slice_source",
            "header_value", "header_slice_value", "header_removed", "quality_finding", "label",
        ]

    /// Files whose objects name `patient`, with the home of the key. Of one folder all that is stored can be compared.
    private static func withObjects(
        of patient: String, _ body: (MarkingObjects, TemporaryFolder) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let objects = try await MarkingObjects(in: TemporaryFolder(), program: program)
        let made = try await program.run(
            tool: MarkingObjects.python, ["-c", Self.renamed, objects.folder.path("in"), patient])
        try #require(made.exitCode == 0, "\(made.error)")
        try await body(objects, home)
    }

    private static func moveObjects(_ folder: TemporaryFolder, from: String, to: String) throws {
        for name in objectFolders { try folder.move("\(from)/\(name)", to: "\(to)/\(name)") }
    }

    /// What is stored when the objects come after their images: what every other order has to give.
    private static func afterImages(
        _ engine: WarehouseEngine, _ objects: MarkingObjects, home: TemporaryFolder
    ) async throws -> WarehouseContents {
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Self.moveObjects(objects.folder, from: "in", to: "aside")
            try await ingest.run(objects.folder.path("in"))
            try Self.moveObjects(objects.folder, from: "aside", to: "in")
            try await ingest.run(objects.folder.path("in"))
            return try await WarehouseContents(of: place)
        }
    }

    /// One segmentation names no series and stays with its patient, whose images these are not.
    private static func expectedOfOthers(_ patient: String) -> [String] {
        let told = patient.isEmpty ? [] : Array(repeating: "mask_of_other_patient", count: 9)
        return [
            "mask_of_other_patient", "mask_place_mismatch", "mask_size_mismatch", "mask_unreadable",
            "mask_without_image", "open_contour",
        ].flatMap { $0 == "mask_of_other_patient" ? told : [$0] }
    }

    private static func expectedMasks(_ objects: MarkingObjects) -> [String] {
        objects.clinicalMasks.filter { !$0.hasPrefix("type plane|") }
    }

    @Test(arguments: TestEngine.available, ["CANARYID99", ""])
    func `objects of another patient, or of none, end the same before their images, after them and beside them`(
        engine: WarehouseEngine, patient: String
    ) async throws {
        try await Self.withObjects(of: patient) { objects, home in
            let after = try await Self.afterImages(engine, objects, home: home)
            for isFirst in [true, false] {
                try await TestWarehouse.with(engine) { place in
                    let ingest = try TestIngest(into: place, home: home)
                    if isFirst {
                        try objects.folder.move("in/ct", to: "aside/ct")
                        try await ingest.run(objects.folder.path("in"))
                        #expect(try await place.count("SELECT count(*) FROM annotation") == 0)
                        try objects.folder.move("aside/ct", to: "in/ct")
                    }
                    try await ingest.run(objects.folder.path("in"))
                    #expect(try await MarkingObjects.masks(in: place) == Self.expectedMasks(objects))
                    #expect(try await Self.findings(place) == Self.expectedOfOthers(patient))
                    #expect(try await place.brokenPromises() == [])
                    let contents = try await WarehouseContents(of: place)
                    for table in Self.comparedOfOthers {
                        #expect(contents.tables[table] == after.tables[table], "\(table), objects first: \(isFirst)")
                    }
                    let again = try await ingest.run(objects.folder.path("in"))
                    #expect(again.known == again.seen && again.masksStored == 0 && again.findings == 0)
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `objects of another patient mark what is there of their images, and the rest when it comes`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.withObjects(of: "CANARYID99") { objects, home in
            let after = try await Self.afterImages(engine, objects, home: home)
            try await TestWarehouse.with(engine) { place in
                let (folder, ingest) = (objects.folder, try TestIngest(into: place, home: home))
                try folder.move("in/ct", to: "aside/ct")
                try await ingest.run(folder.path("in"))
                for name in ["4.dcm", "2.dcm", "3.dcm"] { try folder.move("aside/ct/" + name, to: "in/ct/" + name) }
                try await ingest.run(folder.path("in"))
                let some = try await MarkingObjects.masks(in: place)
                #expect(!some.isEmpty && some.count < Self.expectedMasks(objects).count)
                #expect(Set(some).isSubset(of: Self.expectedMasks(objects)))
                let told = try await Self.findings(place).filter { $0 == "mask_of_other_patient" }
                #expect(told.count == 9)
                for name in ["0.dcm", "1.dcm", "5.dcm"] { try folder.move("aside/ct/" + name, to: "in/ct/" + name) }
                try await ingest.run(folder.path("in"))
                #expect(try await MarkingObjects.masks(in: place) == Self.expectedMasks(objects))
                #expect(try await Self.findings(place) == Self.expectedOfOthers("CANARYID99"))
                #expect(try await place.brokenPromises() == [])
                let contents = try await WarehouseContents(of: place)
                for table in Self.compared {
                    #expect(contents.tables[table] == after.tables[table], "\(table)")
                }
            }
        }
    }

    /// Images of two patients, and a segmentation and a structure set of each: one Series Instance UID, study and
    /// Patient ID for both segmentations, and so for the structure sets, as converters write that have a fixed one.
    private static let oneSeries = """
        import os, sys
        import pydicom
        source, root = sys.argv[1:]
        for name in ('a', 'b', 'obj'): os.makedirs(os.path.join(root, name))

        def other(dataset, element):
            if element.VR == 'UI' and str(element.value).startswith('2.25.77.'):
                element.value = str(element.value).replace('2.25.77.', '2.25.78.', 1)

        for name in sorted(os.listdir(os.path.join(source, 'ct'))):
            data = pydicom.dcmread(os.path.join(source, 'ct', name))
            data.save_as(os.path.join(root, 'a', name))
            data.walk(other)
            data.PatientID, data.file_meta.MediaStorageSOPInstanceUID = 'CANARYID99', data.SOPInstanceUID
            data.save_as(os.path.join(root, 'b', name))
        for name, series in ('seg/binary.dcm', '2.25.99.2'), ('rt/structures.dcm', '2.25.99.3'):
            data = pydicom.dcmread(os.path.join(source, name))
            kind = name[:2]
            for patient in ('a', 'b'):
                if patient == 'b':
                    data.walk(other)
                    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = series + '.1'
                data.PatientID, data.StudyInstanceUID, data.SeriesInstanceUID = 'ANON', '2.25.99.1', series
                data.save_as(os.path.join(root, 'obj', kind + patient + '.dcm'))
        """

    /// PS3.3 C.7.3.1: a Series Instance UID is of one series, and so of one patient; what an object names is right
    /// even so.
    @Test(arguments: TestEngine.available)
    func `objects of one Series Instance UID go each to its own images, in any order, and once`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let objects = try await MarkingObjects(in: TemporaryFolder(), program: program)
        let folder = objects.folder
        let made = try await program.run(
            tool: MarkingObjects.python, ["-c", Self.oneSeries, folder.path("in"), folder.path("two")])
        try #require(made.exitCode == 0, "\(made.error)")
        let first = objects.clinicalMasks.filter { line in
            ["type left|", "type right|", "rt:"].contains { line.hasPrefix($0) }
        }
        let expected = (first + first.map { $0.replacing("|2.25.77.", with: "|2.25.78.") }).sorted()
        var contents: [WarehouseContents] = []
        for order in [["a", "b", "obj"], ["obj", "a", "b"], ["a", "obj", "b"], [""]] {
            try await TestWarehouse.with(engine) { place in
                let ingest = try TestIngest(into: place, home: home)
                for name in order { try await ingest.run(folder.path("two/" + name)) }
                #expect(try await MarkingObjects.masks(in: place) == expected, "\(order)")
                let odd = try await Self.findings(place).filter {
                    $0.hasSuffix("without_image") || $0.hasSuffix("uid_of_two_patients")
                }
                #expect(odd == [], "\(order)")
                let again = try await ingest.run(folder.path("two"))
                #expect(again.stored == 0 && again.slicesStored == 0 && again.seriesStored == 0, "\(order)")
                #expect(again.masksStored == 0 && again.marksStored == 0 && again.findings == 0, "\(order)")
                #expect(try await MarkingObjects.masks(in: place) == expected, "\(order)")
                #expect(try await place.brokenPromises() == [])
                contents.append(try await WarehouseContents(of: place))
            }
        }
        for table in Self.compared + ["series"] {
            for other in contents { #expect(other.tables[table] == contents[0].tables[table], "\(table)") }
        }
    }

    /// The images once more, under another patient.
    private static let filedTwice = """
        import os, sys
        import pydicom
        root = sys.argv[1]
        os.makedirs(os.path.join(root, 'twice'))
        for name in sorted(os.listdir(os.path.join(root, 'ct'))):
            data = pydicom.dcmread(os.path.join(root, 'ct', name))
            data.PatientID = 'CANARYID99'
            data.save_as(os.path.join(root, 'twice', name))
        """

    @Test(arguments: TestEngine.available)
    func `an object whose own patient has the images that it names stays, though another patient has them too`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let objects = try await MarkingObjects(in: TemporaryFolder(), program: program)
        let folder = objects.folder
        let made = try await program.run(tool: MarkingObjects.python, ["-c", Self.filedTwice, folder.path("in")])
        try #require(made.exitCode == 0, "\(made.error)")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for name in ["ct", "twice"] { try folder.move("in/" + name, to: "aside/" + name) }
            try await ingest.run(folder.path("in"))
            for name in ["ct", "twice"] { try folder.move("aside/" + name, to: "in/" + name) }
            try await ingest.run(folder.path("in"))
            #expect(try await place.count("SELECT count(DISTINCT patient_id) FROM series WHERE role = 'image'") == 2)
            #expect(try await place.count("SELECT count(DISTINCT patient_id) FROM series WHERE role <> 'image'") == 1)
            let told = try await Self.findings(place).filter { $0 == "mask_of_other_patient" }
            #expect(told.isEmpty)
            #expect(try await MarkingObjects.masks(in: place) == objects.clinicalMasks)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a segmentation goes to the data set of the images that it names`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in/ct")) { $0.datasetName = "trial" }
            try await ingest.run(objects.folder.path("in/seg"))
            // One names no image, so it stays where its own header puts it.
            #expect(try await place.count("SELECT count(*) FROM patient") == 2)
            let expected = objects.clinicalMasks.filter { !$0.hasPrefix("rt:") && !$0.hasPrefix("type plane|") }
            #expect(try await MarkingObjects.masks(in: place) == expected)
            #expect(try await Self.findings(place) == ["mask_without_image"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a segmentation of published images, from a plain folder, stays private`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in/ct")) { $0.datasetName = "published" }
            try await place.open(.write(create: false)) { warehouse in
                _ = try await warehouse.withConnection(.write) { connection in
                    try await connection.execute("UPDATE dataset SET patient_key_kind = 'research'")
                }
            }
            try await ingest.run(objects.folder.path("in/seg"))
            #expect(try await place.count("SELECT count(*) FROM series WHERE role = 'mask'") == 6)
            #expect(try await place.count("SELECT count(*) FROM source_file WHERE relative_path LIKE '%.dcm'") == 0)
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM series_header
                    WHERE CAST(header AS text) LIKE '%Doe%' OR CAST(header AS text) LIKE '%\"twice%'
                    """) == 0)
        }
    }

    @Test(arguments: TestEngine.available)
    func `identifiers are not kept beside pseudonyms, whatever folder they come from`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.with(engine) { place, ingest, objects in
            try await ingest.run(objects.folder.path("in/ct")) { $0.datasetName = "trial" }
            await #expect(throws: IngestionError.self) {
                try await ingest.run(objects.folder.path("in/seg")) { $0.keepIdentifiers = true }
            }
            #expect(try await place.count("SELECT count(*) FROM series WHERE role = 'mask'") == 0)
        }
    }

    @Test(arguments: TestEngine.available, ["object-placed", "object-placed:4", "object-committed:2"])
    func `a run that is killed among the objects ends the same when run again`(
        engine: WarehouseEngine, failpoint: String
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let objects = try await MarkingObjects(in: TemporaryFolder(), program: program)
        var contents: [WarehouseContents] = []
        for blow in [nil, failpoint] {
            try await TestWarehouse.with(engine) { place in
                let ingest = ["ingest", "--database", place.url, objects.folder.path("in")]
                if let blow {
                    let killed = try await program.with("SLICEHOUSE_FAILPOINT", blow).run(ingest)
                    #expect(killed.signal == 9, "the failpoint was not reached: \(killed.error)")
                }
                let run = try await program.run(ingest)
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try await place.brokenPromises() == [])
                contents.append(try await WarehouseContents(of: place))
            }
        }
        #expect(contents[1].differences(from: contents[0]) == [])
    }
}
