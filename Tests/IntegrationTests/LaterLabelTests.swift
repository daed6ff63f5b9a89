import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A table of labels that comes alone, later or earlier than the clinical images it is about.
@Suite("Labels that come later") struct LaterLabelTests {
    /// Its name is that of the data set that holds the images.
    private static let source = """
        source: dicom
        version: "1"
        detect:
          - {table: ward.csv, columns: [image, epidural]}
        labels:
          - file: ward.csv
            name: ward
            vocabulary: ct-ich
            reader: {key: R7, kind: human}
            level: slice
            key: {column: image, pattern: '^([0-9.]+)$'}
            image: $1
        """

    @Test(arguments: TestEngine.available)
    func `labels by SOP Instance UID find stored images, and wait for others`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": Self.source]).program
        let series = TinySeries()
        try series.write(0..<2, to: folder)
        let uids = (0..<3).map { "\(series.uid).9.\($0)" }
        try folder.write(
            "image,epidural\n" + zip(uids, ["1", "0", "1"]).map { "\($0),\($1)\n" }.joined(), to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            func ingest(_ name: String) async throws {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            let labels: SQL = """
                SELECT slice.sop_instance_uid, label.raw_value FROM label
                JOIN slice ON slice.patient_id = label.patient_id AND slice.slice_id = label.slice_id
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                WHERE label_domain.name = 'epidural' ORDER BY slice.sop_instance_uid
                """
            func stored() async throws -> [String] {
                try await place.rows(labels).map { row in
                    let (uid, value): (String, String) = (try row.get(at: 0), try row.get(at: 1))
                    return "\(uid) \(value)"
                }
            }
            try await ingest("series")
            try await ingest("labels/ward.csv")
            #expect(try await stored() == ["\(uids[0]) 1", "\(uids[1]) 0"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 1)
            try series.write(2..<3, to: folder)
            try await ingest("series")
            #expect(try await stored() == ["\(uids[0]) 1", "\(uids[1]) 0", "\(uids[2]) 1"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await place.count("SELECT count(*) FROM patient") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
