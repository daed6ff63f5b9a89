internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Puts a segmentation or structure set beside the images that it marks: in their data set, patient and study, whatever
/// folder it comes from and whatever its own header calls the patient.
///
/// One that is stored already stays where it is: objects of one Series Instance UID may mark images of several
/// patients, so that the object counts and not its series. One whose images are not there yet goes where its header
/// says, until they come (``StrayObjects``).
struct MarkedImageIndex: Sendable {
    fileprivate struct Home: Sendable {
        let dataset: DatasetIdentity
        let patientKey: String
        let studyKey: String
        let studyInstanceUID: String?
        let seriesKey: String
        let seriesInstanceUID: String?
    }

    /// Of image series, by Series Instance UID.
    private var homes: [String: Home] = [:]
    /// Of objects that are stored, by ``name(of:)``.
    private var stored: [String: [Home]] = [:]

    init(of instances: [PlannedInstance], on connection: any WarehouseConnection) async throws {
        let marking = instances.filter { !$0.markedSeries.isEmpty }
        for page in Self.pages(marking.flatMap(\.markedSeries)) {
            let rows = try await Self.rows(
                "FROM series", where: "series.series_instance_uid IN \(list: page)", on: connection)
            // Of several the one with most slices, which is the last.
            for row in rows { homes[try row.get("series_instance_uid")] = try Home(row: row) }
        }
        for page in Self.pages(marking.filter { $0.role != .object }.compactMap(\.sopInstanceUID)) {
            let rows = try await Self.rows(
                """
                FROM (SELECT DISTINCT patient_id, series_id, sop_instance_uid FROM slice
                    WHERE sop_instance_uid IN \(list: page)) AS holder
                JOIN series ON series.patient_id = holder.patient_id AND series.series_id = holder.series_id
                """, and: "holder.sop_instance_uid, ", where: "1 = 1", on: connection)
            for row in rows { stored[try row.get("sop_instance_uid"), default: []].append(try Home(row: row)) }
        }
        let keyed = marking.filter { $0.role == .object || $0.sopInstanceUID == nil }
        let keys = Set(keyed.map(Self.name(of:)))
        for page in Self.pages(keyed.compactMap(\.seriesInstanceUID)) {
            let rows = try await Self.rows(
                "FROM series", where: "series.series_instance_uid IN \(list: page)", on: connection)
            for home in try rows.map(Home.init(row:)) where keys.contains(home.seriesKey) {
                stored[home.seriesKey, default: []].append(home)
            }
        }
    }

    private static func pages(_ uids: [String]) -> [[String]] {
        let sorted = Set(uids).sorted()
        return stride(from: 0, to: sorted.count, by: 500).map { Array(sorted[$0..<min($0 + 500, sorted.count)]) }
    }

    private static func rows(
        _ source: SQL, and column: SQL = "", where condition: SQL, on connection: any WarehouseConnection
    ) async throws -> RowSet {
        try await connection.rows(
            """
            SELECT \(sql: column)series.series_instance_uid, series.series_key, study.study_key,
                study.study_instance_uid, patient.patient_key, dataset.name, dataset.version, dataset.adapter,
                dataset.patient_key_kind
            \(sql: source)
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE series.variant = 0 AND \(sql: condition)
            ORDER BY series.slice_count, series.series_id DESC
            """)
    }

    /// An object without pixels is a series by itself, whose key names it.
    private static func name(of instance: PlannedInstance) -> String {
        guard instance.role != .object, let uid = instance.sopInstanceUID else { return instance.reference.seriesKey }
        return uid
    }

    /// Where the object is stored. Of several that have its UIDs the one that marks the same, then the one of its
    /// patient, then the one of its images.
    private func own(_ instance: PlannedInstance, beside images: Home?) -> Home? {
        guard let uid = instance.seriesInstanceUID else { return nil }
        let places = (stored[Self.name(of: instance)] ?? []).filter { $0.seriesInstanceUID == uid }
        let alike = places.filter { $0.seriesKey == instance.reference.seriesKey }
        let candidates = alike.isEmpty ? places : alike
        return candidates.first { $0.patientKey == instance.patientKey }
            ?? candidates.first { $0.patientKey == images?.patientKey } ?? candidates.last
    }

    /// The instance where it belongs, with the data set that it then is in.
    func placed(_ instance: PlannedInstance) -> (instance: PlannedInstance, dataset: DatasetIdentity?) {
        let images = instance.markedSeries.lazy.compactMap({ homes[$0] }).first
        let own = own(instance, beside: images)
        guard let home = own ?? images else { return (instance, nil) }
        let seriesKey = own?.seriesKey ?? instance.reference.seriesKey
        let dataset = instance.isPublished ? home.dataset : home.dataset.clinical
        var placed = PlannedInstance(
            file: instance.file, patientKey: home.patientKey, patientIsNamed: true,
            reference: SeriesReference(studyKey: home.studyKey, seriesKey: seriesKey),
            studyInstanceUID: home.studyInstanceUID, seriesInstanceUID: instance.seriesInstanceUID,
            role: instance.role, modality: instance.modality, reader: instance.reader,
            dataset: dataset.planKey, markedSeries: instance.markedSeries, isPublished: instance.isPublished)
        placed.namesOtherPatient =
            instance.patientIsNamed && home.isComparable(with: instance) && home.patientKey != instance.patientKey
        return (placed, dataset)
    }

    /// Of an object beside images of another patient than its own header names.
    static func findingOfOtherPatient(_ subject: Finding.Subject) -> Finding {
        Finding(
            check: "mask_of_other_patient", severity: .warning, subject: subject,
            sentence: "It names another patient than the images that it marks, by Patient ID or its issuer; it "
                + "counts for the images that it names. Look whether it belongs to them, and else take it out "
                + "with slicehouse domains retire.")
    }
}

extension MarkedImageIndex.Home {
    /// Identifiers as they are, and pseudonyms of them, say nothing of each other.
    fileprivate func isComparable(with instance: PlannedInstance) -> Bool {
        instance.isPublished == (dataset.patientKeyKind == .research)
    }

    fileprivate init(row: Row) throws {
        let kind: String = try row.get("patient_key_kind")
        dataset = DatasetIdentity(
            name: try row.get("name"), version: try row.get("version"), adapter: try row.get("adapter"),
            patientKeyKind: PatientKeyKind(rawValue: kind) ?? .clinical)
        patientKey = try row.get("patient_key")
        studyKey = try row.get("study_key")
        studyInstanceUID = try row.get("study_instance_uid")
        seriesKey = try row.get("series_key")
        seriesInstanceUID = try row.get("series_instance_uid")
    }
}
