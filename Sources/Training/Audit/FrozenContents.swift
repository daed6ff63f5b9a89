internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// What the marks of frozen samples are, whatever their annotations are called: ``TargetIdentity/content``.
///
/// Of a mask the ids are frozen and a digest. Its drawings are read as the warehouse has them, and say what was frozen
/// where they still give that digest; where they do not, batches refuse them.
struct FrozenContents {
    let set: StoredTrainingSet
    let definition: TrainingSetDefinition
    let connection: any WarehouseConnection

    private struct Target {
        let json: JSONValue
        let digest: [UInt8]
    }

    private static let pageSize = 500

    /// By sample number; of labels, grades and what cannot be told, nothing.
    ///
    /// **Cost** a query or two for every ``pageSize`` samples, and their marks in memory.
    func read(_ samples: [Int]) async throws -> [Int: [UInt8]] {
        guard definition.target.marks != nil else { return [:] }
        var contents: [Int: [UInt8]] = [:]
        for start in stride(from: 0, to: samples.count, by: Self.pageSize) {
            let targets = try await targets(of: Array(samples[start..<min(start + Self.pageSize, samples.count)]))
            for (number, identity) in try await identities(of: targets) {
                if identity.digest == targets[number]?.digest { contents[number] = identity.content }
            }
        }
        return contents
    }

    private func targets(of samples: [Int]) async throws -> [Int: Target] {
        let rows = try await connection.rows(
            """
            SELECT sample_number, target, target_digest FROM training_sample
            WHERE training_set_id = \(set.id) AND sample_number IN \(list: samples)
            """)
        var targets: [Int: Target] = [:]
        for row in rows {
            let text: String? = try row.get(at: 1)
            let digest: [UInt8]? = try row.get(at: 2)
            guard let text, let digest, let json = try? JSONValue(parsing: text) else { continue }
            targets[try row.get(at: 0)] = Target(json: json, digest: digest)
        }
        return targets
    }

    private func identities(of targets: [Int: Target]) async throws -> [Int: TargetIdentity] {
        guard case .mask = definition.target else { return targets.mapValues { TargetIdentity(spheres: $0.json) } }
        return try await drawings(of: targets).mapValues { TargetIdentity(masks: $0) }
    }

    /// Of each slice that shows the mask of a sample, the runs of the annotations that the target names, in order of id.
    private func drawings(of targets: [Int: Target]) async throws -> [Int: [[[UInt8]]]] {
        let named = targets.mapValues { Set($0.json.annotations) }
        var drawings: [Int: [[[UInt8]]]] = [:]
        var last: (sample: Int, slice: Int)?
        try await connection.stream(statement(targets.keys.sorted()), batchRows: 1_024) { rows in
            for row in rows {
                let (sample, slice): (Int, Int) = (try row.get(at: 0), try row.get(at: 1))
                var own = drawings[sample] ?? []
                if last?.sample != sample || last?.slice != slice { own.append([]) }
                last = (sample, slice)
                if let annotation = try row.get(at: 2, as: Int64?.self), named[sample]?.contains(annotation) == true {
                    own[own.count - 1].append(try row.get(at: 3))
                }
                drawings[sample] = own
            }
        }
        return drawings
    }

    private func statement(_ samples: [Int]) -> SQL {
        let shown: SQL =
            definition.form.hasSeveralSlices && !definition.convention.isOfMiddleSlice
            ? "SELECT sample_number, slice_ordinal, patient_id, slice_id FROM training_sample_slice"
            : "SELECT sample_number, 0 AS slice_ordinal, patient_id, slice_id FROM training_sample"
        return """
            SELECT shown.sample_number, shown.slice_ordinal, annotation_mask.annotation_id, annotation_mask.rle
            FROM (
                \(sql: shown) WHERE training_set_id = \(set.id) AND sample_number IN \(list: samples)
            ) AS shown
            LEFT JOIN annotation_mask
                ON annotation_mask.patient_id = shown.patient_id AND annotation_mask.slice_id = shown.slice_id
            ORDER BY shown.sample_number, shown.slice_ordinal, annotation_mask.annotation_id
            """
    }
}
