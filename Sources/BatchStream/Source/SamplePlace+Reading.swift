internal import CanonicalJSON
internal import Imaging
internal import SQLInterface

extension SamplePlace {
    /// Where a frozen sample lies; nil where its series is no volume.
    ///
    /// **Throws** `notFound` for a number that the set does not have, `unusableSet` for a set of a later program.
    static func read(
        _ number: Int, of set: TrainingSetInfo, from connection: any StreamConnection
    ) throws -> SamplePlace? {
        guard let form = SampleForm(json: set.parameters["sample"] ?? .null) else {
            throw StreamError.unusable(set.title, "its parameters do not say what a sample is; create a new version")
        }
        let sql = StreamStatements.place(set: set.id, number: Int64(number))
        guard let values = try connection.result(sql).rows.first else {
            throw StreamError(.notFound, "The training set \(set.title) has no sample \(number).")
        }
        var row = StreamRow(values)
        func vector() -> SIMD3<Double>? {
            let parts = [row.real(), row.real(), row.real()].compactMap(\.self)
            return parts.count == 3 ? SIMD3(parts) : nil
        }
        let (centre, slice) = (vector(), row.optionalInteger().map { Int($0) })
        let (slices, rows, columns) = (try row.int(), try row.int(), try row.int())
        guard let origin = vector(), let across = vector(), let down = vector(), let through = vector(),
            let spacing = vector()
        else { return nil }
        let grid = try VolumeGeometry(
            columns: columns, rows: rows, slices: slices, origin: origin, rowDirection: across, columnDirection: down,
            sliceDirection: through, columnSpacing: spacing.x, rowSpacing: spacing.y, sliceSpacing: spacing.z)
        let list = try connection.result(StreamStatements.sliceIndices(set: set.id, number: Int64(number))).rows
        let indices = try list.map { values in
            var row = StreamRow(values)
            return try row.int()
        }
        return SamplePlace(
            form, centre: centre, slice: slice, slices: indices, layout: set.recipe.layout, in: grid)
    }
}
