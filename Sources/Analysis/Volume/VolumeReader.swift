internal import Catalogue
package import Imaging
package import Warehouse

/// Streams the slices of a series out of the warehouse into a ``SampleStore``.
package struct VolumeReader: Sendable {
    package let series: AnalysedSeries
    /// Rescaled values (HU for CT) instead of stored ones.
    package let rescaled: Bool

    package init(_ series: AnalysedSeries, rescaled: Bool) {
        self.series = series
        self.rescaled = rescaled
    }

    /// Refuses, in one sentence, a series that is no stack of grey pictures of one size.
    package func check() throws {
        func refuse(_ reason: String) -> AnalysisError { AnalysisError(.unsuitable, series.name, reason) }
        guard series.role == "image" else {
            throw refuse("it is a \(series.role), and only image series are denoised; name the image series")
        }
        guard series.slices.count >= 2 else {
            throw refuse("it has \(series.slices.count) slice, and a stack of at least two is needed")
        }
        guard series.slices.allSatisfy({ $0.samplesPerPixel == 1 }) else {
            throw refuse("it is in colour, and only grey pictures are denoised")
        }
        guard series.photometricInterpretation != "PALETTE COLOR" else {
            throw refuse("its values are indices into a palette, which cannot be averaged")
        }
        guard series.slices.allSatisfy({ $0.rows == series.rows && $0.columns == series.columns }) else {
            throw refuse("its slices differ in size; denoise series of one size")
        }
        guard !rescaled || series.slices.allSatisfy({ $0.rescale.map(\.isUsable) ?? true }) else {
            throw refuse("a rescale slope is 0 or not a number; use --values stored")
        }
    }

    package var types: [PixelType] { series.slices.map(\.type) }

    /// A store of the shape of the series, empty.
    package func makeStore(inMemory: Bool, environment: [String: String]) throws -> SampleStore {
        try SampleStore(
            rows: series.rows, columns: series.columns, types: types,
            rescales: series.slices.map { rescaled ? $0.rescale : nil }, inMemory: inMemory, environment: environment)
    }

    /// Reads all slices.
    ///
    /// - Returns: least and greatest value, in the unit of the matrix.
    /// **Throws** `damaged` where a slice cannot be decoded, `unsuitable` where a value is not a number.
    package func read(
        into store: SampleStore, on connection: any WarehouseConnection, progress: (Int) -> Void
    ) async throws -> ClosedRange<Double> {
        var least = Double.infinity
        var greatest = -Double.infinity
        var count = 0
        let stream = SliceStream.series(patientID: series.patientID, seriesID: series.seriesID)
        try await stream.forEachBatch(on: connection) { batch in
            for slice in batch {
                try Task.checkCancellation()
                let pixels = try decode(slice)
                let statistics = pixels.statistics()
                let line = store.rescales[slice.sliceIndex] ?? .identity
                let ends = [line.value(ofStored: statistics.minimum), line.value(ofStored: statistics.maximum)]
                guard ends.allSatisfy(\.isFinite), pixels.isWhollyFinite else {
                    throw AnalysisError(
                        .unsuitable, series.name,
                        "slice \(slice.sliceIndex) holds values that are not numbers, which no average survives")
                }
                least = min(least, ends[0], ends[1])
                greatest = max(greatest, ends[0], ends[1])
                try store.put(pixels, slice: slice.sliceIndex)
                count += 1
            }
            progress(count)
        }
        guard count == series.slices.count else {
            throw AnalysisError(
                .damaged, series.name, "\(count) of \(series.slices.count) slices could be read; run slicehouse verify")
        }
        return least...greatest
    }

    /// Different values where the series looks like a label map, else nil.
    ///
    /// **Cost** the middle slice where that tells, else all of them.
    func labelCount(on connection: any WarehouseConnection) async throws -> Int? {
        var evidence = LabelMapEvidence()
        let middle = series.slices[series.slices.count / 2].sliceID
        let others = series.slices.map(\.sliceID).filter { $0 != middle }
        for ids in [[middle], others] where evidence.isOpen {
            let stream = SliceStream.slices(patientID: series.patientID, sliceIDs: ids)
            try await stream.forEachBatch(on: connection) { batch in
                for slice in batch where evidence.isOpen { evidence.add(try decode(slice)) }
            }
        }
        return evidence.labelCount
    }

    private func decode(_ slice: StoredSlice) throws -> PixelBuffer {
        do {
            return try slice.pixels()
        } catch {
            throw AnalysisError(
                .damaged, series.name, "slice \(slice.sliceIndex) does not decode; run slicehouse verify")
        }
    }
}

extension Rescale {
    var isUsable: Bool { slope.isFinite && intercept.isFinite && slope != 0 }
}

extension PixelBuffer {
    /// Whether no sample is NaN or infinite; integers never are.
    fileprivate var isWhollyFinite: Bool { !type.isFloatingPoint || doubles().allSatisfy(\.isFinite) }
}
