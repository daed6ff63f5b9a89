internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// The annotation rows of what a segmentation or structure set marks, and the readings that say somebody looked.
struct ObjectAnnotations: Sendable {
    let object: MarkingObjectPass.Object
    let connection: any WarehouseConnection
    let context: RunContext

    /// A segment, or a region of interest.
    struct Mark: Sendable {
        /// Unique within the reader and the image series.
        let key: String
        /// `mask` or `contour`.
        let kind: String
        let target: String
        let reader: LabelReader
        /// The series with the grey levels, where there is one.
        let maskSeriesID: Int64?
        let rule: JSONValue
    }

    /// The id of a mark on one image series; it is added where it is not there yet.
    func annotate(_ mark: Mark, on seriesID: Int64) async throws -> (id: Int64, isNew: Bool) {
        let readerID = try await ReaderRegistry(connection: connection).id(
            of: mark.reader, datasetID: object.datasetID)
        let id = try await KeyResolver(connection: connection).resolve(
            [.integer(seriesID), .integer(readerID), .text(mark.key)], in: .annotation, of: object.patientID)
        let count = try await connection.execute(
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, reader_id, annotation_key, kind, target,
                mask_series_id, rule, ingest_run_id)
            VALUES (\(object.patientID), \(id), \(seriesID), \(readerID), \(mark.key), \(mark.kind), \(mark.target),
                \(mark.maskSeriesID), \(mark.rule.text), \(context.runID))
            ON CONFLICT DO NOTHING
            """)
        try await ReadingWriter(connection: connection).write(
            [.series(seriesID, of: object.patientID)], readerID: readerID)
        return (id, count > 0)
    }
}
