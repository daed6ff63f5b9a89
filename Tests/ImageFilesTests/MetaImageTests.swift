import ImageFiles
import Imaging
import Testing

/// What SimpleITK says of MetaImage is in IntegrationTests; here are headers that no tool should accept, and laws.
@Suite("MetaImage")
struct MetaImageTests {
    private static func header(_ changes: [String: String] = [:], without removed: Set<String> = []) -> [UInt8] {
        let fields: [(String, String)] = [
            ("ObjectType", "Image"), ("NDims", "3"), ("BinaryData", "True"), ("BinaryDataByteOrderMSB", "False"),
            ("CompressedData", "False"), ("TransformMatrix", "1 0 0 0 1 0 0 0 1"), ("Offset", "1 2 3"),
            ("ElementSpacing", "1 1 2"), ("DimSize", "2 2 2"), ("ElementType", "MET_UCHAR"),
            ("ElementDataFile", "LOCAL"),
        ]
        let lines = fields.filter { !removed.contains($0.0) }.map { "\($0.0) = \(changes[$0.0] ?? $0.1)\n" }
        return Array(lines.joined().utf8)
    }

    @Test func `voxels behind the header are read in storage order`() throws {
        let file = try MetaImageFile(bytes: Self.header() + [1, 2, 3, 4, 5, 6, 7, 8], data: nil)
        #expect(try file.frame(at: 0).bytes == [1, 2, 3, 4])
        #expect(try file.frame(at: 1).bytes == [5, 6, 7, 8])
        #expect(file.header.geometry?.world(column: 1, row: 1, slice: 1) == SIMD3(2, 3, 5))
    }

    @Test(arguments: [
        (["DimSize": "2 2"], ImageFileError.Code.hostileHeader), (["DimSize": "2 2 0"], .hostileHeader),
        (["DimSize": "4611686018427387904 4611686018427387904 9"], .hostileHeader),
        (["DimSize": "2 2 -1"], .hostileHeader), (["DimSize": "2 two 2"], .hostileHeader),
        (["NDims": "4", "DimSize": "2 2 2 2"], .unsupportedLayout),
        (["ElementType": "MET_LONG_LONG"], .unsupportedDatatype),
        (["TransformMatrix": "0 0 0 0 0 0 0 0 0"], .invalidGeometry), (["TransformMatrix": "1 0 0"], .invalidGeometry),
        (["ElementSpacing": "1 1 0"], .invalidGeometry), (["Offset": "1 2 nan"], .hostileHeader),
        (["ElementDataFile": "../secret.raw"], .hostileHeader), (["ElementDataFile": "/etc/passwd"], .hostileHeader),
        (["ElementDataFile": "LIST"], .unsupportedLayout), (["ElementDataFile": "slice%03d.raw"], .unsupportedLayout),
        (["BinaryData": "False"], .unsupportedLayout), (["ElementDataFile": "absent.raw"], .missingCompanion),
    ])
    func `a header that cannot be is refused by its code`(changes: [String: String], code: ImageFileError.Code) {
        do {
            _ = try MetaImageFile(bytes: Self.header(changes) + [UInt8](repeating: 0, count: 8), data: nil)
            Issue.record("accepted: \(changes)")
        } catch {
            #expect(error.code == code, "\(changes)")
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func `a file cut anywhere is refused`() throws {
        let whole = Self.header() + [1, 2, 3, 4, 5, 6, 7, 8]
        for length in 0..<whole.count {
            #expect(throws: ImageFileError.self) {
                try MetaImageFile(bytes: Array(whole.prefix(length)), data: nil)
            }
        }
    }

    @Test(arguments: [nil, 6] as [Int?])
    func `what the writer makes the reader reads`(compression: Int?) throws {
        let geometry = try VolumeGeometry(
            columns: 5, rows: 4, slices: 3, origin: SIMD3(-1.5, 2.25, 1e-7), rowDirection: SIMD3(0.8, 0.6, 0),
            columnDirection: SIMD3(-0.48, 0.64, 0.6), sliceDirection: SIMD3(0.36, -0.48, 0.8), columnSpacing: 0.7,
            rowSpacing: 0.9, sliceSpacing: 2.5)
        let frames = try (0..<3).map { slice in
            try PixelBuffer(rows: 4, columns: 5, elements: (0..<20).map { Int16(1_000 * slice - 37 * $0) })
        }
        let written = try MetaImageWriter(geometry: geometry, pixelType: .i16, compression: compression)
            .encode(frames, dataFile: "scan.raw")
        let file = try MetaImageFile(bytes: written.header, data: written.data)
        #expect(file.header.geometry == geometry)
        #expect(try (0..<3).map { try file.frame(at: $0) } == frames)
        #expect(throws: ImageFileError.self) {
            try MetaImageFile(bytes: written.header, data: Array(written.data.dropLast(9)))
        }
    }
}
