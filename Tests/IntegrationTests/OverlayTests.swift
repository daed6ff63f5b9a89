import DICOM
import Foundation
import Imaging
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Overlay planes are marks on the slices of their own file, where they lie as the file says; the allow-list takes them.
@Suite("Overlay planes") struct OverlayTests {
    private static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pydicom"

    /// Prints the marked pixels of each file of one frame, by pydicom's reading of the plane and its origin.
    private static let script = """
        import numpy, pydicom, sys
        for path in sys.argv[1:]:
            data = pydicom.dcmread(path)
            image = numpy.zeros((data.Rows, data.Columns), int)
            plane = data.overlay_array(0x6002)
            top, left = (int(side) - 1 for side in data[0x6002, 0x0050].value)
            for row, column in zip(*numpy.nonzero(plane)):
                if 0 <= row + top < data.Rows and 0 <= column + left < data.Columns:
                    image[row + top, column + left] = 1
            print(data.SOPInstanceUID, *numpy.flatnonzero(image))
        """

    private static func overlay(rows: Int, columns: Int, origin: [Int64], seed: UInt16) -> [DICOMElement] {
        func element(_ number: UInt16, _ vr: DICOMVR, _ value: DICOMValue) -> DICOMElement {
            DICOMElement(tag: DICOMTag(0x6002, number), vr: vr, value: value)
        }
        let bytes = (0..<(rows * columns + 15) / 16 * 2).map { UInt8(truncatingIfNeeded: $0 * 73 + Int(seed)) }
        return [
            element(0x0010, .US, .unsigned([UInt64(rows)])), element(0x0011, .US, .unsigned([UInt64(columns)])),
            element(0x0040, .CS, .strings(["R"])), element(0x0050, .SS, .signed(origin)),
            element(0x0100, .US, .unsigned([1])), element(0x0102, .US, .unsigned([0])),
            element(0x3000, .OW, .bytes(bytes)),
        ]
    }

    private static func write(to folder: TemporaryFolder) throws -> [String] {
        let series = TinySeries(rows: 16, columns: 20)
        let planes = [
            overlay(rows: 16, columns: 20, origin: [1, 1], seed: 5),
            overlay(rows: 5, columns: 7, origin: [3, 9], seed: 80),
            overlay(rows: 30, columns: 9, origin: [-3, 15], seed: 200),
        ]
        return try planes.enumerated().map { index, plane in
            try folder.write(try series.file(index, extra: plane), to: "in/\(index).dcm")
            return folder.path("in/\(index).dcm")
        }
    }

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `marks are pydicom's, at the origin of the plane`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let paths = try Self.write(to: folder)
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let answer = try await program.run(tool: Self.python, ["-c", Self.script] + paths)
        #expect(answer.exitCode == 0, "\(answer.error)")
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run(
                "ingest", "--database", place.url, "--keep-identifiers", folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            let rows = try await place.rows(
                """
                SELECT slice.sop_instance_uid, slice.rows, slice.columns, annotation_mask.rle, annotation.target,
                    annotation.rule
                FROM annotation_mask
                JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
                    AND annotation.annotation_id = annotation_mask.annotation_id
                JOIN slice ON slice.patient_id = annotation_mask.patient_id
                    AND slice.slice_id = annotation_mask.slice_id
                ORDER BY slice.slice_index
                """)
            let lines = try rows.map { row in
                let mask = try RunLengthMask(
                    rows: row.get("rows"), columns: row.get("columns"), bytes: row.get("rle", as: [UInt8].self))
                let set = mask.decoded().enumerated().filter { $1 == 1 }.map { " \($0.offset)" }
                #expect(try row.get("target", as: String.self) == "overlay 6002")
                return try row.get("sop_instance_uid", as: String.self) + set.joined()
            }
            #expect(lines.joined(separator: "\n") + "\n" == answer.output)
            #expect(rows.count == 3)
            #expect(try await place.count("SELECT count(*) FROM annotation") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `the allow-list takes the planes of clinical data`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        _ = try Self.write(to: folder)
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run("ingest", "--database", place.url, folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try await place.count("SELECT count(*) FROM slice") == 3)
            #expect(try await place.count("SELECT count(*) FROM annotation") == 0)
            #expect(try await place.count("SELECT count(*) FROM header_removed WHERE path LIKE '60023000%'") == 1)
        }
    }
}
