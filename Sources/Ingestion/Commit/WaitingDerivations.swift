internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Derived series that came before the series they were computed from: a finding says so, and names the source by which
/// they are tied once that is there.
struct WaitingDerivations: Sendable {
    let connection: any WarehouseConnection

    private static let check = "derived_without_source"

    static func finding(_ subject: Finding.Subject, source: SeriesSource) -> Finding {
        Finding(
            check: check, severity: .warning, subject: subject,
            sentence: "The series that it was computed from is not in the warehouse, or belongs to another patient "
                + "there; derived_from is set when it comes.",
            detail: [
                "source_series": source.seriesID.map { .string(String($0)) } ?? .null,
                "source_image": source.imageUID.map(JSONValue.string) ?? .null,
            ])
    }

    /// The source among the stored series of the patient; `nil` where it is not there.
    func seriesID(of source: SeriesSource?, patientID: Int64) async throws -> Int64? {
        guard let source else { return nil }
        let rows = try await connection.rows(
            """
            SELECT series.series_id FROM series
            WHERE series.patient_id = \(patientID) AND series.role = 'image'
                AND (series.series_id = \(source.seriesID) OR series.variant = 0 AND series.series_id IN (
                    SELECT series_id FROM slice
                    WHERE patient_id = \(patientID) AND sop_instance_uid = \(source.imageUID)))
            ORDER BY series.series_id
            """)
        let found = try rows.map { try $0.get("series_id", as: Int64.self) }
        return found.first { $0 == source.seriesID } ?? found.first
    }

    /// A series that waits, with what its finding says of the source.
    fileprivate struct Waiting {
        let findingID: Int64
        let patientID: Int64
        let seriesID: Int64
        let source: SeriesSource
        let runID: Int64?
    }

    /// Ties what can be. Returns how many of the findings were made by a run.
    func resolve(countingRun runID: Int64) async throws -> Int {
        let waiting = try await connection.rows(
            """
            SELECT quality_finding_id, patient_id, series_id, detail, ingest_run_id FROM quality_finding
            WHERE check_name = \(Self.check) ORDER BY quality_finding_id
            """
        ).map(Waiting.init(row:))
        var count = 0
        for start in stride(from: 0, to: waiting.count, by: 500) {
            let page = waiting[start..<min(start + 500, waiting.count)]
            let sources = try await sources(of: page.map(\.source))
            for item in page {
                guard let sourceID = sources.sourceID(of: item) else { continue }
                try await tie(item, to: sourceID)
                if item.runID == runID { count += 1 }
            }
        }
        return count
    }

    private func tie(_ item: Waiting, to sourceID: Int64) async throws {
        try await connection.transaction {
            try await connection.execute(
                """
                UPDATE series SET derived_from = \(sourceID)
                WHERE patient_id = \(item.patientID) AND series_id = \(item.seriesID)
                """)
            try await connection.execute("DELETE FROM quality_finding WHERE quality_finding_id = \(item.findingID)")
        }
    }

    /// Image series by patient: those with an id that is asked for, and those that hold an image that is.
    private struct Sources {
        var named: [Int64: Set<Int64>] = [:]
        var holding: [Int64: [String: [Int64]]] = [:]

        func sourceID(of item: Waiting) -> Int64? {
            if let told = item.source.seriesID, named[item.patientID]?.contains(told) == true { return told }
            let found = item.source.imageUID.flatMap { holding[item.patientID]?[$0] } ?? []
            return found.filter { $0 != item.seriesID }.min()
        }
    }

    private func sources(of wanted: [SeriesSource]) async throws -> Sources {
        var sources = Sources()
        let (ids, uids) = (Set(wanted.compactMap(\.seriesID)).sorted(), Set(wanted.compactMap(\.imageUID)).sorted())
        if !ids.isEmpty {
            let rows = try await connection.rows(
                "SELECT patient_id, series_id FROM series WHERE role = 'image' AND series_id IN \(list: ids)")
            for row in rows { sources.named[try row.get("patient_id"), default: []].insert(try row.get("series_id")) }
        }
        if !uids.isEmpty {
            let rows = try await connection.rows(
                """
                SELECT slice.patient_id, slice.series_id, slice.sop_instance_uid FROM slice
                JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
                WHERE slice.sop_instance_uid IN \(list: uids) AND series.role = 'image' AND series.variant = 0
                """)
            for row in rows {
                let (patientID, uid): (Int64, String) = (try row.get("patient_id"), try row.get("sop_instance_uid"))
                sources.holding[patientID, default: [:]][uid, default: []].append(try row.get("series_id"))
            }
        }
        return sources
    }
}

extension WaitingDerivations.Waiting {
    fileprivate init(row: Row) throws {
        findingID = try row.get("quality_finding_id")
        patientID = try row.get("patient_id")
        seriesID = try row.get("series_id")
        let detail = try JSONValue(parsing: try row.get("detail"))
        source = SeriesSource(
            seriesID: detail["source_series"]?.string.flatMap { Int64($0) },
            imageUID: detail["source_image"]?.string)
        runID = try row.get("ingest_run_id", as: Int64?.self)
    }
}
