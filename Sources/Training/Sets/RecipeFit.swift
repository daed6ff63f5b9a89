internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Whether the recipe can take samples, so that whatever is frozen can be read.
struct RecipeFit {
    /// What the recipe makes of a sample.
    struct Place {
        /// Nil where the values say what the recipe cuts.
        let grid: SampleGrid?
        /// Slices, rows, columns.
        let sides: SIMD3<Double>
    }

    private let renderer: SampleRenderer
    private let spacings: [Int64: SeriesSpacing]
    /// Few sizes for many samples; nil where the recipe cannot take them.
    private var places: [SampleExtent: Place?] = [:]

    /// **Cost** the spacing of every series of the split in memory.
    init(_ recipe: SampleRecipe, splitID: Int64, on connection: any WarehouseConnection) async throws {
        renderer = SampleRenderer(recipe: recipe)
        var spacings: [Int64: SeriesSpacing] = [:]
        try await connection.stream(
            """
            SELECT series.series_id, series.slice_spacing_mm, series.row_spacing_mm, series.column_spacing_mm
            FROM series
            JOIN split_assignment
                ON split_assignment.patient_id = series.patient_id AND split_assignment.split_id = \(splitID)
            WHERE series.row_spacing_mm IS NOT NULL
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                spacings[try row.get(at: 0)] = SeriesSpacing(
                    slices: try row.get(at: 1), rows: try row.get(at: 2), columns: try row.get(at: 3))
            }
        }
        self.spacings = spacings
    }

    /// **Throws** `noPlace` where a step cannot take the sample.
    mutating func place(of sample: SampleSlices, series: Int64) throws(SampleCandidate.Refused) -> Place {
        let extent = SampleExtent(
            slices: sample.slices.count, rows: sample.region.rows, columns: sample.region.columns,
            spacing: spacings[series]?.spacing())
        if places[extent] == nil { places.updateValue(place(of: extent), forKey: extent) }
        guard let known = places[extent], let place = known else { throw SampleCandidate.Refused(why: .noPlace) }
        return place
    }

    private func place(of extent: SampleExtent) -> Place? {
        guard let shape = try? renderer.shape(of: extent) else { return nil }
        return Place(
            grid: try? renderer.grid(of: extent),
            sides: SIMD3(Double(shape.slices), Double(shape.rows), Double(shape.columns)))
    }
}
