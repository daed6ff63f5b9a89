internal import ImageFiles
internal import Imaging
internal import PixelCodec
internal import SQLInterface
internal import Synchronization
internal import Warehouse

/// Makes the pictures of a few slices of one series.
final class PNGWorker: Sendable {
    private let warehouse: Warehouse
    private let recipe: RenderRecipe
    private let identity: RecipeIdentity
    private let folder: String
    private let names: ExportNames
    private let method: PNGMethod?
    /// Ranges of series that were looked at, for recipes of that scope; chunks of a series come one after the other.
    private let ranges = Mutex<[Int64: SeriesRange]>([:])

    init(
        warehouse: Warehouse, recipe: RenderRecipe, identity: RecipeIdentity, folder: String, names: ExportNames,
        method: PNGMethod?
    ) {
        self.warehouse = warehouse
        self.recipe = recipe
        self.identity = identity
        self.folder = folder
        self.names = names
        self.method = method
    }

    /// - Parameter slices: of one series, at least one.
    func pictures(of slices: [ExportedSlice]) async throws -> [ExportedPicture] {
        let source = try await warehouse.withConnection { try await read(slices, on: $0) }
        let renderer = FrameRenderer(recipe: recipe, seriesRange: source.range.levels)
        return try slices.map { slice in
            try Task.checkCancellation()
            let path = names.path(of: slice)
            let header = try source.headers.header(of: slice.sliceID)
            var slice = slice
            slice.photometricInterpretation = header.monochrome ?? slice.photometricInterpretation
            let stored = source.stored[slice.sliceID]
            if let refusal = source.range.refusal, stored?.samplesPerPixel == 1 {
                return ExportedPicture(slice: slice, path: path, outcome: .skipped(refusal))
            }
            let outcome = try outcome(slice, stored, header, renderer, path: path)
            return ExportedPicture(slice: slice, path: path, outcome: outcome)
        }
    }

    private struct Source: Sendable {
        let stored: [Int64: StoredSlice]
        let headers: SliceHeaders.Found
        let range: SeriesRange
    }

    /// What the recipe takes from the whole series.
    private struct SeriesRange: Sendable {
        var levels: ClosedRange<Double>?
        /// Why the grey frames of the series have no picture by this recipe, in one sentence.
        var refusal: String?
    }

    private func read(_ slices: [ExportedSlice], on connection: any WarehouseConnection) async throws -> Source {
        let stored = try await stored(slices, on: connection)
        let headers = try await SliceHeaders(connection: connection).of(slices)
        let range = try await seriesRange(of: slices[0], on: connection)
        return Source(stored: stored, headers: headers, range: range)
    }

    private func stored(
        _ slices: [ExportedSlice], on connection: any WarehouseConnection
    ) async throws -> [Int64: StoredSlice] {
        var found: [Int64: StoredSlice] = [:]
        let stream = SliceStream.slices(patientID: slices[0].patientID, sliceIDs: slices.map(\.sliceID))
        try await stream.forEachBatch(on: connection) { batch in
            for slice in batch { found[slice.sliceID] = slice }
        }
        return found
    }

    private func seriesRange(
        of slice: ExportedSlice, on connection: any WarehouseConnection
    ) async throws -> SeriesRange {
        guard recipe.scope == .series else { return SeriesRange() }
        if let known = ranges.withLock({ $0[slice.seriesID] }) { return known }
        var range = SeriesRange()
        do {
            range.levels = try await SeriesLevels(recipe: recipe, connection: connection).range(of: slice)
        } catch let error as ImagingError {
            range.refusal = error.description
        } catch let error as PixelCodecError {
            range.refusal = error.description
        }
        let found = range
        ranges.withLock { known in
            if known.count >= 64 { known.removeAll() }
            known[slice.seriesID] = found
        }
        return found
    }

    private static let damagedSentence =
        "The stored pixels are not those that were ingested; slicehouse verify names such slices."

    /// A picture that cannot be made is a result; a file that cannot be written ends the export.
    private func outcome(
        _ slice: ExportedSlice, _ stored: StoredSlice?, _ header: StoredHeader, _ renderer: FrameRenderer,
        path: String
    ) throws -> ExportedPicture.Outcome {
        guard let stored, !stored.tiles.isEmpty else { return .skipped("The slice has no pixels.") }
        let frame: RenderedFrame
        do {
            // A kept JPEG code stream decodes to grey or RGB, whatever its header says about its colours.
            var display = header.display(of: slice)
            if stored.tiles[0].encoding == .jpeg, stored.samplesPerPixel == 3 {
                display.photometricInterpretation = "RGB"
            }
            guard let pixels = try stored.intactPixels() else { return .skipped(Self.damagedSentence) }
            frame = try renderer.render(pixels, display: display)
        } catch let error as ImagingError {
            return .skipped(error.description)
        } catch let error as PixelCodecError {
            return .skipped(error.description)
        }
        let bytes = try PNGCodec.encode(
            frame.pixels, method: method ?? .fast(for: frame.pixels),
            note: ExportedPicture.note(slice, frame, identity))
        try AtomicOutput.write(bytes, to: folder + "/" + path)
        return .written(frame)
    }
}
