internal import CanonicalJSON
internal import Crypto
internal import Warehouse

/// The digest of a training set: equal digests mean equal samples, in equal folds, with equal targets and weights.
///
/// **Format** SHA-256 over `slicehouse-training-set-1`, a line feed, the head as canonical JSON, a line feed, and one
/// line a sample in order of number. The head has the members class_weights, parameters, query, recipe (SHA-256 in
/// hexadecimal) and sampling_plan. The line has, between tabs: fold, patient, series, slice and annotation id, column,
/// row and slice of the centre, pixel digest, target digest, weight; nothing for NULL, digests in hexadecimal, numbers
/// as JSON has them.
struct TrainingSetDigest {
    private var hash = SHA256()

    init(query: String, parameters: JSONValue, recipe: [UInt8], classWeights: JSONValue?, samplingPlan: JSONValue?) {
        let head: JSONValue = [
            "class_weights": classWeights ?? .null, "parameters": parameters, "query": .string(query),
            "recipe": .string(FileDigest.hex(recipe)), "sampling_plan": samplingPlan ?? .null,
        ]
        hash.update(data: Array("slicehouse-training-set-1\n\(head.text)\n".utf8))
    }

    /// The next sample in order of number.
    struct Line {
        let fold: String
        let patientID: Int64
        let seriesID: Int64
        let sliceID: Int64?
        let annotationID: Int64?
        let centre: (column: Double?, row: Double?, slice: Double?)
        let pixelDigest: [UInt8]
        let targetDigest: [UInt8]?
        let weight: Double

        var key: SampleKey {
            var point: VoxelPoint?
            if let column = centre.column, let row = centre.row, let slice = centre.slice {
                point = VoxelPoint(column: column, row: row, slice: slice)
            }
            return SampleKey(
                site: SampleKey.Site(seriesID: seriesID, sliceID: sliceID, centre: point), annotationID: annotationID)
        }
    }

    mutating func add(_ line: Line) {
        func number(_ value: Double?) -> String { value.map(JSONValue.ecmaScript) ?? "" }
        func id(_ value: Int64?) -> String { value.map { String($0) } ?? "" }
        let cells = [
            line.fold, String(line.patientID), String(line.seriesID), id(line.sliceID), id(line.annotationID),
            number(line.centre.column), number(line.centre.row), number(line.centre.slice),
            FileDigest.hex(line.pixelDigest), line.targetDigest.map(FileDigest.hex) ?? "", number(line.weight),
        ]
        hash.update(data: Array((cells.joined(separator: "\t") + "\n").utf8))
    }

    consuming func finish() -> [UInt8] { Array(hash.finalize()) }
}
