internal import Datasets

/// Cuts a stream of planned series into transactions: whole series, together at most the limits unless one is larger.
struct SeriesBatches: Sendable {
    let plan: RunPlan
    let sliceLimit: Int
    /// Source bytes.
    let byteLimit: Int64

    struct Batch: Sendable {
        let plans: [SeriesPlan]
        let reads: [PlannedRead]
    }

    /// Series of the data sets that adapters found, then those of the plain folders.
    func forEach(
        adapted: [SeriesPlan], folders: [String: DatasetIdentity], _ body: (Batch) async throws -> Void
    ) async throws {
        var open = OpenBatch(sliceLimit: sliceLimit, byteLimit: byteLimit)
        for series in adapted { try await add(series, to: &open, body) }
        var last: SeriesPlan?
        while let series = try await plan.series(after: last, datasets: folders) {
            try await add(series, to: &open, body)
            last = series
        }
        if let batch = open.close() { try await body(batch) }
    }

    private func add(
        _ series: SeriesPlan, to open: inout OpenBatch, _ body: (Batch) async throws -> Void
    ) async throws {
        let entries = try await entries(of: series)
        guard !entries.isEmpty else { return }
        if !open.hasRoom(for: Array(entries.values)), let batch = open.close() { try await body(batch) }
        open.add(series, entries: entries, plan: plan)
    }

    /// The new files of a series; a header and its voxels are read together when either is new.
    private func entries(of series: SeriesPlan) async throws -> [Int: RunPlan.PlannedEntry] {
        guard series.files.contains(where: { $0.data != nil }) else {
            return try await plan.newEntries(of: series.files.map(\.file))
        }
        let all = try await plan.entries(of: series.files.flatMap { [$0.file] + ($0.data.map { [$0] } ?? []) })
        var found: [Int: RunPlan.PlannedEntry] = [:]
        for file in series.files {
            let pair = [file.file.number, file.data?.number].compactMap { $0 }.compactMap { all[$0] }
            guard pair.contains(where: { !$0.isKnown }) else { continue }
            for entry in pair { found[entry.file.number] = entry }
        }
        return found
    }

    /// A batch that is being filled.
    private struct OpenBatch {
        let sliceLimit: Int
        let byteLimit: Int64
        private var plans: [SeriesPlan] = []
        private var reads: [PlannedRead] = []
        private var byteCount: Int64 = 0

        init(sliceLimit: Int, byteLimit: Int64) {
            self.sliceLimit = sliceLimit
            self.byteLimit = byteLimit
        }

        func hasRoom(for entries: [RunPlan.PlannedEntry]) -> Bool {
            reads.count + entries.count <= sliceLimit
                && byteCount + entries.reduce(0) { $0 + $1.status.sizeBytes } <= byteLimit
        }

        mutating func add(_ series: SeriesPlan, entries: [Int: RunPlan.PlannedEntry], plan: RunPlan) {
            for file in series.files {
                guard let entry = entries[file.file.number] else { continue }
                let data = file.data.flatMap { entries[$0.number] }
                let read = PlannedRead(
                    series: plans.count, planned: file, entry: entry, role: series.role, mask: series.mask,
                    dataset: series.dataset, path: plan.absolutePath(of: file.file), data: data,
                    dataPath: file.data.map { plan.absolutePath(of: $0) })
                byteCount += read.byteCount
                reads.append(read)
            }
            plans.append(series)
        }

        mutating func close() -> Batch? {
            guard !plans.isEmpty else { return nil }
            let batch = Batch(plans: plans, reads: reads)
            plans = []
            reads = []
            byteCount = 0
            return batch
        }
    }
}
