internal import ImageFiles
package import Imaging
internal import PixelCodec
internal import SQLInterface
package import Warehouse

/// Writes slices as PNG files, with an `index.csv` beside them.
///
/// The same warehouse, selection and recipe give the same bytes; every file is there whole or not at all.
///
/// **Cost** all cores decode, render and compress; memory is two chunks of 16 slices or 16 MiB for each of them.
package struct PNGExport: Sendable {
    package struct Options: Sendable {
        package var workers = 2
        /// zlib's level; `nil` takes what is fast for the kind of picture.
        package var compression: Int?
        /// Names of ids even where the source tree is public.
        package var usesIDs = false

        package init() {}
    }

    package struct Summary: Sendable {
        package let recipe: RecipeIdentity
        package var written = 0
        /// Pictures of another recipe in the same folder that were written over, by the `index.csv` that stood there.
        package var overwritten = 0
        /// Slices without a picture by reason.
        package var skipped: [String: Int] = [:]
        /// series_id of those slices by reason, the first six in the order of the export; `index.csv` names all.
        package var skippedSeries: [String: [Int64]] = [:]
        /// How many series of one reason are named.
        package static let namedSeriesLimit = 5

        mutating func add(_ picture: ExportedPicture) {
            switch picture.outcome {
            case .written: written += 1
            case .skipped(let reason):
                skipped[reason, default: 0] += 1
                let named = skippedSeries[reason] ?? []
                guard named.count <= Self.namedSeriesLimit, !named.contains(picture.slice.seriesID) else { return }
                skippedSeries[reason] = named + [picture.slice.seriesID]
            }
        }
    }

    private let warehouse: Warehouse
    private let selection: ExportSelection
    private let recipe: RenderRecipe
    private let folder: String
    private let options: Options

    package init(
        from warehouse: Warehouse, selection: ExportSelection, recipe: RenderRecipe, to folder: String,
        options: Options = Options()
    ) {
        self.warehouse = warehouse
        self.selection = selection
        self.recipe = recipe
        self.folder = folder
        self.options = options
    }

    /// **Throws** `ImageFileError` (`unwritable`), errors of the database.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) async throws -> Summary {
        let total = try await warehouse.withConnection { connection in
            try await connection.rows("SELECT count(*) \(sql: selection.tables)").first?.get(at: 0, as: Int.self) ?? 0
        }
        guard total > 0 else { return Summary(recipe: RecipeIdentity(recipe)) }
        var index = try PNGIndex(folder: folder, recipe: RecipeIdentity(recipe))
        try await warehouse.withConnection { connection in
            let worker = PNGWorker(
                warehouse: warehouse, recipe: recipe, identity: RecipeIdentity(recipe), folder: folder,
                names: try await names(on: connection), method: options.compression.map { PNGMethod(level: $0) })
            try await work(worker, on: connection, into: &index) { progress($0, total) }
        }
        try index.finish()
        return index.summary
    }

    // MARK: Steps

    private func names(on connection: any WarehouseConnection) async throws -> ExportNames {
        let rows = try await connection.rows(
            """
            SELECT dataset.name, dataset.version FROM source_file
            JOIN dataset ON dataset.dataset_id = source_file.dataset_id WHERE source_file.outcome = 'stored'
            GROUP BY dataset.name, dataset.version HAVING count(DISTINCT source_file.root) > 1
            """)
        let several = try rows.map { row in
            let (name, version): (String, String) = (try row.get("name"), try row.get("version"))
            return version.isEmpty ? name : "\(name)-\(version)"
        }
        return ExportNames(datasetsOfSeveralRoots: Set(several), usesIDs: options.usesIDs)
    }

    private var query: SQL {
        """
        SELECT \(sql: ExportedSlice.columns) \(sql: selection.tables)
        ORDER BY dataset.name, dataset.version, slice.patient_id, slice.series_id, slice.slice_index
        """
    }

    /// The database gives the list on one connection; workers fetch pixels on theirs.
    private func work(
        _ worker: PNGWorker, on connection: any WarehouseConnection, into index: inout PNGIndex,
        progress: (Int) -> Void
    ) async throws {
        let limit = min(options.workers, 6) + 1
        try await withThrowingTaskGroup(of: (Int, [ExportedPicture]).self) { group in
            var chunks = SliceChunks()
            var running = 0
            var done = 0
            func collect() async throws {
                guard let (number, pictures) = try await group.next() else { return }
                try index.add(pictures, chunk: number)
                running -= 1
                done += pictures.count
                progress(done)
            }
            func start(_ chunk: SliceChunks.Chunk) async throws {
                if running >= limit { try await collect() }
                group.addTask { @concurrent in (chunk.number, try await worker.pictures(of: chunk.slices)) }
                running += 1
            }
            try await connection.stream(query) { rows in
                for row in rows {
                    if let chunk = chunks.add(try ExportedSlice(row)) { try await start(chunk) }
                }
            }
            if let last = chunks.end() { try await start(last) }
            while running > 0 { try await collect() }
        }
    }
}

/// Cuts the list of slices into pieces of one series.
struct SliceChunks {
    struct Chunk: Sendable {
        let number: Int
        let slices: [ExportedSlice]
    }

    private static let sliceLimit = 16
    private static let sampleLimit = 16 << 20
    private var open: [ExportedSlice] = []
    private var sampleCount = 0
    private var number = 0

    /// The chunk that ends before this slice, if one does.
    mutating func add(_ slice: ExportedSlice) -> Chunk? {
        var ended: Chunk?
        if let last = open.last,
            last.seriesID != slice.seriesID || last.patientID != slice.patientID || open.count == Self.sliceLimit
                || sampleCount + slice.sampleCount > Self.sampleLimit
        {
            ended = end()
        }
        open.append(slice)
        sampleCount += slice.sampleCount
        return ended
    }

    mutating func end() -> Chunk? {
        guard !open.isEmpty else { return nil }
        defer {
            open = []
            sampleCount = 0
            number += 1
        }
        return Chunk(number: number, slices: open)
    }
}
