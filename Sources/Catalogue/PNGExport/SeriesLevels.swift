internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The range of a whole series in modality values, for recipes of that scope; padding counts only where less than two
/// values are left without it.
///
/// **Cost** decodes the series once more, twice where padding counts; memory is one counter for each distinct value.
struct SeriesLevels {
    let recipe: RenderRecipe
    let connection: any WarehouseConnection

    /// **Throws** `unrenderable` for percentiles of samples wider than 16 bits.
    func range(of slice: ExportedSlice) async throws -> ClosedRange<Double>? {
        var spread = try await spread(of: slice, .unpadded)
        if spread.least >= spread.greatest { spread = try await self.spread(of: slice, .all) }
        guard spread.least <= spread.greatest else { return nil }
        guard case .percentile(let lower, let upper, _) = recipe else { return spread.least...spread.greatest }
        return percentiles(lower, upper, of: spread.counts)
    }

    private struct Spread {
        var least = Double.infinity
        var greatest = -Double.infinity
        var counts: [Double: Int] = [:]
    }

    private func spread(of slice: ExportedSlice, _ samples: ModalityValues.Samples) async throws -> Spread {
        var spread = Spread()
        let stream = SliceStream.series(patientID: slice.patientID, seriesID: slice.seriesID)
        let headers = try await SliceHeaders(connection: connection).ofSeries(slice)
        try await stream.forEachBatch(on: connection, batchRows: 16) { slices in
            for stored in slices {
                guard stored.samplesPerPixel == 1, !stored.tiles.isEmpty else { continue }
                var display = try headers.header(of: stored.sliceID).display(of: slice)
                display.rescale = stored.rescale
                guard let pixels = try stored.intactPixels() else { continue }
                let values = try ModalityValues(pixels, display: display)
                guard let range = values.range(of: samples) else { continue }
                spread.least = min(spread.least, range.lowerBound)
                spread.greatest = max(spread.greatest, range.upperBound)
                if case .percentile = recipe { try values.count(samples, into: &spread.counts) }
            }
        }
        return spread
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
