import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// MetaImage files in a folder of no known layout.
@Suite("MetaImage in plain folders") struct PlainMetaImageTests {
    /// Three by two voxels in two slices, header and voxels in one file: 0, 1, … 11 as bytes, which make it no text.
    private static let volume: [UInt8] =
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
}
