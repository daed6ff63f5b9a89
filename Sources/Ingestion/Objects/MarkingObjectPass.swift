internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Turns what stored segmentations and structure sets mark into annotations of the images they name.
///
/// It reads what is stored and nothing else, so it may come as late as it will: an object waits in the warehouse until
/// its images are there, and one whose images come in part is looked at again when more do.
struct MarkingObjectPass: Sendable {
    let warehouse: Warehouse
    let context: RunContext

    /// A stored segmentation, structure set, or volume that was said to be a mask.
    struct Object: Sendable {
        enum Kind: Sendable { case segmentation, structureSet, volume }

        let datasetID: Int64
        let patientID: Int64
        let seriesID: Int64
        let seriesKey: String
        let kind: Kind
    }

    struct Written: Sendable {
        var annotations = 0
        var masks = 0
        var findings = 0
        /// Values of the voxels of a volume, without the background; `nil` where none was read.
        var volumeValues: Set<Int>?
    }

    /// Returns the values that the voxels of masks for `--masks-for` have; `nil` where no such mask was placed.
    ///
    /// - Parameter everywhere: looks at every object, not only at those of patients whom this run changed.
    func run(everywhere: Bool, summary: RunSummary) async throws -> Set<Int>? {
        var last: Int64 = -1
        var values: Set<Int>?
        while true {
            let page = try await warehouse.withConnection { connection in
                try await objects(after: last, everywhere: everywhere, on: connection)
            }
            guard let end = page.last else { return values }
            for object in page {
                try Task.checkCancellation()
                let written = try await write(object)
                if let own = written.volumeValues { values = (values ?? []).union(own) }
                context.failpoints.pass(.objectCommitted)
                summary.change {
                    $0.masksStored += written.masks
                    $0.marksStored += written.annotations
                    $0.findings += written.findings
                }
            }
            last = end.seriesID
        }
    }

    /// One that cannot be read marks nothing, and stops no other.
    private func write(_ object: Object) async throws -> Written {
        try await warehouse.withLoadConnection { connection in
            do {
                return try await connection.transaction {
                    // Of two runs that end together the second waits here and finds nothing left to do.
                    try await connection.claimWaiting(key: object.seriesID)
                    let written = try await place(object, on: connection)
                    try await MaskSources(connection: connection).join(object.seriesID)
                    context.failpoints.pass(.objectPlaced)
                    return written
                }
            } catch let error as ImagingError {
                return try await connection.transaction {
                    let tie = ObjectTie(object: object, connection: connection, context: context)
                    return Written(findings: try await tie.replaceFindings([.unreadable(error.reason)]))
                }
            }
        }
    }

    private func objects(
        after last: Int64, everywhere: Bool, on connection: any WarehouseConnection
    ) async throws -> [Object] {
        let changed: SQL =
            everywhere
            ? "" : "AND series.patient_id IN (SELECT patient_id FROM series WHERE ingest_run_id = \(context.runID))"
        return try await connection.rows(
            """
            SELECT patient.dataset_id, series.patient_id, series.series_id, series.series_key, series.modality
            FROM series JOIN patient ON patient.patient_id = series.patient_id
            WHERE series.variant = 0 AND series.series_id > \(last) \(sql: changed)
                AND (series.role = 'mask' AND series.modality = 'SEG'
                    OR series.role = 'mask' AND series.modality IS NULL
                        AND CAST(series.mask_rule AS text) LIKE '%"volume_mask"%'
                    OR series.role = 'object' AND series.modality = 'RTSTRUCT')
            ORDER BY series.series_id LIMIT 200
            """
        ).map(Object.init(row:))
    }

    private func place(_ object: Object, on connection: any WarehouseConnection) async throws -> Written {
        switch object.kind {
        case .segmentation: try await SegmentationWriter(connection: connection, context: context).write(object)
        case .structureSet: try await StructureSetWriter(connection: connection, context: context).write(object)
        case .volume: try await VolumeMaskWriter(connection: connection, context: context).write(object)
        }
    }
}

extension MarkingObjectPass.Object {
    fileprivate init(row: Row) throws {
        datasetID = try row.get("dataset_id")
        patientID = try row.get("patient_id")
        seriesID = try row.get("series_id")
        seriesKey = try row.get("series_key")
        kind =
            switch try row.get("modality", as: String?.self) {
            case "SEG": .segmentation
            case "RTSTRUCT": .structureSet
            default: .volume
            }
    }
}
