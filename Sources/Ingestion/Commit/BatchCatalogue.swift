internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Ids of the series of one batch.
struct SeriesIdentity: Sendable, Hashable {
    let datasetID: Int64
    let patientID: Int64
    let studyID: Int64
}

/// The ids a batch writes under and what the warehouse already holds of its series, read in a handful of queries.
struct BatchCatalogue: Sendable {
    let identities: [SeriesIdentity]
    /// Ids of the first variants, stored or not.
    let seriesIDs: [Int64]
    let stored: [StoredSeries]

    init(of plans: [SeriesPlan], on connection: any WarehouseConnection) async throws {
        let identities = try await Self.identities(of: plans, on: connection)
        self.identities = identities
        let keys = zip(plans, identities).map { plan, identity in
            [SQLValue.integer(identity.studyID), .text(plan.reference.seriesKey), .integer(0)]
        }
        let ids = try await KeyResolver(connection: connection).resolve(
            keys, in: .series, of: Set(identities.map(\.patientID)))
        seriesIDs = keys.map { ids[$0] ?? 0 }
        stored = try await Self.stored(plans, identities, on: connection)
    }

    private static func identities(
        of plans: [SeriesPlan], on connection: any WarehouseConnection
    ) async throws -> [SeriesIdentity] {
        let resolver = KeyResolver(connection: connection)
        let datasetKeys = plans.map { [SQLValue.text($0.dataset.name), .text($0.dataset.version)] }
        let datasets = try await resolver.resolve(datasetKeys, in: .dataset)
        let patientKeys = zip(plans, datasetKeys).map { plan, key in
            [SQLValue.integer(datasets[key] ?? 0), .text(plan.patientKey)]
        }
        let patients = try await resolver.resolve(patientKeys, in: .patient)
        let studyKeys = zip(plans, patientKeys).map { plan, key in
            [SQLValue.integer(patients[key] ?? 0), .text(plan.reference.studyKey)]
        }
        let studies = try await resolver.resolve(studyKeys, in: .study, of: Set(patients.values))
        return plans.indices.map { index in
            SeriesIdentity(
                datasetID: datasets[datasetKeys[index]] ?? 0, patientID: patients[patientKeys[index]] ?? 0,
                studyID: studies[studyKeys[index]] ?? 0)
        }
    }

    /// What a run claims so that no other one writes the same series: ids of the first variants, in order.
    static func claimKeys(of plans: [SeriesPlan], on connection: any WarehouseConnection) async throws -> [Int64] {
        let keys = zip(plans, try await identities(of: plans, on: connection)).map { plan, identity in
            KeyedTable.series.contentKey(
                [.integer(identity.studyID), .text(plan.reference.seriesKey), .integer(0)]
            ).id(attempt: 0)
        }
        return Set(keys).sorted()
    }

    private struct Place: Hashable {
        let studyID: Int64
        let seriesKey: String
    }

    private static func stored(
        _ plans: [SeriesPlan], _ identities: [SeriesIdentity], on connection: any WarehouseConnection
    ) async throws -> [StoredSeries] {
        let patients = Array(Set(identities.map(\.patientID)))
        let studies = Array(Set(identities.map(\.studyID)))
        let wanted = Set(zip(plans, identities).map { Place(studyID: $1.studyID, seriesKey: $0.reference.seriesKey) })
        var found: [Place: StoredSeries] = [:]
        var placeOfSeries: [Int64: (Place, Int)] = [:]
        let rows = try await connection.rows(
            """
            SELECT study_id, series_key, variant, series_id, revision, photometric_interpretation,
                frame_of_reference_uid, slice_thickness_mm, mask_rule, companion_of
            FROM series
            WHERE patient_id IN \(list: patients) AND study_id IN \(list: studies)
            """)
        for row in rows {
            let place = Place(studyID: try row.get("study_id"), seriesKey: try row.get("series_key"))
            guard wanted.contains(place) else { continue }
            let variant: Int = try row.get("variant")
            let seriesID: Int64 = try row.get("series_id")
            found[place, default: StoredSeries()].variants[variant] = StoredSeries.Variant(
                seriesID: seriesID, revision: try row.get("revision"), facts: try facts(row),
                isTied: try row.get("companion_of", as: Int64?.self) != nil, slices: [:])
            placeOfSeries[seriesID] = (place, variant)
        }
        try await addSlices(to: &found, placeOfSeries, patients: patients, on: connection)
        return zip(plans, identities).map { plan, identity in
            found[Place(studyID: identity.studyID, seriesKey: plan.reference.seriesKey)] ?? StoredSeries()
        }
    }

    private static func facts(_ row: Row) throws -> SeriesFacts {
        let maskRule: String? = try row.get("mask_rule")
        return SeriesFacts(
            photometricInterpretation: try row.get("photometric_interpretation"),
            frameOfReferenceUID: try row.get("frame_of_reference_uid"),
            sliceThickness: try row.get("slice_thickness_mm"),
            // The engines give JSON back in forms of their own.
            maskRule: try maskRule.map { try JSONValue(parsing: $0).text })
    }

    private static func addSlices(
        to found: inout [Place: StoredSeries], _ placeOfSeries: [Int64: (Place, Int)], patients: [Int64],
        on connection: any WarehouseConnection
    ) async throws {
        guard !placeOfSeries.isEmpty else { return }
        let rows = try await connection.rows(
            """
            SELECT series_id, slice_id, slice_key, pixel_digest FROM slice
            WHERE patient_id IN \(list: patients) AND series_id IN \(list: Array(placeOfSeries.keys))
            """)
        for row in rows {
            guard let (place, variant) = placeOfSeries[try row.get("series_id")] else { continue }
            let key = SliceKey.mergeKey(of: try row.get("slice_key"))
            found[place]?.variants[variant]?.slices[key] = StoredSeries.StoredSlice(
                sliceID: try row.get("slice_id"), digest: try row.get("pixel_digest"))
        }
    }
}
