internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Ids of the image series that masks and second renderings belong to, from this batch or from the warehouse.
struct CompanionIndex: Sendable {
    private struct Place: Hashable {
        let patientID: Int64
        let reference: SeriesReference
    }
    private var ids: [Place: Int64] = [:]

    init(of drafts: [SeriesDraft], on connection: any WarehouseConnection) async throws {
        let wanted = Set(
            drafts.compactMap { draft in
                draft.plan.companionOf.map { Place(patientID: draft.identity.patientID, reference: $0) }
            })
        for draft in drafts {
            let place = Place(patientID: draft.identity.patientID, reference: draft.plan.reference)
            guard wanted.contains(place), draft.variants[0] != nil || draft.stored.variants[0] != nil else { continue }
            ids[place] = draft.firstSeriesID
        }
        for place in wanted where ids[place] == nil {
            ids[place] = try await Self.storedID(of: place, on: connection)
        }
    }

    /// The image series of a mask or rendering; `nil` where it is not in the warehouse.
    func companion(of draft: SeriesDraft) -> Int64? {
        draft.plan.companionOf.flatMap { ids[Place(patientID: draft.identity.patientID, reference: $0)] }
    }

    private static func storedID(of place: Place, on connection: any WarehouseConnection) async throws -> Int64? {
        let rows = try await connection.rows(
            """
            SELECT series.series_id FROM series
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            WHERE series.patient_id = \(place.patientID) AND study.study_key = \(place.reference.studyKey)
            AND series.series_key = \(place.reference.seriesKey) AND series.variant = 0
            """)
        return try rows.first?.get("series_id")
    }
}
