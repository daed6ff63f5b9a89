import Foundation
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Mask volumes of a data set mark images only where their headers put them.
@Suite("Grids of masks") struct MaskGridTests {
    private static let mask = "ich/ct-ich-1.3.1/masks/049.nii"
    private static let image = "ich/ct-ich-1.3.1/ct_scans/049.nii"

    enum Change: String, CaseIterable {
        case turned, moved

        func callAsFunction(_ volume: PlacedNIfTI) -> [UInt8] {
            switch self {
            case .turned: volume.turnedInX()
            case .moved: volume.moved(x: 20)
            }
        }
    }

    @Test(arguments: TestEngine.available, Change.allCases)
    func `a mask elsewhere marks nothing until its file is right`(
        engine: WarehouseEngine, change: Change
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let expected = try await Self.marked(of: folder, engine, home)
        try #require(!expected.isEmpty)
        try folder.write(change(PlacedNIfTI(original)), to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).isEmpty)
            #expect(try await place.rows(Self.readings).isEmpty)
            #expect(try await place.rows(Self.findings).count == 1)
            #expect(try await place.brokenPromises() == [])

            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == expected.rows)
            #expect(try await !place.rows(Self.readings).isEmpty)
            #expect(try await place.rows(Self.findings).isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The header of a NIfTI file has 348 bytes, and four say that no extension follows; voxels begin at 352.
    @Test(arguments: TestEngine.available)
    func `a mask of one value is told in words`(engine: WarehouseEngine) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let blank = Array(original.prefix(352)) + [UInt8](repeating: 0, count: original.count - 352)
        try folder.write(blank, to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            let sentences = try await place.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'empty_mask'"
            ).map { try $0.get("sentence", as: String.self) }
            #expect(!sentences.isEmpty)
            #expect(sentences.allSatisfy { $0.hasPrefix("All voxels of the mask have the same value") }, "\(sentences)")
        }
    }

    @Test(arguments: TestEngine.available, Change.allCases)
    func `a mask that moves away leaves what it marked and is told`(
        engine: WarehouseEngine, change: Change
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await place.rows(Self.marks)
            try folder.write(change(PlacedNIfTI(original)), to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == before.rows)
            #expect(try await place.rows(Self.findings).count == 1)
            // A copy that broke off says nothing about what it held.
            try folder.write(Array(original.prefix(original.count / 2)), to: Self.mask)
            #expect(try await ingest.run(folder.path).rejected == 1)
            #expect(try await place.rows(Self.marks).rows == before.rows)
            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == before.rows)
            #expect(try await place.rows(Self.findings).isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The wrong file stays where it is; what it holds is known, and of other files nothing was refused.
    @Test(arguments: TestEngine.available, Change.allCases)
    func `a mask that is corrected in a copy marks what it marks alone`(
        engine: WarehouseEngine, change: Change
    ) async throws {
        let (folder, copy, home) = try await (Self.cohort(), Self.cohort(), TemporaryFolder())
        let expected = try await Self.marked(of: copy, engine, home)
        try folder.write(change(PlacedNIfTI(folder.read(Self.mask))), to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.readings).isEmpty)
            let run = try await ingest.run(copy.path)
            #expect(run.masksStored == expected.count)
            #expect(try await place.rows(Self.marks).rows == expected.rows)
            #expect(try await !place.rows(Self.readings).isEmpty)
            // That of the wrong file stands.
            #expect(try await place.rows(Self.findings).count == 1)
            let redrawn: SQL = "SELECT count(*) FROM quality_finding WHERE check_name LIKE 'mask_redrawn%'"
            #expect(try await place.count(redrawn) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available, Change.allCases)
    func `a mask that waited for its image is judged when that comes`(
        engine: WarehouseEngine, change: Change
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let (original, scan) = try (folder.read(Self.mask), folder.read(Self.image))
        let expected = try await Self.marked(of: folder, engine, home)
        try folder.write(change(PlacedNIfTI(original)), to: Self.mask)
        try folder.remove(Self.image)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.findings).isEmpty)
            try folder.write(scan, to: Self.image)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).isEmpty)
            #expect(try await place.rows(Self.readings).isEmpty)
            #expect(try await place.rows(Self.findings).count == 1)
            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == expected.rows)
            #expect(try await place.rows(Self.findings).isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `rounded headers and those without a place change nothing`(engine: WarehouseEngine) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let volume = try PlacedNIfTI(folder.read(Self.mask))
        let expected = try await Self.marked(of: folder, engine, home)
        try #require(!expected.isEmpty)
        for bytes in [volume.moved(x: 0.01), volume.withoutPlace()] {
            try folder.write(bytes, to: Self.mask)
            #expect(try await Self.marked(of: folder, engine, home).rows == expected.rows)
        }
    }

    // MARK: Queries

    /// Of patient 049.
    private static let marks: SQL = """
        SELECT mask.slice_id, mask.voxel_count, mask.rle FROM annotation_mask AS mask
        WHERE mask.mask_slice_id IN (\(sql: slices)) ORDER BY mask.slice_id
        """
    private static let slices: SQL = """
        SELECT source.slice_id FROM slice_source AS source
        JOIN source_file ON source_file.source_file_id = source.source_file_id
        WHERE source_file.relative_path LIKE '%masks/049.nii'
        """
    /// That somebody outlined what there is on the images of patient 049.
    private static let readings: SQL = """
        SELECT annotation.annotation_id FROM annotation
        JOIN slice ON slice.patient_id = annotation.patient_id AND slice.series_id = annotation.mask_series_id
        WHERE slice.slice_id IN (\(sql: slices))
        """
    private static let findings: SQL = """
        SELECT finding.severity FROM quality_finding AS finding
        JOIN source_file ON source_file.source_file_id = finding.source_file_id
        WHERE finding.check_name = 'mask_grid_differs' AND finding.severity = 'error'
        AND source_file.relative_path LIKE '%masks/049.nii'
        """

    private static func marked(
        of folder: TemporaryFolder, _ engine: WarehouseEngine, _ home: TemporaryFolder
    ) async throws -> RowSet {
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            #expect(try await place.rows(findings).isEmpty)
            return try await place.rows(marks)
        }
    }

    private static func cohort() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich"), to: "ich")
        return folder
    }
}

/// A NIfTI-1 volume with an sform, as bytes.
///
/// **Source** nifti1.h: dim at 40, bitpix at 72, vox_offset at 108, qform_code at 252, sform_code at 254, srow_x at
/// 280.
struct PlacedNIfTI {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        try #require(short(at: 254) > 0)
    }

    /// Data and affine together, as `nibabel.as_closest_canonical` turns an axis round.
    func turnedInX() -> [UInt8] {
        var copy = withSform { row, number in
            let side = Float(short(at: 42) - 1)
            return number == 0 ? -row[0] : number == 3 ? row[3] + row[0] * side : row[number]
        }
        let (width, start) = (short(at: 72) / 8, Int(float(at: 108)))
        let length = short(at: 42) * width
        for line in stride(from: start, to: bytes.count, by: length) {
            for index in 0..<length {
                copy[line + index] = bytes[line + length - width * (index / width + 1) + index % width]
            }
        }
        return copy
    }

    /// The affine alone. **Units** mm
    func moved(x: Float) -> [UInt8] {
        var isFirst = true
        return withSform { row, number in
            guard number == 3, isFirst else { return row[number] }
            isFirst = false
            return row[3] + x
        }
    }

    /// Neither sform nor qform.
    func withoutPlace() -> [UInt8] {
        var copy = bytes
        for offset in 252..<256 { copy[offset] = 0 }
        return copy
    }

    private func withSform(_ change: ([Float], Int) -> Float) -> [UInt8] {
        var copy = bytes
        for offset in 252..<254 { copy[offset] = 0 }
        for row in 0..<3 {
            let numbers = (0..<4).map { float(at: 280 + 16 * row + 4 * $0) }
            for number in 0..<4 {
                let bits = change(numbers, number).bitPattern
                for byte in 0..<4 {
                    copy[280 + 16 * row + 4 * number + byte] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(byte)))
                }
            }
        }
        return copy
    }

    private func short(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }

    private func float(at offset: Int) -> Float {
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) })
    }
}
