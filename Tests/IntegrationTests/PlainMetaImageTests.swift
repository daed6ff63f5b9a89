import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// MetaImage files in a folder of no known layout.
@Suite("MetaImage in plain folders") struct PlainMetaImageTests {
    /// Three by two voxels in two slices, header and voxels in one file: 0, 1, … 11 as bytes, which make it no text.
    fileprivate static let volume: [UInt8] =
        Array(
            """
            ObjectType = Image
            NDims = 3
            BinaryData = True
            BinaryDataByteOrderMSB = False
            TransformMatrix = 1 0 0 0 1 0 0 0 1
            Offset = -10 20 30
            ElementSpacing = 0.5 0.75 2.5
            DimSize = 3 2 2
            ElementType = MET_UCHAR
            ElementDataFile = LOCAL

            """.utf8) + (0..<12).map { UInt8($0) }

    @Test(arguments: TestEngine.available)
    func `header and voxels in one file are a volume`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            try folder.write(Self.volume, to: "case.mha")
            let summary = try await TestIngest(into: place, home: home).run(folder.path)
            #expect(summary.stored == 1 && summary.slicesStored == 2 && summary.isBalanced, "\(summary)")
            let rows = try await place.rows(
                "SELECT geometry_kind, origin_x_mm, column_spacing_mm, slice_spacing_mm FROM series")
            let row = try #require(rows.first)
            #expect(try row.get("geometry_kind", as: String.self) == "volume")
            #expect(try row.get("origin_x_mm", as: Double.self) == -10)
            #expect(try row.get("column_spacing_mm", as: Double.self) == 0.5)
            #expect(try row.get("slice_spacing_mm", as: Double.self) == 2.5)
            let maxima = try await place.rows("SELECT maximum FROM slice ORDER BY slice_index")
            #expect(try maxima.map { try $0.get("maximum", as: Double.self) } == [5, 11])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// How a volume lies in its folder.
    enum Form: String, CaseIterable {
        case mha, mhd

        /// The volume with an origin of that column coordinate, each voxel larger by `step`.
        func write(to folder: TemporaryFolder, as name: String, x: Int = -10, step: UInt8 = 0) throws {
            let end = PlainMetaImageTests.volume.count - 12
            let voxels = PlainMetaImageTests.volume[end...].map { $0 + step }
            let header = String(decoding: PlainMetaImageTests.volume[..<end], as: UTF8.self)
                .replacing("Offset = -10", with: "Offset = \(x)")
            switch self {
            case .mha: try folder.write(Array(header.utf8) + voxels, to: name + ".mha")
            case .mhd:
                try folder.write(header.replacing("LOCAL", with: name + ".raw"), to: name + ".mhd")
                try folder.write(voxels, to: name + ".raw")
            }
        }
    }

    @Test(arguments: TestEngine.available, Form.allCases)
    func `another header in its place is told and no other patient`(
        engine: WarehouseEngine, form: Form
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try form.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try form.write(to: folder, as: "case", x: -11)
            let summary = try await ingest.run(folder.path)
            #expect(summary.stored == 0 && summary.slicesStored == 0 && summary.isBalanced, "\(summary)")
            #expect(try await Self.state(place) == ["patients 1", "series 1", "header_differs"])
            // Read once more, it is the same file.
            try await ingest.run(folder.path) { $0.rehash = true }
            #expect(try await Self.state(place) == ["patients 1", "series 1", "header_differs"])

            try form.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            #expect(try await Self.state(place) == ["patients 1", "series 1"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// As in a data set, where the name says whose a volume is.
    @Test(arguments: TestEngine.available, Form.allCases)
    func `other voxels in its place are a variant`(engine: WarehouseEngine, form: Form) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try form.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try form.write(to: folder, as: "case", step: 100)
            let summary = try await ingest.run(folder.path)
            #expect(summary.slicesStored == 2 && summary.isBalanced, "\(summary)")
            #expect(try await Self.state(place) == ["patients 1", "series 2", "conflicting_pixels"])
            try form.write(to: folder, as: "case")
            #expect(try await ingest.run(folder.path).slicesStored == 0)
            #expect(try await Self.state(place) == ["patients 1", "series 2", "conflicting_pixels"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Header and voxels are two files; the header is known.
    @Test(arguments: TestEngine.available)
    func `voxels that change beside their header are read`(engine: WarehouseEngine) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mhd.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try folder.write((0..<12).map { UInt8($0 + 100) }, to: "case.raw")
            let summary = try await ingest.run(folder.path)
            #expect(summary.slicesStored == 2 && summary.isBalanced, "\(summary)")
            #expect(try await Self.state(place) == ["patients 1", "series 2", "conflicting_pixels"])
            #expect(try await ingest.run(folder.path).known == 2)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Voxels are settled after their header: nothing says that they are known before they are stored.
    @Test(arguments: TestEngine.available, ["scan-committed", "headers-read", "before-commit", "after-commit"])
    func `voxels that changed before a run was killed are read by the next one`(
        engine: WarehouseEngine, failpoint: String
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mhd.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try folder.write((0..<12).map { UInt8($0 + 100) }, to: "case.raw")
            let killed = try await program.with("SLICEHOUSE_FAILPOINT", failpoint).run(
                "ingest", "--database", place.url, folder.path)
            #expect(killed.signal == 9, "the failpoint was not reached: \(killed.error)")
            // Another file of the folder settles nothing of this one.
            try folder.write("no image", to: "note.txt")
            try await ingest.run(folder.path("note.txt"))
            let summary = try await ingest.run(folder.path)
            #expect(summary.isBalanced, "\(summary)")
            #expect(try await Self.state(place) == ["patients 1", "series 2", "conflicting_pixels"])
            // The second six voxels are 106 to 111.
            #expect(try await place.count("SELECT count(*) FROM slice WHERE maximum = 111") == 1)
            #expect(try await ingest.run(folder.path).known == 3)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `voxels that were named alone are read with their folder`(engine: WarehouseEngine) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mhd.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try folder.write((0..<12).map { UInt8($0 + 100) }, to: "case.raw")
            let alone = try await ingest.run(folder.path("case.raw"))
            #expect(alone.ignored == 1 && alone.slicesStored == 0 && alone.isBalanced, "\(alone)")
            let summary = try await ingest.run(folder.path)
            #expect(summary.slicesStored == 2 && summary.isBalanced, "\(summary)")
            #expect(try await Self.state(place) == ["patients 1", "series 2", "conflicting_pixels"])
            #expect(try await ingest.run(folder.path).known == 2)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a changed file that moves is known, and a new one elsewhere is another patient's`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mha.write(to: folder, as: "case")
            try await ingest.run(folder.path)
            try Form.mha.write(to: folder, as: "case", x: -11)
            try await ingest.run(folder.path)
            try folder.move("case.mha", to: "moved/other.mha")
            try await ingest.run(folder.path)
            #expect(try await Self.state(place).prefix(2) == ["patients 1", "series 1"])

            try Form.mha.write(to: folder, as: "third", x: -12)
            try await ingest.run(folder.path)
            #expect(try await Self.state(place).prefix(2) == ["patients 2", "series 2"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Files that are numbered anew change places.
    @Test(arguments: TestEngine.available)
    func `a stored volume in the place of another stays its patient's`(engine: WarehouseEngine) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mha.write(to: folder, as: "1")
            try Form.mha.write(to: folder, as: "2", step: 100)
            try await ingest.run(folder.path)
            try folder.remove("1.mha")
            try folder.move("2.mha", to: "1.mha")
            #expect(try await ingest.run(folder.path).slicesStored == 0)
            #expect(try await Self.state(place) == ["patients 2", "series 2"])
        }
    }

    /// Voxels of one patient are copied over those of another, beside a header that both have.
    @Test(arguments: TestEngine.available)
    func `a file that holds another patient's volume holds its own no longer`(engine: WarehouseEngine) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try Form.mhd.write(to: folder, as: "case")
            try folder.move("case.mhd", to: "a/case.mhd")
            try folder.move("case.raw", to: "a/case.raw")
            try Form.mhd.write(to: folder, as: "case", step: 100)
            try folder.move("case.mhd", to: "b/case.mhd")
            try folder.move("case.raw", to: "b/case.raw")
            try await ingest.run(folder.path)
            let held: SQL = """
                SELECT count(*) FROM slice_source
                JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                WHERE slice_source.sha256 = source_file.sha256
                """
            #expect(try await place.count(held) == 4)
            try folder.write(try folder.read("b/case.raw"), to: "a/case.raw")
            #expect(try await ingest.run(folder.path).slicesStored == 0)
            #expect(try await Self.state(place) == ["patients 2", "series 2"])
            // The two slices of b, in both files.
            #expect(try await place.count(held) == 4)

            // What comes to the place next is of the patient whose volume was there last.
            try folder.write((0..<12).map { UInt8($0 + 200) }, to: "a/case.raw")
            #expect(try await ingest.run(folder.path).slicesStored == 2)
            #expect(try await Self.state(place) == ["patients 2", "series 3", "conflicting_pixels"])
            let ofB: SQL = """
                SELECT count(*) FROM slice JOIN slice AS later ON later.patient_id = slice.patient_id
                WHERE slice.maximum = 111 AND later.maximum = 211
                """
            #expect(try await place.count(ofB) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// How many patients and series there are, and what is said of other headers and other voxels.
    private static func state(_ place: TestWarehouse) async throws -> [String] {
        let patients = try await place.count("SELECT count(*) FROM patient") ?? 0
        let series = try await place.count("SELECT count(*) FROM series") ?? 0
        let checks = try await place.rows(
            """
            SELECT check_name FROM quality_finding WHERE check_name IN ('header_differs', 'conflicting_pixels')
            ORDER BY check_name
            """
        ).map { try $0.get("check_name", as: String.self) }
        return ["patients \(patients)", "series \(series)"] + checks
    }
}
