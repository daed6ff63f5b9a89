internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Images that are stored twice: of a plain folder, and of a data set.
///
/// A part of a published set that comes without the rest is read as a plain folder; with the rest beside it, the same
/// files are stored once more. No verb moves or removes them, so that what was found once holds.
///
/// **Cost** a look into the index of digests for each slice of the run, where there are data sets of both kinds that
/// nothing is said of yet.
struct CopiesInDatasets: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let check = "stored_in_plain_folder_too"
    /// In the detail of a finding.
    private static let otherDataset = "other_dataset"

    private struct Home {
        let datasetID: Int64
        let name: String
        let isPlain: Bool
    }

    /// A data set of a plain folder, by its id, and another one, by the name that findings have for it.
    private struct Pair: Hashable {
        let plainID: Int64
        let other: String
    }

    /// A whole series of a plain folder and a series of a data set that has all its pictures.
    private struct Copy {
        let plain: Home
        let dataset: Home
        let plainSeriesID: Int64
        let seriesID: Int64

        var pair: Pair { Pair(plainID: plain.datasetID, other: dataset.name) }
    }

    /// Returns how many findings are new: one for two data sets, whichever series they share.
    ///
    /// - Parameter afterFailure: looks at the images of runs that failed, too.
    func note(afterFailure: Bool) async throws -> Int {
        let homes = try await homes()
        var told = try await pairsTold()
        let open = homes.filter(\.isPlain).flatMap { plain in
            homes.filter { !$0.isPlain }.map { Pair(plainID: plain.datasetID, other: $0.name) }
        }.filter { !told.contains($0) }
        guard !open.isEmpty else { return 0 }
        let plain = homes.filter { home in home.isPlain && open.contains { $0.plainID == home.datasetID } }
        let others = homes.filter { home in !home.isPlain && open.contains { $0.other == home.name } }
        let copies =
            try await copies(near: plain, far: others, afterFailure: afterFailure)
            + self.copies(near: others, far: plain, afterFailure: afterFailure)
        // The same series of a pair, whichever of the two came last.
        let sorted = copies.sorted { ($0.plainSeriesID, $0.seriesID) < ($1.plainSeriesID, $1.seriesID) }
        let findings = sorted.filter { told.insert($0.pair).inserted }.map(finding)
        guard !findings.isEmpty else { return 0 }
        for finding in findings { context.observer.notice(finding.sentence) }
        return try await connection.transaction {
            try await FindingWriter(connection: connection, context: context).write(findings)
        }
    }

    /// Those of which a finding stands.
    private func pairsTold() async throws -> Set<Pair> {
        let rows = try await connection.rows(
            "SELECT dataset_id, detail FROM quality_finding WHERE check_name = \(Self.check)")
        var pairs: Set<Pair> = []
        for row in rows {
            let detail = try JSONValue(parsing: row.get("detail", as: String.self))
            guard let other = detail[Self.otherDataset]?.string else { continue }
            pairs.insert(Pair(plainID: try row.get("dataset_id"), other: other))
        }
        return pairs
    }

    /// Data sets with patients.
    private func homes() async throws -> [Home] {
        let rows = try await connection.rows(
            """
            SELECT dataset_id, name, version, adapter FROM dataset
            WHERE EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = dataset.dataset_id) ORDER BY dataset_id
            """)
        return try rows.map { row in
            let (name, version): (String, String) = (try row.get("name"), try row.get("version"))
            return Home(
                datasetID: try row.get("dataset_id"), name: version.isEmpty ? name : "\(name)@\(version)",
                isPlain: FolderReader.adapters.contains(try row.get("adapter", as: String.self)))
        }
    }

    private func finding(_ copy: Copy) -> Finding {
        Finding(
            check: Self.check, severity: .warning, subject: .dataset(copy.plain.datasetID),
            sentence: "Images are stored twice, as of a plain folder in \(copy.plain.name) and as of "
                + "\(copy.dataset.name): all pictures of series \(copy.plainSeriesID) are in series \(copy.seriesID), "
                + "as when a part was ingested without the rest. Both count: name one of the two with --dataset where "
                + "splits and training sets are made, and ingest the folder that holds the whole.",
            detail: .object([Self.otherDataset: .string(copy.dataset.name)]))
    }

    // MARK: Finding

    /// For each pair of data sets the first whole series of the plain folder that the other has, too.
    ///
    /// - Parameter near: those of which the run stored images.
    private func copies(near: [Home], far: [Home], afterFailure: Bool) async throws -> [Copy] {
        let isPlainNear = near.contains(where: \.isPlain)
        let homes = Dictionary((near + far).map { ($0.datasetID, $0) }) { first, _ in first }
        let rows = try await connection.rows(query(near: near, far: far, afterFailure: afterFailure))
        return try rows.compactMap { row -> Copy? in
            let own: (Int64, Int64) = (try row.get("near_dataset_id"), try row.get("near_series_id"))
            let other: (Int64, Int64) = (try row.get("far_dataset_id"), try row.get("far_series_id"))
            let (plain, dataset) = isPlainNear ? (own, other) : (other, own)
            guard let plainHome = homes[plain.0], let home = homes[dataset.0] else { return nil }
            return Copy(plain: plainHome, dataset: home, plainSeriesID: plain.1, seriesID: dataset.1)
        }
    }

    /// Blank pictures prove nothing. CROSS JOIN makes SQLite look each digest of the run up.
    private func query(near: [Home], far: [Home], afterFailure: Bool) -> SQL {
        let isPlainNear = near.contains(where: \.isPlain)
        let (plain, other) = isPlainNear ? ("near", "far") : ("far", "near")
        return """
            WITH near AS MATERIALIZED (
                SELECT series.patient_id, series.series_id, patient.dataset_id FROM series
                CROSS JOIN patient
                WHERE series.ingest_run_id \(sql: context.ownRuns(afterFailure: afterFailure))
                    AND patient.patient_id = series.patient_id
                    AND series.role IN \(list: Self.roles(ofPlain: isPlainNear))
                    AND patient.dataset_id IN \(list: near.map(\.datasetID))
            ),
            shared AS (
                SELECT near.dataset_id AS near_dataset_id, near.patient_id AS near_patient_id,
                    near.series_id AS near_series_id, far_patient.dataset_id AS far_dataset_id,
                    far.patient_id AS far_patient_id, far.series_id AS far_series_id,
                    count(DISTINCT slice.pixel_digest) AS picture_count
                FROM near
                CROSS JOIN slice
                CROSS JOIN slice AS twin
                CROSS JOIN series AS far
                CROSS JOIN patient AS far_patient
                WHERE slice.patient_id = near.patient_id AND slice.series_id = near.series_id AND NOT slice.is_blank
                    AND twin.pixel_digest = slice.pixel_digest AND twin.patient_id <> slice.patient_id
                    AND far.patient_id = twin.patient_id AND far.series_id = twin.series_id
                    AND far.role IN \(list: Self.roles(ofPlain: !isPlainNear))
                    AND far_patient.patient_id = far.patient_id
                    AND far_patient.dataset_id IN \(list: far.map(\.datasetID))
                GROUP BY near.dataset_id, near.patient_id, near.series_id, far_patient.dataset_id, far.patient_id,
                    far.series_id
            ),
            whole AS (
                SELECT near_dataset_id, near_series_id, far_dataset_id, far_series_id, row_number() OVER (
                    PARTITION BY near_dataset_id, far_dataset_id
                    ORDER BY \(raw: plain)_series_id, \(raw: other)_series_id) AS place
                FROM shared
                WHERE picture_count = (
                    SELECT count(DISTINCT slice.pixel_digest) FROM slice
                    WHERE slice.patient_id = shared.\(raw: plain)_patient_id
                        AND slice.series_id = shared.\(raw: plain)_series_id AND NOT slice.is_blank)
            )
            SELECT near_dataset_id, near_series_id, far_dataset_id, far_series_id FROM whole
            WHERE place = 1 ORDER BY near_dataset_id, far_dataset_id
            """
    }

    /// Masks of a data set are images in a plain folder.
    private static func roles(ofPlain isPlain: Bool) -> [String] { isPlain ? ["image"] : ["image", "mask"] }
}
