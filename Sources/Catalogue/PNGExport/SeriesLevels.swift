internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The range of a whole series in modality values, for recipes of that scope.
///
/// **Cost** decodes the series once more; memory is one counter for each distinct value.
struct SeriesLevels {
    let recipe: RenderRecipe
    let connection: any WarehouseConnection

    /// **Throws** `unrenderable` for percentiles of samples wider than 16 bits.
    func range(of slice: ExportedSlice) async throws -> ClosedRange<Double>? {
        var least = Double.infinity
        var greatest = -Double.infinity
        var counts: [Double: Int] = [:]
        let stream = SliceStream.series(patientID: slice.patientID, seriesID: slice.seriesID)
        let headers = try await SliceHeaders(connection: connection).ofSeries(slice)
        try await stream.forEachBatch(on: connection, batchRows: 16) { slices in
            for stored in slices {
                guard stored.samplesPerPixel == 1, !stored.tiles.isEmpty else { continue }
                var display = try headers.header(of: stored.sliceID).display(of: slice)
                display.rescale = stored.rescale
                let values = try ModalityValues(try stored.pixels(), display: display)
                guard let range = values.range else { continue }
                least = min(least, range.lowerBound)
                greatest = max(greatest, range.upperBound)
                if case .percentile = recipe { try values.count(into: &counts) }
            }
        }
        guard least <= greatest else { return nil }
        guard case .percentile(let lower, let upper, _) = recipe else { return least...greatest }
        return percentiles(lower, upper, of: counts)
    }

    private func percentiles(_ lower: Double, _ upper: Double, of counts: [Double: Int]) -> ClosedRange<Double>? {
        let sorted = counts.sorted { $0.key < $1.key }
        let total = counts.values.reduce(0, +)
        func value(_ percent: Double) -> Double {
            let rank = max(1, Int((percent / 100 * Double(total)).rounded(.up)))
            var seen = 0
            for (value, count) in sorted {
                seen += count
                if seen >= rank { return value }
            }
            return sorted.last?.key ?? 0
        }
        return value(lower)...value(upper)
    }
}
