internal import Datasets
internal import SQLInterface
internal import Warehouse

/// The steps of one run, in their order.
struct IngestSteps {
    let warehouse: Warehouse
    let context: RunContext
    let plan: RunPlan
    let target: IngestTarget
    let keys: PseudonymKeyFile
    let declarations: Declarations
    /// The last run over this folder died; what it left undone at its end is done here, whatever is new.
    let isAfterFailure: Bool
    let summary: RunSummary

    func run() async throws {
        let unusable = try await scan()
        context.failpoints.pass(.scanned)
        let datasets = try await detect(declarations.sources)
        sayWhatIsNew()
        let clinical = try await contextForFolders(hasUnusable: !unusable.isEmpty, datasets: datasets)
        let settled = FolderPass(
            warehouse: warehouse, context: clinical, plan: plan, isOneFile: target.only != nil)
        try await settled.settle(unusable: unusable, ignored: datasets.flatMap(\.ignored), summary: summary)
        context.failpoints.pass(.scanCommitted)
        let folders = try await settled.readHeaders(
            claims: datasets.flatMap(\.folders), summary: summary)
        context.failpoints.pass(.headersRead)
        let pass = SeriesPass(warehouse: warehouse, context: clinical, plan: plan)
        try await pass.run(
            adapted: SeriesPlan.merged(datasets.flatMap(\.series)), folders: folders,
            total: summary.openFileCount - plan.voxelFileCount(), summary: summary)
        try await settled.settleVoxels(summary: summary)
        try await joinCompanions(datasets, context: clinical)
        try await joinDerived(context: clinical)
        try await placeObjects(context: clinical)
        try await settleVolumes(context: clinical)
        try await tellMasksFromImages(context: clinical)
        let inForce = try await sourcesInForce()
        try await label(datasets, context: clinical)
        try await mark(datasets, context: clinical)
        let isChanged = try await sourcesInForce() != inForce
        summary.change { $0.sourcesChanged = isChanged }
        try await check(datasets, context: clinical)
        try await closeGone(context: clinical)
        try await countStanding(context: clinical)
        context.failpoints.pass(.beforeFinish)
    }

    // MARK: Steps

    private func scan() async throws -> [Scan.Unusable] {
        let result = try await warehouse.withConnection { connection in
            let known = try await KnownFiles(
                connection: connection, cloak: context.cloak, settings: context.settings)
            let scan = Scan(
                known: known, plan: plan, observer: context.observer, excluding: Scan.ownFiles(of: warehouse))
            return try await connection.withPageCache(kibibytes: 32 * 1024) {
                try await scan.run(only: target.only, planned: isAfterFailure)
            }
        }
        summary.change {
            $0.seen = result.fileCount
            $0.known = result.knownCount
            for reason in result.passedByAgain { $0.ignore(reason) }
        }
        return result.unusable
    }

    /// Data sets in the listing; the files of their layouts are no longer offered to the plain folders.
    private func detect(_ sources: [DeclaredSource]) async throws -> [DatasetPlan] {
        guard context.settings.masks == nil else { return [] }
        guard isAfterFailure || summary.openFileCount > 0 else { return [] }
        let detector = DatasetDetector(adapterName: context.settings.adapterName, sources: sources)
        let plans = try await detector.plans(in: plan)
        let named = context.settings.datasetName.map { name in plans.map { $0.named(name) } } ?? plans
        for found in named {
            let reopened = try await plan.claim(found)
            summary.change { $0.known -= reopened }
        }
        try await tellUnmatched(named)
        return named
    }

    /// Before anything is read: what is stored as of a plain folder stays there.
    private func tellUnmatched(_ plans: [DatasetPlan]) async throws {
        for images in plans.compactMap(\.unmatched) {
            for file in images.files where try await !plan.newEntries(of: [file]).isEmpty {
                context.observer.notice(images.sentence)
                break
            }
        }
    }

    /// A run that finds nothing to do says why.
    private func sayWhatIsNew() {
        let counts = summary.summary
        if counts.seen == 0 {
            context.observer.notice("There is no file here, so nothing was read.")
        } else if summary.openFileCount == 0, counts.known > 0, let name = context.settings.datasetName {
            context.observer.notice(
                "All \(counts.known) files are known, so nothing is new; --dataset \(name) names what is new and "
                    + "renames nothing.")
        }
    }

    private var vocabularies: VocabularyLibrary { VocabularyLibrary(root: warehouse.sqlLibrary.home) }

    /// The context with a pseudonym key, where files of no known data set are about to be stored or named, or tables
    /// to be read whose patients must be hidden.
    private func contextForFolders(hasUnusable: Bool, datasets: [DatasetPlan]) async throws -> RunContext {
        let isStored = try await !plan.unclaimed(after: 0, limit: 1).isEmpty
        if isStored {
            try await warehouse.withConnection { connection in
                let guardian = IdentifierGuard(connection: connection, settings: context.settings)
                try await guardian.check()
                if let home = context.assigned?.dataset { try await guardian.check(homes: [home.name]) }
            }
        }
        let hasTables = try await guardTables(of: datasets)
        guard isStored || hasUnusable || hasTables, !context.settings.keepIdentifiers else { return context }
        let stored = try await warehouse.withConnection { connection in
            try await KeyGuard.storedFingerprint(on: connection)
        }
        if stored != nil, !keys.exists {
            throw IngestionError(
                code: .pseudonymKey, subject: keys.path,
                reason: "the pseudonym key of this warehouse is not there; name its file in SLICEHOUSE_PSEUDONYM_KEY")
        }
        let (pseudonymizer, isNew) = try keys.open()
        if isNew {
            context.observer.notice(
                "A new pseudonym key was made at \(keys.path); keep a copy: without it this warehouse cannot grow.")
        }
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                try await KeyGuard(connection: connection, clock: context.clock).register(
                    pseudonymizer, keyPath: keys.path)
            }
        }
        return context.with(pseudonymizer, root: target.root)
    }

    /// Whether new tables name people of clinical data sets. Those about data sets that nobody knows are not read.
    ///
    /// **Throws** `badOption` where identifiers of such a data set are stored in the other way.
    private func guardTables(of datasets: [DatasetPlan]) async throws -> Bool {
        let tables = datasets.flatMap(\.labelFiles).filter(\.namesPatientsElsewhere)
        guard !tables.isEmpty else { return false }
        let new = try await plan.newEntries(of: tables.map(\.file))
        return try await warehouse.withConnection { connection in
            let home = TableHome(connection: connection, settings: context.settings)
            let guardian = IdentifierGuard(connection: connection, settings: context.settings)
            var isHidden = false
            for table in tables where new[table.file.number] != nil {
                guard case .clinical(let dataset) = try await home.answer(for: table) else { continue }
                try await guardian.check(homes: [dataset.name])
                isHidden = true
            }
            return isHidden
        }
    }

    /// Masks and renderings that were stored before their images, or before some of them.
    private func joinCompanions(_ datasets: [DatasetPlan], context: RunContext) async throws {
        guard isAfterFailure || summary.summary.seriesStored + summary.summary.slicesStored > 0 else { return }
        let count = try await warehouse.withLoadConnection { connection in
            try await WaitingCompanions(connection: connection, context: context).resolve(datasets.flatMap(\.series))
        }
        summary.change { $0.masksStored += count }
    }

    /// Derived series, of this run or of an earlier one, whose sources are there now.
    private func joinDerived(context: RunContext) async throws {
        guard isAfterFailure || summary.summary.seriesStored + summary.summary.slicesStored > 0 else { return }
        let settled = try await warehouse.withConnection(.write) { connection in
            try await WaitingDerivations(connection: connection).resolve(countingRun: context.runID)
        }
        summary.change { $0.findings -= settled }
    }

    /// Segmentations and structure sets, of this run or of an earlier one, whose images are there now.
    private func placeObjects(context: RunContext) async throws {
        guard isAfterFailure || summary.summary.seriesStored + summary.summary.slicesStored > 0 else { return }
        let strays = StrayObjects(warehouse: warehouse, context: context)
        let told = try await strays.settle(afterFailure: isAfterFailure)
        summary.change { $0.findings += told }
        let pass = MarkingObjectPass(warehouse: warehouse, context: context)
        let values = try await pass.run(everywhere: isAfterFailure, summary: summary)
        guard let assigned = context.assigned, let values, !values.isEmpty else { return }
        let found = try await warehouse.withConnection(.write) { connection in
            try await AbsentMaskValues(connection: connection, context: context).note(values, of: assigned)
        }
        summary.change { $0.findings += found }
    }

    /// A file of a mask that holds what it held before brings nothing new, and counts again.
    private func settleVolumes(context: RunContext) async throws {
        guard let series = context.assigned?.series else { return }
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                try await connection.claimWaiting(key: series.seriesID)
                try await MaskSources(connection: connection).settle(
                    volumesOf: series.seriesID, patientID: series.patientID)
            }
        }
    }

    private func tellMasksFromImages(context: RunContext) async throws {
        let isChange = summary.summary.seriesStored + summary.summary.slicesStored > 0
        guard isAfterFailure || isChange || context.assigned != nil else { return }
        let found = try await warehouse.withConnection(.write) { connection in
            let misplaced = try await MasksAmongImages(connection: connection, context: context).settle(
                everywhere: isAfterFailure)
            return try await misplaced + ImagesAmongMasks(connection: connection, context: context).note()
        }
        summary.change { $0.findings += found }
    }

    private func label(_ datasets: [DatasetPlan], context: RunContext) async throws {
        let pass = LabelPass(
            warehouse: warehouse, context: context, plan: plan, vocabularies: vocabularies)
        try await pass.run(datasets.flatMap(\.labelFiles), isAfterFailure: isAfterFailure, summary: summary)
    }

    private func mark(_ datasets: [DatasetPlan], context: RunContext) async throws {
        let pass = MarkPass(
            warehouse: warehouse, context: context, plan: plan,
            vocabularies: VocabularyLibrary(root: warehouse.sqlLibrary.home))
        try await pass.run(datasets.flatMap(\.markFiles), isAfterFailure: isAfterFailure, summary: summary)
        guard isAfterFailure || summary.summary.isChange else { return }
        try await warehouse.withConnection(.write) { connection in
            for folds in datasets.compactMap(\.folds) {
                try await connection.transaction {
                    try await FoldWriter(connection: connection, clock: context.clock).write(folds)
                }
            }
        }
    }

    /// Sources of labels and marks that count.
    private func sourcesInForce() async throws -> Set<Int64> {
        let rows = try await warehouse.withConnection { connection in
            try await connection.rows("SELECT label_source_id FROM label_source WHERE is_active")
        }
        return Set(try rows.map { try $0.get("label_source_id", as: Int64.self) })
    }

    private func check(_ datasets: [DatasetPlan], context: RunContext) async throws {
        guard isAfterFailure || summary.summary.isChange else { return }
        let found = try await warehouse.withConnection(.write) { connection in
            for dataset in datasets.reduce(into: Set(), { $0.formUnion($1.datasets) }) {
                try await connection.transaction {
                    try await PatientAliases(connection: connection, clock: context.clock).join(dataset)
                }
            }
            let layout = try await LayoutFindings(context: context).write(datasets, on: connection)
            let missing = try await MissingTables(connection: connection, context: context).refresh(datasets)
            let unmarked = try await UnmarkedRegions(connection: connection, context: context).refresh(datasets)
            let unmatched = try await UnmatchedImageFindings(connection: connection, context: context).refresh(datasets)
            try await refreshStatistics(on: connection)
            let copies = try await tellCopies(context: context, on: connection)
            let checks = CrossChecks(
                sqlLibrary: warehouse.sqlLibrary, runID: context.runID, observer: context.observer)
            return try await layout + missing + unmarked + unmatched + copies + checks.run(on: connection)
        }
        summary.change { $0.findings += found }
        context.failpoints.pass(.findingsWritten)
    }

    private func tellCopies(context: RunContext, on connection: any WarehouseConnection) async throws -> Int {
        guard isAfterFailure || summary.summary.slicesStored > 0 else { return 0 }
        return try await CopiesInDatasets(connection: connection, context: context).note(
            afterFailure: isAfterFailure)
    }

    private func closeGone(context: RunContext) async throws {
        let closed = try await warehouse.withConnection(.write) { connection in
            let files = GoneFiles(connection: connection, context: context, root: target.root)
            if let name = target.only { return try await files.settle(name) }
            return try await files.settle()
        }
        summary.change {
            $0.goneFiles = closed.files
            $0.goneRows = closed.rows
        }
    }

    private func countStanding(context: RunContext) async throws {
        let roots = [PatientKeyKind.research, .clinical].map(context.cloak.root)
        let standing = try await warehouse.withConnection { try await StandingRejections(roots: roots, on: $0) }
        summary.change {
            $0.standingFiles = standing.fileCount
            $0.standingRows = standing.rowCount
        }
    }
}

extension IngestSteps {
    /// Right after a load PostgreSQL plans with the statistics of before; on fresh tables it has none at all.
    ///
    /// Where the role may not analyse a table, PostgreSQL skips it with a warning.
    private func refreshStatistics(on connection: any WarehouseConnection) async throws {
        guard connection.engine == .postgresql else { return }
        try await connection.execute(
            """
            ANALYZE patient, study, series, slice, label, label_value, label_unresolved, annotation, annotation_mask,
                annotation_unresolved
            """)
    }
}

extension IngestSummary {
    /// Whether the run changed what the warehouse holds.
    var isChange: Bool {
        slicesStored + seriesStored + labelsStored + labelsUnresolved + marksStored + masksStored + stored
            + labelSource > 0 || sourcesChanged
    }
}

extension RunSummary {
    /// Files that have no outcome yet.
    var openFileCount: Int {
        summary.seen - summary.stored - summary.known - summary.labelSource - summary.ignored - summary.rejected
    }
}

extension RunContext {
    func with(_ pseudonymizer: Pseudonymizer, root: String) -> RunContext {
        RunContext(
            runID: runID, settings: settings, cloak: PathCloak(root: root, pseudonymizer: pseudonymizer),
            failpoints: failpoints, observer: observer, clock: clock, version: version, pseudonymizer: pseudonymizer,
            assigned: assigned)
    }
}
