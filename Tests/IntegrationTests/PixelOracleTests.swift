import Catalogue
import Foundation
import Imaging
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Pixels read back equal those that independent readers see: nibabel, pydicom, Pillow.
@Suite("Pixels against other readers")
struct PixelOracleTests {
    private static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing =
        "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has nibabel, pydicom, Pillow"

    /// Prints `number SHA-256` for each slice of the files named, over its stored values, little-endian, C order. NIfTI
    /// slices are transposed: their first axis is the column. Files that the reader refuses are left out.
    private static let script = """
        import hashlib, sys
        import numpy
        def say(number, array):
            values = numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder('<'))
            print(number, hashlib.sha256(values.tobytes()).hexdigest())
        kind, path = sys.argv[1], sys.argv[2]
        if kind == 'nifti':
            import nibabel
            volume = numpy.asanyarray(nibabel.load(path).dataobj.get_unscaled())
            for k in range(volume.shape[2]):
                say(k + 1, volume[:, :, k].T)
        elif kind == 'jpeg':
            from PIL import Image
            say(1, numpy.asarray(Image.open(path)))
        else:
            import pydicom
            for name in sys.argv[2:]:
                data = pydicom.dcmread(name, force=True)
                try:
                    array = data.pixel_array
                except Exception:
                    continue
                for frame in (array if array.ndim == 3 and 'NumberOfFrames' in data else [array]):
                    say(data.SOPInstanceUID, frame)
        """

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `slices of NIfTI volumes and masks are those that nibabel reads`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        try await Self.withIngested(cohort, engine) { place in
            for (series, patient) in [("ct_scans", "049"), ("masks", "049"), ("ct_scans", "058")] {
                let path = cohort.path("ich/ct-ich-1.3.1/\(series)/\(patient).nii")
                let stored = try await Self.digests(
                    """
                    series.series_key = \(series) AND patient.patient_key = \(patient) AND patient.dataset_id
                        IN (SELECT dataset_id FROM dataset WHERE version = '1.3.1')
                    """, key: "instance_number", place)
                #expect(stored.count > 20)
                #expect(try await Self.oracle("nifti", [path]) == stored, "\(series) \(patient)")
            }
        }
    }

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `pictures are those that Pillow decodes`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        try await Self.withIngested(cohort, engine) { place in
            for (series, number) in [("brain", 1), ("bone", 17)] {
                let path = cohort.path("ich/ct-ich-1.0.0/Patients_CT/049/\(series)/\(number).jpg")
                let stored = try await Self.digests(
                    """
                    series.series_key = \(series) AND patient.patient_key = '049' AND slice.instance_number = \(number)
                    """, key: "1", place)
                #expect(try await Self.oracle("jpeg", [path]) == stored, "\(series) \(number)")
            }
        }
    }

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `frames of DICOM files are those that pydicom reads`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.export()
        try await Self.withIngested(cohort, engine) { place in
            let stored = try await Self.digests("slice.sop_instance_uid IS NOT NULL", key: "sop_instance_uid", place)
            #expect(stored.count >= 18)
            let files = cohort.files().filter { !$0.hasSuffix(".json") }.map(cohort.path)
            #expect(try await Self.oracle("dicom", files) == stored)
        }
    }

    // MARK: Both sides

    private static func withIngested(
        _ cohort: TemporaryFolder, _ engine: WarehouseEngine, _ body: (TestWarehouse) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(cohort.path)
            try await body(place)
        }
    }

    /// `key SHA-256` of the stored values of slices, sorted.
    private static func digests(_ condition: SQL, key: String, _ place: TestWarehouse) async throws -> [String] {
        try await place.open { warehouse in
            try await warehouse.withConnection { connection in
                let rows = try await connection.rows(
                    """
                    SELECT slice.patient_id, slice.slice_id, CAST(\(raw: key) AS text) AS oracle_key FROM slice
                    JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
                    JOIN patient ON patient.patient_id = slice.patient_id WHERE \(sql: condition)
                    """)
                var lines: [String] = []
                for row in rows {
                    let stream = SliceStream.slice(
                        patientID: try row.get("patient_id"), sliceID: try row.get("slice_id"))
                    let name = try row.get("oracle_key", as: String.self)
                    try await stream.forEachBatch(on: connection) { slices in
                        for slice in slices {
                            lines.append("\(name) \(FileDigest.hex(FileDigest.sha256(try slice.pixels().bytes)))")
                        }
                    }
                }
                return lines.sorted()
            }
        }
    }

    private static func oracle(_ kind: String, _ paths: [String]) async throws -> [String] {
        let home = try TemporaryFolder()
        let result = try await Program(home: home).run(tool: python, ["-c", script, kind] + paths)
        #expect(result.exitCode == 0, "\(result.error)")
        return result.output.split(separator: "\n").map(String.init).sorted()
    }
}
