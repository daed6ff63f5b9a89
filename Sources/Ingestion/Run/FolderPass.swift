internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Settles the files that carry nothing to store, and reads the heads of those that no data set claimed.
struct FolderPass: Sendable {
    let warehouse: Warehouse
    let context: RunContext
    let plan: RunPlan
    /// The user named one file.
    var isOneFile = false

    private static let pageSize = 1_000

    /// A file with its outcome and, where it was refused, the reason.
    private struct Settled: Sendable {
        let row: SourceRow
        let rejection: FileRejection?
    }

    /// Writes down what the scan could not use and what the data sets leave aside.
    func settle(unusable: [Scan.Unusable], ignored: [IgnoredFile], summary: RunSummary) async throws {
        let entries = try await plan.newEntries(of: ignored.map(\.file))
        var settled = ignored.compactMap { file in
            entries[file.file.number].map { entry in
                Settled(row: row(entry, .research, .ignored(reason: file.reason)), rejection: nil)
            }
        }
        settled += unusable.map { item in self.settled(item) }
        try await write(settled, summary: summary)
    }

    private func settled(_ item: Scan.Unusable) -> Settled {
        let entry = RunPlan.PlannedEntry(
            file: item.file, status: .none, isKnown: false)
        if item.isIgnored {
            return Settled(row: row(entry, .clinical, .ignored(reason: item.reason)), rejection: nil)
        }
        let rejection = FileRejection(
            stage: .scan, code: item.code, sentence: sentence(item.file, item.reason), byteOffset: nil)
        return Settled(row: row(entry, .clinical, .rejected(code: item.code)), rejection: rejection)
    }

    /// Reads the heads of unclaimed files on all cores and enters them into the plan; returns their data sets by name.
    ///
    /// - Parameter claims: Folders whose DICOM files belong to a published data set.
    func readHeaders(claims: [FolderClaim], summary: RunSummary) async throws -> [String: DatasetIdentity] {
        let reader = FolderReader(
            plan: plan, settings: context.settings, pseudonymizer: context.pseudonymizer, claims: claims,
            assigned: context.assigned, isOneFile: isOneFile)
        let above = try await warehouse.withConnection { connection in
            try await FolderAbove(plan.root, settings: context.settings, on: connection)
        }
        let reopened = try await plan.reopenHeaders()
        summary.change { $0.known -= reopened }
        var last = 0
        var done = 0
        var datasets = self.datasets(claims)
        var held: [String: Int] = [:]
        while true {
            var page = try await plan.unclaimed(after: last, limit: Self.pageSize)
            guard let end = page.last else { break }
            try Task.checkCancellation()
            let count = page.count
            page = try await settle(heldIn: above, page, claims: claims, counts: &held, summary: summary)
            let found = try await enter(page, try await verdicts(of: page, reader: reader), summary: summary)
            datasets.merge(found) { first, _ in first }
            last = end.file.number
            done += count
            context.observer.progress(.headers, done: done, total: nil)
        }
        say(held)
        return datasets
    }

    /// Writes down the files that a data set holds from a folder above. Returns the others.
    private func settle(
        heldIn above: FolderAbove, _ page: [RunPlan.PlannedEntry], claims: [FolderClaim], counts: inout [String: Int],
        summary: RunSummary
    ) async throws -> [RunPlan.PlannedEntry] {
        let held = try await warehouse.withConnection { connection in
            try await above.held(page, outside: claims, on: connection)
        }
        guard !held.isEmpty else { return page }
        var settled: [Settled] = []
        for entry in page {
            guard let file = held[entry.file.number] else { continue }
            counts[file.datasetName, default: 0] += 1
            let row = SourceRow(
                file: entry.file, status: entry.status, kind: .research, datasetID: file.datasetID,
                sha256: file.sha256, outcome: .known)
            settled.append(Settled(row: row, rejection: nil))
        }
        try await write(settled, summary: summary)
        return page.filter { held[$0.file.number] == nil }
    }

    private func say(_ held: [String: Int]) {
        for (name, count) in held.sorted(by: { $0.key < $1.key }) {
            context.observer.notice(
                "\(count) files here are known as those of \(name), which was ingested from a folder above; name that "
                    + "folder where they have changed.")
        }
    }

    /// Data sets by the name that the plan has for them.
    private func datasets(_ claims: [FolderClaim]) -> [String: DatasetIdentity] {
        var own = [FolderReader.dicom, FolderReader.images]
        if let name = context.settings.datasetName {
            own = [FolderReader.dicom.named(name)]
        }
        return Dictionary(
            (own + claims.map(\.dataset) + [context.assigned?.dataset].compactMap(\.self)).map { ($0.planKey, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    private func verdicts(
        of page: [RunPlan.PlannedEntry], reader: FolderReader
    ) async throws -> [FolderReader.Verdict] {
        let share = max(1, (page.count + context.settings.workers - 1) / context.settings.workers)
        return try await withThrowingTaskGroup(of: (Int, [FolderReader.Verdict]).self) { group in
            for start in stride(from: 0, to: page.count, by: share) {
                let part = page[start..<min(start + share, page.count)]
                group.addTask { @concurrent in (start, part.map(reader.read)) }
            }
            var parts: [(Int, [FolderReader.Verdict])] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    /// Returns the data sets of derived series among the files.
    private func enter(
        _ page: [RunPlan.PlannedEntry], _ verdicts: [FolderReader.Verdict], summary: RunSummary
    ) async throws -> [String: DatasetIdentity] {
        var instances: [PlannedInstance] = []
        var settled: [Settled] = []
        var voxels: [SourceFile] = []
        for (entry, verdict) in zip(page, verdicts) {
            switch verdict {
            case .instance(let instance): instances.append(instance)
            case .ignored(reason: FolderReader.voxels): voxels.append(entry.file)
            case .ignored(let reason):
                settled.append(Settled(row: row(entry, .clinical, .ignored(reason: reason)), rejection: nil))
            case .rejected(let problem):
                let place = problem.byteOffset.map { " at byte \($0)" } ?? ""
                let rejection = FileRejection(
                    stage: problem.stage, code: problem.code,
                    sentence: sentence(entry.file, problem.sentence, place: place), byteOffset: problem.byteOffset)
                settled.append(
                    Settled(row: row(entry, .clinical, .rejected(code: problem.code)), rejection: rejection))
            }
        }
        let (derived, marking, volumes) = try await warehouse.withConnection { connection in
            (
                try await DerivationIndex(of: instances, settings: context.settings, on: connection),
                try await MarkedImageIndex(of: instances, on: connection),
                try await VolumesInPlace(of: instances, context: context, on: connection)
            )
        }
        let placed = instances.map(volumes.placed).map {
            $0.markedSeries.isEmpty ? derived.placed($0) : marking.placed($0)
        }
        try await guardIdentifiers(of: placed.compactMap { $0.instance.markedSeries.isEmpty ? nil : $0.dataset })
        try await plan.add(placed.map(\.instance))
        try await plan.markVoxels(voxels)
        try await write(settled, summary: summary)
        let datasets = placed.compactMap { item in item.dataset.map { (item.instance.dataset, $0) } }
        return Dictionary(datasets) { first, _ in first }
    }

    /// Writes down the voxels beside MetaImage headers, once what they belong to is stored: where a run died in
    /// between, changed voxels would be known, so that nobody ever read them.
    func settleVoxels(summary: RunSummary) async throws {
        var last = 0
        while true {
            let page = try await plan.voxels(after: last, limit: Self.pageSize)
            guard let end = page.last else { return }
            try await write(page.map(settledVoxels), summary: summary)
            last = end.file.number
        }
    }

    /// Where the voxels alone were named, their header was not read: they stay new for a run that meets both.
    private func settledVoxels(_ entry: RunPlan.PlannedEntry) -> Settled {
        let status: FileStatus = isOneFile ? .none : entry.status
        let voxels = RunPlan.PlannedEntry(file: entry.file, status: status, isKnown: false)
        return Settled(row: row(voxels, .clinical, .ignored(reason: FolderReader.voxels)), rejection: nil)
    }

    /// Objects go to data sets of others, whatever the option says of the run's own.
    private func guardIdentifiers(of homes: [DatasetIdentity]) async throws {
        let names = Set(homes.filter { $0.patientKeyKind == .clinical }.map(\.name)).sorted()
        guard !names.isEmpty else { return }
        try await warehouse.withConnection { connection in
            try await IdentifierGuard(connection: connection, settings: context.settings).check(homes: names)
        }
    }

    private func sentence(_ file: SourceFile, _ reason: String, place: String = "") -> String {
        "\(context.cloak.label(file, .clinical).capitalizedFirst) was not stored\(place): \(reason)."
    }

    private func row(
        _ entry: RunPlan.PlannedEntry, _ kind: PatientKeyKind, _ outcome: SourceOutcome
    ) -> SourceRow {
        SourceRow(
            file: entry.file, status: entry.status, kind: kind, datasetID: nil, sha256: nil, outcome: outcome)
    }

    /// One transaction per page.
    private func write(_ settled: [Settled], summary: RunSummary) async throws {
        for start in stride(from: 0, to: settled.count, by: Self.pageSize) {
            let page = Array(settled[start..<min(start + Self.pageSize, settled.count)])
            try await warehouse.withLoadConnection { connection in
                try await connection.transaction {
                    // Of two runs over one folder the second waits here, and then finds the rows of the first.
                    try await connection.claimWaiting(key: rootKey)
                    let ids = try await SourceWriter(connection: connection, context: context).write(page.map(\.row))
                    let rejections = page.compactMap { item in
                        item.rejection.map {
                            Rejection(
                                fileNumber: item.row.file.number, row: nil, stage: $0.stage, code: $0.code,
                                sentence: $0.sentence, byteOffset: $0.byteOffset)
                        }
                    }
                    try await RejectionWriter(connection: connection, context: context).write(
                        rejections, sourceIDs: ids)
                }
            }
            count(page, in: summary)
        }
    }

    private var rootKey: Int64 {
        ContentKey("source_root", .text(context.cloak.root(.research))).id()
    }

    private func count(_ page: [Settled], in summary: RunSummary) {
        for item in page {
            if let rejection = item.rejection { context.observer.notice(rejection.sentence) }
            summary.change { counts in
                switch item.row.outcome {
                case .ignored(let reason): counts.ignore(reason)
                case .rejected(let code): counts.reject(code)
                case .known: counts.known += 1
                case .stored, .labelSource: break
                }
            }
        }
    }
}
