import CanonicalJSON
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// The header of a volume that changes while its voxels stay: what is stored stays, and the run says so.
@Suite("Corrected headers of volumes") struct CorrectedHeaderTests {
    /// What a line of a MetaImage header says.
    enum Change: String, CaseIterable {
        case origin, spacing, direction

        var line: String {
            switch self {
            case .origin: "Offset = 1 2 3"
            case .spacing: "ElementSpacing = 0.875 0.875 2.25"
            case .direction: "TransformMatrix = 0 1 0 -1 0 0 0 0 1"
            }
        }
    }

    @Test(arguments: TestEngine.available, Change.allCases)
    func `another place in the header of a MetaImage file is told until it is taken back`(
        engine: WarehouseEngine, change: Change
    ) async throws {
        let (folder, home) = (try SmallLUNA.folder(), try TemporaryFolder())
        let header = try #require(folder.files(below: "luna/subset0").first { $0.hasSuffix(".mhd") })
        let original = String(decoding: try folder.read(header), as: UTF8.self)
        let key = String(change.line.prefix { $0 != "=" })
        let changed = original.split(separator: "\n").map { $0.hasPrefix(key) ? change.line : String($0) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path("luna"))
            let before = try await place.rows(Self.grids)
            try folder.write(changed.joined(separator: "\n") + "\n", to: header)
            let summary = try await ingest.run(folder.path("luna"))
            #expect(summary.stored == 0 && summary.findings == 1, "\(summary)")
            #expect(try await Self.told(place) == ["warning [\"\(change.rawValue)\"]"])
            // Read once more, it is the same finding.
            try await ingest.run(folder.path("luna")) { $0.rehash = true }
            #expect(try await Self.told(place).count == 1)
            #expect(try await place.rows(Self.grids).rows == before.rows)

            try folder.write(original, to: header)
            try await ingest.run(folder.path("luna"))
            #expect(try await Self.told(place).isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// nifti1.h: scl_slope at 112 and scl_inter at 116 are single precision; 2 is 40000000, -1 is bf800000.
    @Test(arguments: TestEngine.available)
    func `another place or scale in the header of a NIfTI file is told, and rounding is not`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.3.1"), to: "ich")
        let scan = "ich/ct_scans/049.nii"
        let original = try folder.read(scan)
        var scaled = original
        scaled.replaceSubrange(112..<120, with: [0, 0, 0, 0x40, 0, 0, 0x80, 0xBF])
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path("ich"))
            let volume = try PlacedNIfTI(original)
            let changes: [(bytes: [UInt8], told: [String])] = [
                (volume.moved(x: 20), ["warning [\"origin\"]"]), (scaled, ["warning [\"rescale\"]"]),
                (volume.moved(x: 0.0001), []), (original, []),
            ]
            for change in changes {
                try folder.write(change.bytes, to: scan)
                let summary = try await ingest.run(folder.path("ich"))
                #expect(summary.stored == 0 && summary.slicesStored == 0)
                #expect(try await Self.told(place) == change.told)
            }
            #expect(try await place.brokenPromises() == [])
        }
    }

    private static let grids: SQL = """
        SELECT series_key, origin_x_mm, row_direction_x, column_spacing_mm FROM series ORDER BY series_key, origin_x_mm
        """

    /// Severity of each finding, and in what the headers differ.
    private static func told(_ place: TestWarehouse) async throws -> [String] {
        let rows = try await place.rows(
            """
            SELECT severity, detail FROM quality_finding
            WHERE check_name = 'header_differs' AND sentence LIKE '%new warehouse%'
            """)
        return try rows.map { row in
            let severity: String = try row.get("severity")
            let detail = try JSONValue(parsing: row.get("detail", as: String.self))
            return severity + " " + (detail["attributes"]?.text ?? "")
        }
    }
}
