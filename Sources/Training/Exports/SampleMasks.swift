internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The masks of a few samples, looked up together: samples that share slices share what is marked on them.
///
/// **Cost** a query for every 500 slices; the runs of all masks that count on these slices in memory.
struct SampleMasks: Sendable {
    /// By sample number and slice, in order of the annotations' ids.
    private var masks: [Int: [Int64: [RunLengthMask]]] = [:]

    /// - Parameters:
    ///   - lists: Slices of each sample, by its number.
    ///   - stored: These slices by id; their size is that of their masks.
    ///   - named: Annotations that count; nil for those that the target of each sample names.
    /// **Throws** `ImagingError` for runs that do not fit their slice.
    init(
        of samples: [FrozenSample], on lists: [Int: [SeriesSlices.Slice]], _ stored: [Int64: SliceFacts],
        counting named: Set<Int64>?, on connection: any WarehouseConnection
    ) async throws {
        var annotations: [Int: Set<Int64>] = [:]
        var places: Set<SlicePlace> = []
        for sample in samples {
            let own = named ?? Set(sample.target?.annotations ?? [])
            guard !own.isEmpty else { continue }
            annotations[sample.number] = own
            for slice in lists[sample.number] ?? [] {
                places.insert(SlicePlace(patientID: sample.patientID, sliceID: slice.id))
            }
        }
        let counting = named ?? annotations.values.reduce(into: Set<Int64>()) { $0.formUnion($1) }
        let found = try await Self.marks(on: places, stored, counting: counting, on: connection)
        for (number, own) in annotations {
            for slice in lists[number] ?? [] {
                let marks = (found[slice.id] ?? []).filter { own.contains($0.annotationID) }
                masks[number, default: [:]][slice.id] = marks.map(\.mask)
            }
        }
    }

    func masks(ofSample number: Int, slice: Int64) -> [RunLengthMask] { masks[number]?[slice] ?? [] }

    // MARK: Looking up

    private struct Mark {
        let annotationID: Int64
        let mask: RunLengthMask
    }

    private static func marks(
        on places: Set<SlicePlace>, _ stored: [Int64: SliceFacts], counting annotations: Set<Int64>,
        on connection: any WarehouseConnection
    ) async throws -> [Int64: [Mark]] {
        let sorted = places.sorted { $0.sliceID < $1.sliceID }
        var found: [Int64: [Mark]] = [:]
        for start in stride(from: 0, to: sorted.count, by: SlicePlace.pageSize) {
            let rows = try await connection.rows(
                query(sorted[start..<min(start + SlicePlace.pageSize, sorted.count)]))
            for row in rows {
                let (id, annotation): (Int64, Int64) = (try row.get(at: 0), try row.get(at: 1))
                guard annotations.contains(annotation), let slice = stored[id] else { continue }
                let runs: [UInt8] = try row.get(at: 2)
                let mask = try RunLengthMask(rows: slice.rows, columns: slice.columns, bytes: runs)
                found[id, default: []].append(Mark(annotationID: annotation, mask: mask))
            }
        }
        return found
    }

    private static func query(_ places: ArraySlice<SlicePlace>) -> SQL {
        var query = SlicePlace.query(
            places, columns: "annotation_mask.slice_id, annotation_mask.annotation_id, annotation_mask.rle",
            of: "annotation_mask")
        query.append(" ORDER BY annotation_mask.slice_id, annotation_mask.annotation_id")
        return query
    }
}
