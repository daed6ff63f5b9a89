internal import CanonicalJSON
internal import Datasets
package import Warehouse

/// What a run would read, found out without writing: `--dry-run`.
///
/// A warehouse that exists is asked which files it knows; without one, every file counts as new.
package struct IngestPreview: Sendable {
    private let path: String
    private let settings: IngestSettings
    private let warehouse: Warehouse?
    private let environment: [String: String]
    /// Where `etl/sources` and `etl/vocabularies` lie.
    private let homeFolder: String

    /// - Parameters:
    ///   - warehouse: opened to read; `nil` where there is none yet.
    ///   - environment: as of ``Ingest``: the pseudonym key tells which clinical files are known.
    package init(
        path: String, settings: IngestSettings, homeFolder: String, warehouse: Warehouse? = nil,
        environment: [String: String] = [:]
    ) {
        self.homeFolder = homeFolder
        self.path = path
        self.settings = settings
        self.warehouse = warehouse
        self.environment = environment
    }

    package struct Result: Sendable {
        /// Series and files by name of the data set.
        var datasets: [String: (series: Int, files: Int)] = [:]
        var labelFiles = 0
        var ignored: [String: Int] = [:]
        var rejected: [String: Int] = [:]
        var seen = 0
        /// Files that an earlier run settled, unchanged since.
        var known = 0
        var byteCount: Int64 = 0
        /// What a run would say first.
        var notes: [String] = []
    }

    package func make() async throws -> Result {
        let target = try IngestTarget(path: path)
        let plan = try await RunPlan(root: target.root)
        do {
            let result = try await make(plan, target)
            await plan.remove()
            return result
        } catch {
            await plan.remove()
            throw error
        }
    }

    private func make(_ plan: RunPlan, _ target: IngestTarget) async throws -> Result {
        // A run reads them first, whatever is new.
        let sources = try await Declarations(for: settings, home: homeFolder, of: warehouse).sources
        let scan = try await scan(plan, target)
        var result = Result(seen: scan.fileCount, known: scan.knownCount, byteCount: scan.byteCount)
        var claims: [FolderClaim] = []
        for reason in scan.passedByAgain { result.ignored[reason, default: 0] += 1 }
        for item in scan.unusable where item.isIgnored { result.ignored[item.reason, default: 0] += 1 }
        for item in scan.unusable where !item.isIgnored { result.rejected[item.code, default: 0] += 1 }
        if scan.hasNews {
            let detector = DatasetDetector(adapterName: settings.adapterName, sources: sources)
            for found in try await detector.plans(in: plan) {
                let named = settings.datasetName.map(found.named) ?? found
                result.known -= try await plan.claim(named)
                try await add(named, plan, to: &result)
                claims += named.folders
                if let images = found.unmatched { result.notes.append(images.sentence) }
            }
        }
        if let warehouse, try await !plan.unclaimed(after: 0, limit: 1).isEmpty {
            try await warehouse.withConnection { connection in
                try await IdentifierGuard(connection: connection, settings: settings).check()
            }
        }
        try await addFolders(plan, claims: claims, to: &result)
        return result
    }

    private func scan(_ plan: RunPlan, _ target: IngestTarget) async throws -> Scan.Result {
        guard let warehouse else {
            return try await Scan(known: nil, plan: plan, observer: SilentObserver()).run(
                only: target.only, planned: true)
        }
        let pseudonymizer = try PseudonymKeyFile(environment: environment).pseudonymizer(for: settings)
        return try await warehouse.withConnection { connection in
            let known = try await KnownFiles(
                connection: connection, cloak: PathCloak(root: target.root, pseudonymizer: pseudonymizer),
                settings: settings)
            return try await Scan(
                known: known, plan: plan, observer: SilentObserver(), excluding: Scan.ownFiles(of: warehouse)
            ).run(only: target.only, planned: true)
        }
    }

    /// Known files are left out, and with them series that have no other.
    private func add(_ found: DatasetPlan, _ plan: RunPlan, to result: inout Result) async throws {
        for series in found.series {
            let fresh = try await plan.newEntries(of: series.files.flatMap { [$0.file] + ($0.data.map { [$0] } ?? []) })
                .count
            let name = "\(series.dataset.name) \(series.dataset.version)"
            guard fresh > 0 else { continue }
            result.datasets[name, default: (0, 0)].series += 1
            result.datasets[name, default: (0, 0)].files += fresh
        }
        result.labelFiles += try await plan.newEntries(
            of: found.labelFiles.map(\.file) + found.markFiles.map(\.file)
        ).count
        let ignored = try await plan.newEntries(of: found.ignored.map(\.file))
        for file in found.ignored where ignored[file.file.number] != nil {
            result.ignored[file.reason, default: 0] += 1
        }
    }

    private func addFolders(_ plan: RunPlan, claims: [FolderClaim], to result: inout Result) async throws {
        let reader = FolderReader(plan: plan, settings: settings, pseudonymizer: nil, claims: claims)
        var series: Set<[String]> = []
        var last = 0
        while true {
            let page = try await plan.unclaimed(after: last, limit: 1_000)
            guard let end = page.last else { return }
            try Task.checkCancellation()
            let held = try await heldAbove(page, plan, claims: claims)
            result.known += held.count
            for entry in page where !held.contains(entry.file.number) {
                switch reader.read(entry) {
                case .instance(let instance):
                    let isNew = series.insert([
                        instance.dataset, instance.patientKey, instance.reference.studyKey,
                        instance.reference.seriesKey,
                    ]).inserted
                    result.datasets[name(of: instance), default: (0, 0)].series += isNew ? 1 : 0
                    result.datasets[name(of: instance), default: (0, 0)].files += 1
                case .ignored(let reason): result.ignored[reason, default: 0] += 1
                case .rejected(let problem): result.rejected[problem.code, default: 0] += 1
                }
            }
            last = end.file.number
        }
    }

    /// Numbers of the files that a published data set holds from a folder above.
    private func heldAbove(
        _ page: [RunPlan.PlannedEntry], _ plan: RunPlan, claims: [FolderClaim]
    ) async throws -> Set<Int> {
        guard let warehouse else { return [] }
        return try await warehouse.withConnection { connection in
            let above = try await FolderAbove(plan.root, settings: settings, on: connection)
            return Set(try await above.held(page, outside: claims, on: connection).keys)
        }
    }
}

extension IngestPreview {
    /// Plain folders have no versions to tell apart.
    private func name(of instance: PlannedInstance) -> String {
        let parts = instance.dataset.split(separator: "@")
        let isOwn = [FolderReader.dicom.name, FolderReader.images.name, settings.datasetName].contains(String(parts[0]))
        return isOwn ? String(parts[0]) : parts.joined(separator: " ")
    }
}

extension IngestPreview.Result {
    package var text: String {
        var lines = [
            "\(seen) files, of which \(known) are known; \(byteCount / 1_000_000) MB to read; nothing was written"
        ]
        for (name, count) in datasets.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name): \(count.series) series in \(count.files) files")
        }
        lines.append("  label tables: \(labelFiles)")
        for (reason, count) in ignored.sorted(by: { $0.key < $1.key }) {
            lines.append("  ignored: \(count) × \(reason)")
        }
        for (code, count) in rejected.sorted(by: { $0.key < $1.key }) { lines.append("  rejected: \(count) × \(code)") }
        lines += notes.map { "  note: " + $0 }
        return lines.joined(separator: "\n")
    }

    package var json: String {
        let value: JSONValue = [
            "seen": .integer(seen), "known": .integer(known), "bytes": .number(Double(byteCount)),
            "label_files": .integer(labelFiles),
            "datasets": .object(
                datasets.mapValues { ["series": .integer($0.series), "files": .integer($0.files)] }),
            "ignored": .object(ignored.mapValues { .integer($0) }),
            "rejected": .object(rejected.mapValues { .integer($0) }), "notes": .strings(notes),
        ]
        return value.text
    }
}
