import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A mask file that changes in its place: what it holds now marks, and what it held before is kept.
@Suite("Masks that are drawn anew") struct RedrawnMaskTests {
    private static let mask = "ich/ct-ich-1.3.1/masks/049.nii"
    private static let image = "ich/ct-ich-1.3.1/ct_scans/049.nii"
    private static let marks: SQL = """
        SELECT mask.slice_id, mask.voxel_count, mask.rle, image.instance_number FROM annotation_mask AS mask
        JOIN slice AS marking ON marking.patient_id = mask.patient_id AND marking.slice_id = mask.mask_slice_id
        JOIN slice AS image ON image.patient_id = mask.patient_id AND image.slice_id = mask.slice_id
        JOIN slice_source AS source ON source.patient_id = mask.patient_id AND source.slice_id = mask.mask_slice_id
        JOIN source_file ON source_file.source_file_id = source.source_file_id
        WHERE source_file.relative_path LIKE '%masks/049.nii' GROUP BY mask.slice_id, mask.voxel_count, mask.rle,
            image.instance_number ORDER BY mask.slice_id
        """

    @Test(arguments: TestEngine.available)
    func `the file's new marks count, and its old ones again when they are back`(engine: WarehouseEngine) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let volume = try NIfTIPlanes(original)
        let (marked, blank) = try #require(volume.markedAndBlank)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await place.rows(Self.marks)
            #expect(before.count == volume.markedCounts.count)

            try folder.write(volume.exchanging(marked, blank), to: Self.mask)
            let run = try await ingest.run(folder.path)
            #expect(run.slicesStored == 2 && run.masksStored == before.count)
            let after = try await place.rows(Self.marks)
            #expect(try Self.voxels(after).sorted() == Self.voxels(before).sorted())
            let moved = try Set(Self.numbers(before)).symmetricDifference(Self.numbers(after)).sorted()
            #expect(moved.count == 2 && moved[1] - moved[0] == abs(marked - blank), "\(moved)")
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
            #expect(try await place.brokenPromises() == [])
            #expect(try await ingest.run(folder.path).masksStored == 0)

            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            let again = try await place.rows(Self.marks)
            #expect(again.rows == before.rows)
            // The other drawing is kept, and the file no longer holds it.
            #expect(try await Self.findings(place) == ["conflicting_pixels"])
            #expect(try await place.brokenPromises() == [])

            try folder.write(volume.exchanging(marked, blank), to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == after.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `while another file holds the earlier slices, nothing moves and somebody is told`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let copy = try await Self.cohort()
        let volume = try NIfTIPlanes(folder.read(Self.mask))
        let (marked, blank) = try #require(volume.markedAndBlank)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            try await ingest.run(copy.path)
            let before = try await place.rows(Self.marks)
            try copy.write(volume.exchanging(marked, blank), to: Self.mask)
            try await ingest.run(copy.path)
            #expect(try await place.rows(Self.marks).rows == before.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn_elsewhere"])

            try folder.write(volume.exchanging(marked, blank), to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows != before.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Another part of the volume in each of two copies: each holds slices that the other one does not.
    @Test(arguments: TestEngine.available)
    func `a copy that was changed elsewhere still holds the slices that it did not change`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let copy = try await Self.cohort()
        let volume = try NIfTIPlanes(folder.read(Self.mask))
        let planes = volume.markedCounts.keys.sorted()
        try #require(planes.count >= 4)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            try await ingest.run(copy.path)
            let before = try await place.rows(Self.marks)
            try folder.write(volume.exchanging(planes[0], planes[1]), to: Self.mask)
            try await ingest.run(folder.path)
            try copy.write(volume.exchanging(planes[2], planes[3]), to: Self.mask)
            try await ingest.run(copy.path)
            #expect(try await place.rows(Self.marks).rows == before.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn_elsewhere"])
        }
    }

    @Test(arguments: TestEngine.available, [false, true])
    func `a mask that is drawn anew while it waits marks what its file holds when the image is there`(
        engine: WarehouseEngine, isSeenBefore: Bool
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let aside = try TemporaryFolder()
        let volume = try NIfTIPlanes(folder.read(Self.mask))
        let (marked, blank) = try #require(volume.markedAndBlank)
        try aside.copy(folder.path(Self.image), to: "image.nii")
        try folder.remove(Self.image)
        let waited = try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            try folder.write(volume.exchanging(marked, blank), to: Self.mask)
            if isSeenBefore { try await ingest.run(folder.path) }
            try folder.copy(aside.path("image.nii"), to: Self.image)
            try await ingest.run(folder.path)
            #expect(try await place.brokenPromises() == [])
            return try await place.rows(Self.marks)
        }
        let atOnce = try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await place.rows(Self.marks)
        }
        #expect(!atOnce.isEmpty && waited.rows == atOnce.rows)
    }

    @Test(arguments: TestEngine.available)
    func `two drawings of a mask that both wait for its image are told when that is there`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, copy, home) = try await (Self.cohort(), Self.cohort(), TemporaryFolder())
        let volume = try NIfTIPlanes(folder.read(Self.mask))
        let (marked, blank) = try #require(volume.markedAndBlank)
        let image = try folder.read(Self.image)
        let expected = try await Self.marked(of: folder, engine, home)
        for one in [folder, copy] { try one.remove(Self.image) }
        try copy.write(volume.exchanging(marked, blank), to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for one in [folder, copy] { try await ingest.run(one.path) }
            #expect(try await Self.findings(place) == ["conflicting_pixels"])
            try folder.write(image, to: Self.image)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == expected.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn_elsewhere"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Until then the other drawing marks alone.
    @Test(arguments: TestEngine.available)
    func `two drawings of a mask are told when the first one is put in its place`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, copy, home) = try await (Self.cohort(), Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let volume = try NIfTIPlanes(original)
        let (marked, blank) = try #require(volume.markedAndBlank)
        let expected = try await Self.marked(of: folder, engine, home)
        try copy.write(volume.exchanging(marked, blank), to: Self.mask)
        let other = try await Self.marked(of: copy, engine, home)
        try folder.write(try PlacedNIfTI(original).moved(x: 20), to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for one in [folder, copy] { try await ingest.run(one.path) }
            #expect(try await place.rows(Self.marks).rows == other.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels"])
            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.marks).rows == expected.rows)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn_elsewhere"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Lung masks of LUNA16 are a header beside its voxels. 3 is a lung; with its bytes exchanged it is 768, which no
    /// region lists. Of six slices the n-th has 10 n voxels of it, together 210.
    @Test(arguments: TestEngine.available)
    func `a MetaImage mask whose header alone was corrected is drawn anew`(engine: WarehouseEngine) async throws {
        let (folder, home) = (try SmallLUNA.folder { $0.scanCount = 1 }, try TemporaryFolder())
        let mask = try LungMask(in: folder)
        var voxels: [UInt8] = []
        for slice in 1...6 {
            for voxel in 0..<1_024 { voxels += voxel < 10 * slice ? [0, 3] : [0, 0] }
        }
        try folder.write(voxels, to: mask.voxels)
        try folder.write(mask.header(isBigEndian: false), to: mask.path)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path("luna"))
            #expect(try await place.count(Self.lungVoxels) == 0)
            for _ in 1...2 {
                try folder.write(mask.header(isBigEndian: true), to: mask.path)
                try await ingest.run(folder.path("luna"))
                #expect(try await place.count(Self.lungVoxels) == 210)
                #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
                #expect(try await place.brokenPromises() == [])

                try folder.write(mask.header(isBigEndian: false), to: mask.path)
                try await ingest.run(folder.path("luna"))
                #expect(try await place.count(Self.lungVoxels) == 0)
                #expect(try await Self.findings(place) == ["conflicting_pixels"])
                #expect(try await place.brokenPromises() == [])
            }
        }
    }

    /// What it means is what counts: another line in the header is no other drawing. On the way the mask may lie
    /// elsewhere, and marks what it did.
    @Test(arguments: TestEngine.available, [false, true])
    func `a redrawn MetaImage mask that is back with another header is no longer told`(
        engine: WarehouseEngine, liesElsewhere: Bool
    ) async throws {
        let (folder, home) = (try SmallLUNA.folder { $0.scanCount = 1 }, try TemporaryFolder())
        let mask = try LungMask(in: folder)
        var voxels: [UInt8] = []
        for slice in 1...6 {
            for voxel in 0..<1_024 { voxels += voxel < 10 * slice ? [0, 3] : [0, 0] }
        }
        try folder.write(voxels, to: mask.voxels)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for isBigEndian in [false, true] {
                try folder.write(mask.header(isBigEndian: isBigEndian), to: mask.path)
                try await ingest.run(folder.path("luna"))
            }
            #expect(try await place.count(Self.lungVoxels) == 210)
            #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
            if liesElsewhere {
                try folder.write(mask.header(isBigEndian: false, spacing: "9 9 9"), to: mask.path)
                try await ingest.run(folder.path("luna"))
                #expect(try await place.count(Self.lungVoxels) == 210)
                #expect(try await Self.findings(place) == ["conflicting_pixels", "mask_redrawn"])
            }
            try folder.write("Comment = hi\n" + mask.header(isBigEndian: false), to: mask.path)
            try await ingest.run(folder.path("luna"))
            #expect(try await place.count(Self.lungVoxels) == 0)
            #expect(try await Self.findings(place) == ["conflicting_pixels"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    private static let lungVoxels: SQL = """
        SELECT CAST(coalesce(sum(annotation_mask.voxel_count), 0) AS bigint) FROM annotation_mask
        JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
            AND annotation.annotation_id = annotation_mask.annotation_id
        WHERE annotation.target = 'lung'
        """

    /// What one run over the files marks.
    private static func marked(
        of folder: TemporaryFolder, _ engine: WarehouseEngine, _ home: TemporaryFolder
    ) async throws -> RowSet {
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await place.rows(marks)
        }
    }

    private static func cohort() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich"), to: "ich")
        return folder
    }

    private static func voxels(_ rows: RowSet) throws -> [Int] { try rows.map { try $0.get("voxel_count") } }

    private static func numbers(_ rows: RowSet) throws -> [Int] { try rows.map { try $0.get("instance_number") } }

    private static func findings(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            """
            SELECT DISTINCT check_name FROM quality_finding
            WHERE check_name LIKE 'mask_redrawn%' OR check_name LIKE 'conflicting%' ORDER BY check_name
            """
        ).map { try $0.get("check_name") }
    }
}

/// The slices of a NIfTI-1 volume as bytes. **Source** nifti1.h: dim at 40, bitpix at 72, vox_offset at 108.
private struct NIfTIPlanes {
    private let bytes: [UInt8]
    private let start: Int
    private let width: Int
    private let planeSize: Int
    private let count: Int

    init(_ bytes: [UInt8]) throws {
        func number(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        self.bytes = bytes
        let offset = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[108 + $1]) << (8 * UInt32($1)) }
        start = Int(Float(bitPattern: offset))
        width = number(at: 72) / 8
        planeSize = number(at: 42) * number(at: 44) * width
        count = number(at: 46)
        try #require(bytes.count == start + planeSize * count)
    }

    /// Slices in which not all voxels are equal: how many bytes are another than those of the voxel before.
    var markedCounts: [Int: Int] {
        let changes = (0..<count).map { index in
            (index, range(index).dropFirst(width).count { bytes[$0] != bytes[$0 - width] })
        }
        return Dictionary(uniqueKeysWithValues: changes).filter { $0.value > 0 }
    }

    /// A slice with marks and one without, more than one apart.
    var markedAndBlank: (Int, Int)? {
        let marked = markedCounts
        guard let most = marked.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key,
            let blank = (0..<count).first(where: { marked[$0] == nil && abs($0 - most) > 1 })
        else { return nil }
        return (most, blank)
    }

    func exchanging(_ first: Int, _ second: Int) -> [UInt8] {
        var copy = bytes
        copy.replaceSubrange(range(first), with: plane(second))
        copy.replaceSubrange(range(second), with: plane(first))
        return copy
    }

    private func range(_ index: Int) -> Range<Int> { start + index * planeSize..<start + (index + 1) * planeSize }
    private func plane(_ index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}

/// The mask of a LUNA16 phantom, with voxels of 16 bits in a file of their own.
private struct LungMask {
    /// Of the header.
    let path: String
    let voxels: String
    private let lines: [Substring]

    init(in folder: TemporaryFolder) throws {
        path = try #require(folder.files(below: "luna/seg-lungs-LUNA16").first { $0.hasSuffix(".mhd") })
        voxels = String(path.dropLast("mhd".count)) + "raw"
        lines = String(decoding: try folder.read(path), as: UTF8.self).split(separator: "\n")
        try folder.remove(String(path.dropLast("mhd".count)) + "zraw")
    }

    func header(isBigEndian: Bool, spacing: String? = nil) -> String {
        let changed = lines.filter { !$0.hasPrefix("CompressedData") }.map { line -> String in
            switch line.prefix(while: { $0 != " " }) {
            case "BinaryDataByteOrderMSB": "BinaryDataByteOrderMSB = \(isBigEndian ? "True" : "False")"
            case "ElementType": "ElementType = MET_USHORT"
            case "ElementSpacing": spacing.map { "ElementSpacing = \($0)" } ?? String(line)
            case "ElementDataFile": String(line.dropLast("zraw".count)) + "raw"
            default: String(line)
            }
        }
        return changed.joined(separator: "\n") + "\n"
    }
}
