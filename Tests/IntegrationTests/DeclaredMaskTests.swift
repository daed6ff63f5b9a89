import Foundation
import ImageFiles
import Imaging
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Pictures of masks that a declared source tells by the values of their pixels.
@Suite("Masks of declared sources")
struct DeclaredMaskTests {
    private static let source = """
        source: clots
        version: "1"
        detect:
          - {folder: img}
        images:
          - {files: img/*.png, names: '^([0-9]+)$', patient: $1, study: s, series: img}
        masks:
          - files: seg/*.png
            names: '^([0-9]+)$'
            patient: $1
            study: s
            series: seg
            of: img
            reader: {key: R1, kind: human}
            regions:
              - {target: one, values: [1]}
              - {target: two, values: [2, 3]}
        """

    /// Four columns of four rows with the samples 0, 1, 2, 3, written with Python's `struct` and `zlib`: grey and
    /// palette of 2, 4 and 8 bits.
    private static let labelMaps = [
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEAgAAAADGKtkDAAAADElEQVR42mOQZgBDAAG4AG2q9VihAAAAAElFTkSuQmCC",
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEBAAAAABJaiyjAAAADUlEQVR42mNgVGaAIQADKACR0mVWlAAAAABJRU5ErkJggg==",
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAAAAACMmsGiAAAAD0lEQVR42mNgYGRiZkAlAADwABk0Ew8/AAAAAElFTkSuQmCC",
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEAgMAAADUn3btAAAADFBMVEUAAACAAAAAgACAgAA47ASAAAAADElEQVR42mOQZgBDAAG4AG2q"
            + "9VihAAAAAElFTkSuQmCC",
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEBAMAAABb34NNAAAADFBMVEUAAACAAAAAgACAgAA47ASAAAAADUlEQVR42mNgVGaAIQADKACR"
            + "0mVWlAAAAABJRU5ErkJggg==",
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAMAAACeL25MAAAADFBMVEUAAACAAAAAgACAgAA47ASAAAAAD0lEQVR42mNgYGRiZkAlAADw"
            + "ABk0Ew8/AAAAAElFTkSuQmCC",
    ]

    private static func picture(_ samples: [UInt8]) throws -> [UInt8] {
        try PNGCodec.encode(PixelBuffer(rows: 4, columns: 4, elements: samples))
    }

    private static func ingest(_ folder: TemporaryFolder, _ program: Program, into place: TestWarehouse) async throws {
        let run = try await program.run("ingest", "--database", place.url, folder.path("data"))
        #expect(run.exitCode == 0, "\(run.error)")
    }

    private static func marked(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows("SELECT target, voxel_count FROM annotation ORDER BY target, voxel_count").map {
            "\(try $0.get("target", as: String.self)) \(try $0.get("voxel_count", as: Int.self))"
        }
    }

    private static func findings(_ place: TestWarehouse) async throws -> [(check: String, sentence: String)] {
        try await place.rows(
            """
            SELECT check_name, sentence FROM quality_finding WHERE check_name LIKE 'mask%'
            ORDER BY check_name, sentence
            """
        ).map { (try $0.get("check_name"), try $0.get("sentence")) }
    }

    /// A palette PNG holds indices (PNG 11.2.1), which is how PASCAL VOC writes its masks.
    @Test(arguments: TestEngine.available)
    func `label maps mean the samples of the file, palettes their indices`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["clots": Self.source]).program
        for (index, text) in Self.labelMaps.enumerated() {
            let mask = try #require(Data(base64Encoded: text))
            try folder.write(Array(mask), to: "data/seg/\(index).png")
            try folder.write(
                Self.picture((0..<16).map { UInt8($0 * 7 + index) }), to: "data/img/\(index).png")
        }
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(folder, program, into: place)
            // One column has the value 1, two have 2 or 3.
            let each = Self.labelMaps.count
            let expected = Array(repeating: "one 4", count: each) + Array(repeating: "two 8", count: each)
            #expect(try await Self.marked(place) == expected)
            #expect(try await Self.findings(place).isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `values that no region lists are told until the file has others`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["clots": Self.source]).program
        let image = try Self.picture((0..<16).map { UInt8($0 * 7) })
        try folder.write(image, to: "data/img/1.png")
        try folder.write(Self.picture((0..<16).map { $0 < 8 ? 0 : 255 }), to: "data/seg/1.png")
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(folder, program, into: place)
            #expect(try await Self.marked(place) == ["one 0", "two 0"])
            let found = try await Self.findings(place)
            #expect(found.map(\.check) == ["mask_value_absent", "mask_value_absent", "mask_value_unlisted"])
            #expect(found.last?.sentence.contains("has voxels of 255,") == true, "\(found)")
            #expect(found.first?.sentence.contains("lists for one (1)") == true, "\(found)")

            try folder.write(Self.picture((0..<16).map { $0 < 8 ? 0 : 1 + UInt8($0 % 2) }), to: "data/seg/1.png")
            try await Self.ingest(folder, program, into: place)
            #expect(try await Self.marked(place) == ["one 4", "two 4"])
            #expect(try await Self.findings(place).map(\.check) == ["mask_redrawn"])
        }
    }

    /// A mask of 0 alone says that somebody looked.
    @Test(arguments: TestEngine.available)
    func `a mask of the background is one without a finding where another has the values`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["clots": Self.source]).program
        for number in 1...2 {
            try folder.write(Self.picture((0..<16).map { UInt8($0 * 7 + number) }), to: "data/img/\(number).png")
        }
        try folder.write(Self.picture([UInt8](repeating: 0, count: 16)), to: "data/seg/1.png")
        try folder.write(Self.picture((0..<16).map { UInt8($0 % 4) }), to: "data/seg/2.png")
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(folder, program, into: place)
            #expect(try await Self.marked(place) == ["one 0", "one 4", "two 0", "two 8"])
            #expect(try await Self.findings(place).isEmpty)
        }
    }
}
