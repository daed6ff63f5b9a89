import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What people have of a published data set is rarely all of it, and rarely as it was published.
@Suite("Partial downloads")
struct PartialDownloadTests {
    enum Layout: String, CaseIterable, Sendable {
        case ichVolumes, ichPictures, rsna2019, retinopathy, luna16, lidc

        /// Two to four patients, small.
        func write(to path: String) async throws {
            switch self {
            case .ichVolumes, .ichPictures:
                var options = PhysioNetICHOptions()
                options.matrixSize = 16
                options.patients = [49, 58]
                options.trees = [self == .ichVolumes ? .nifti : .jpeg]
                _ = try await PhysioNetICHPhantom(options).write(to: path)
            case .rsna2019:
                var options = RSNA2019Options()
                options.matrixSize = 16
                _ = try RSNA2019Phantom(options).write(to: path)
            case .retinopathy:
                var options = RetinopathyOptions()
                options.width = 64
                options.patientCount = 3
                _ = try RetinopathyPhantom(options).write(to: path)
            case .luna16:
                var options = LUNA16Options()
                options.matrixSize = 32
                options.slices = 6
                options.scanCount = 3
                options.candidatesPerSeries = 1
                _ = try LUNA16Phantom(options).write(to: path)
            case .lidc:
                var options = LIDCOptions()
                options.matrixSize = 64
                options.slices = 8
                options.patientCount = 2
                _ = try LIDCPhantom(options).write(to: path)
            }
        }

        /// Files of the phantom that are broken as some of the published ones are.
        var brokenCount: Int { self == .rsna2019 ? 1 : 0 }

        /// Labels that the headers of a plain folder give.
        var hasHeaderLabels: Bool { [.rsna2019, .lidc].contains(self) }

        /// Tables, or readings in XML.
        func isTable(_ path: String) -> Bool { path.hasSuffix(".csv") || path.hasSuffix(".xml") }

        /// What one image file needs beside it, or what the next one of its kind would not be without.
        func group(_ path: String) -> String {
            switch self {
            case .luna16: URL(filePath: path).deletingPathExtension().lastPathComponent
            case .ichPictures: path.replacing("_HGE_Seg", with: "").replacing("/bone/", with: "/brain/")
            default: path
            }
        }
    }

    /// The rows that labels and marks end up as.
    private static let compared = [
        "label", "label_value", "label_unresolved", "annotation", "annotation_mask", "annotation_contour",
        "annotation_rating", "annotation_unresolved", "finding", "reading",
    ]

    private static func expectEqual(_ late: WarehouseContents, _ atOnce: WarehouseContents, _ what: String) {
        for table in compared { #expect(late.tables[table] == atOnce.tables[table], "\(what): \(table)") }
    }

    private static func contents(
        _ engine: WarehouseEngine, _ folder: TemporaryFolder,
        _ steps: (TestIngest, TestWarehouse) async throws -> Void
    ) async throws -> WarehouseContents {
        try await TestWarehouse.with(engine) { place in
            try await steps(TestIngest(into: place, home: folder), place)
            #expect(try await place.brokenPromises() == [])
            return try await WarehouseContents(of: place)
        }
    }

    @Test(arguments: TestEngine.available, Layout.allCases)
    func `tables that come late, or after half of the images, say the same in the end`(
        engine: WarehouseEngine, layout: Layout
    ) async throws {
        let folder = try TemporaryFolder()
        try await layout.write(to: folder.path("set"))
        let atOnce = try await Self.contents(engine, folder) { ingest, _ in
            let summary = try await ingest.run(folder.path("set"))
            #expect(summary.isBalanced && summary.labelsStored + summary.marksStored > 0)
        }
        let files = folder.files(below: "set")
        let tables = files.filter(layout.isTable)
        let late = try await Self.contents(engine, folder) { ingest, place in
            for table in tables { try folder.move(table, to: "aside/" + table) }
            let images = try await ingest.run(folder.path("set"))
            #expect(images.isBalanced && images.slicesStored > 0 && images.marksStored == 0)
            #expect(images.labelsStored == 0 || layout.hasHeaderLabels)
            for table in tables { try folder.move("aside/" + table, to: table) }
            #expect(try await ingest.run(folder.path("set")).isBalanced)
        }
        Self.expectEqual(late, atOnce, "late tables")
        let groups = Set(files.filter { !layout.isTable($0) }.map(layout.group)).sorted()
        let missing = Set(groups.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
        let half = files.filter { !layout.isTable($0) && missing.contains(layout.group($0)) }
        let grown = try await Self.contents(engine, folder) { ingest, _ in
            for file in half { try folder.move(file, to: "aside/" + file) }
            let first = try await ingest.run(folder.path("set"))
            #expect(first.isBalanced && first.rejected <= layout.brokenCount, "\(first)")
            for file in half { try folder.move("aside/" + file, to: file) }
            #expect(try await ingest.run(folder.path("set")).isBalanced)
        }
        Self.expectEqual(grown, atOnce, "half of the images")
    }

    /// Voxels alone are no image; with their headers they are files of the data set, and no longer left aside.
    @Test(arguments: TestEngine.available)
    func `files that came before their headers count once`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        try await Layout.luna16.write(to: folder.path("set"))
        let files = folder.files(below: "set")
        let voxels = files.filter { $0.hasSuffix("raw") }
        for file in files where !voxels.contains(file) { try folder.move(file, to: "aside/" + file) }
        _ = try await Self.contents(engine, folder) { ingest, place in
            let first = try await ingest.run(folder.path("set"))
            #expect(first.ignored == voxels.count && first.ignored == first.seen && first.seen > 0, "\(first)")
            #expect(try await Self.outcomes(place) == ["ignored": voxels.count])
            for file in files where !voxels.contains(file) { try folder.move("aside/" + file, to: file) }
            let second = try await ingest.run(folder.path("set"))
            // A file of predictions in the form of the challenge is left aside.
            #expect(second.isBalanced && second.ignored == 1, "\(second)")
            let outcomes = try await Self.outcomes(place)
            #expect(outcomes["ignored"] == 1 && outcomes.values.reduce(0, +) == files.count, "\(outcomes)")
            #expect(try await ingest.run(folder.path("set")).known == files.count)
        }
    }

    /// Files by outcome, as the query of that name counts them.
    private static func outcomes(_ place: TestWarehouse) async throws -> [String: Int] {
        let rows = try await place.open { warehouse in
            let query = try warehouse.sqlLibrary.query(named: "files_by_outcome", engine: warehouse.engine)
            return try await warehouse.withConnection { try await $0.rows(try query.sql()) }
        }
        var counts: [String: Int] = [:]
        for row in rows { counts[try row.get("outcome"), default: 0] += try row.get("file_count", as: Int.self) }
        return counts
    }

    @Test(arguments: TestEngine.available, Layout.allCases.filter { $0 != .lidc })
    func `a column that nobody knows changes nothing`(engine: WarehouseEngine, layout: Layout) async throws {
        let folder = try TemporaryFolder()
        try await layout.write(to: folder.path("set"))
        var plain: [String] = []
        _ = try await Self.contents(engine, folder) { ingest, place in
            try await ingest.run(folder.path("set"))
            plain = try await Self.statements(in: place)
        }
        for table in folder.files(below: "set") where table.hasSuffix(".csv") {
            let text = String(decoding: try folder.read(table), as: UTF8.self)
            try folder.write(Self.withColumn(text), to: table)
        }
        _ = try await Self.contents(engine, folder) { ingest, place in
            let summary = try await ingest.run(folder.path("set"))
            #expect(summary.rejected <= layout.brokenCount && summary.rejectedRows == 0, "\(summary)")
            #expect(try await Self.statements(in: place) == plain && !plain.isEmpty)
        }
    }

    /// A cell more in each record; quoted cells may hold ends of lines.
    private static func withColumn(_ text: String) -> String {
        let end: Character = text.contains("\r\n") ? "\r\n" : "\n"
        var wider = ""
        var (isQuoted, record) = (false, 0)
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == end, !isQuoted {
                wider += record == 0 ? ",Remark" : ",\"seen, twice\""
                record += 1
            }
            wider.append(character)
        }
        return wider
    }

    /// What tables say, without the ids that follow from their bytes.
    private static func statements(in place: TestWarehouse) async throws -> [String] {
        let queries: [SQL] = [
            "SELECT patient_id, series_id, slice_id, level, label_domain_id, raw_value FROM label",
            "SELECT patient_key, series_key, sop_instance_uid, label_domain_id, raw_value FROM label_unresolved",
            "SELECT series_id, kind, target FROM annotation",
            "SELECT series_key, mark_count, reason FROM annotation_unresolved",
        ]
        var lines: [String] = []
        for query in queries { lines += try await place.rows(query).rows.map { "\($0)" } }
        return lines.sorted()
    }

    @Test(arguments: Layout.allCases)
    func `a folder with another set's tables is read as what it is`(layout: Layout) async throws {
        let folder = try TemporaryFolder()
        try await layout.write(to: folder.path("set"))
        for table in folder.files(below: "set").filter(layout.isTable) { try folder.remove(table) }
        try folder.write("country,capital\nNorway,Oslo\n", to: "set/capitals.csv")
        try folder.write("<capitals><Norway>Oslo</Norway></capitals>", to: "set/capitals.xml")
        _ = try await Self.contents(.sqlite, folder) { ingest, place in
            let summary = try await ingest.run(folder.path("set"))
            #expect(summary.isBalanced && summary.rejected <= layout.brokenCount, "\(summary)")
            #expect(summary.labelsStored == 0 || layout.hasHeaderLabels)
            #expect(summary.slicesStored > 0)
            #expect(try await place.count("SELECT count(*) FROM source_file WHERE outcome = 'ignored'") ?? 0 >= 2)
        }
    }

    /// Scans or masks of CT-ICH say of themselves not what they are.
    @Test(arguments: TestEngine.available, ["ct_scans", "masks"])
    func `a part that is stored as of a plain folder too is told, whichever comes first`(
        engine: WarehouseEngine, part: String
    ) async throws {
        let folder = try TemporaryFolder()
        let set = try await Cohorts.smallICH().path("ich/ct-ich-1.3.1")
        try folder.copy(set, to: "whole/ct-ich-1.3.1")
        try folder.copy(set + "/" + part, to: "alone/" + part)
        for paths in [["alone", "whole"], ["whole", "alone"]] {
            _ = try await Self.contents(engine, folder) { ingest, place in
                try await ingest.run(folder.path(paths[0]))
                #expect(try await Self.copies(place).isEmpty)
                for path in [paths[1], "whole", "alone"] { try await ingest.run(folder.path(path)) }
                let told = try await Self.copies(place)
                #expect(told.count == 1)
                let names = "in images@1 and as of physionet-ct-ich@1.3.1: "
                #expect(told.first?.contains(names) == true, "\(told)")
                #expect(ingest.observer.notices.count { $0.hasPrefix("Images are stored twice") } == 1)
            }
        }
    }

    /// Two data sets, whichever of their series they share and whenever.
    @Test(arguments: TestEngine.available)
    func `a part that is stored twice is told once`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let set = try await Cohorts.smallICH().path("ich/ct-ich-1.3.1")
        try folder.copy(set, to: "both/whole/ct-ich-1.3.1")
        try folder.copy(set + "/ct_scans", to: "both/alone/ct_scans")
        _ = try await Self.contents(engine, folder) { ingest, place in
            try await ingest.run(folder.path("both"))
            #expect(try await place.count("SELECT count(*) FROM dataset") == 2)
            #expect(try await Self.copies(place).count == 1)
        }
        for name in ["049", "058"] {
            try folder.copy(set + "/ct_scans/\(name).nii", to: "parts/\(name)/ct_scans/\(name).nii")
        }
        _ = try await Self.contents(engine, folder) { ingest, place in
            for path in ["parts/049", "both/whole", "parts/058"] {
                try await ingest.run(folder.path(path))
            }
            #expect(try await place.count("SELECT count(*) FROM dataset") == 2)
            #expect(try await Self.copies(place).count == 1)
            #expect(ingest.observer.notices.count { $0.hasPrefix("Images are stored twice") } == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `other images beside a data set are no copies of it`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let set = try await Cohorts.smallICH().path("ich/ct-ich-1.3.1")
        // One voxel of the last slice is another: NIfTI ends with its voxels.
        var scan = try Array(Data(contentsOf: URL(filePath: set + "/ct_scans/049.nii")))
        scan[scan.count - 1] ^= 1
        try folder.write(scan, to: "alone/049.nii")
        _ = try await Self.contents(engine, folder) { ingest, place in
            try await ingest.run(set)
            #expect(try await ingest.run(folder.path("alone")).slicesStored > 0)
            #expect(try await Self.copies(place).isEmpty)
        }
    }

    private static func copies(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'stored_in_plain_folder_too'")
            .map { try $0.get("sentence", as: String.self) }
    }
}
