package import CanonicalJSON
internal import Catalogue
internal import Imaging
package import SQLInterface
package import Warehouse

/// Freezes a training set, or finds that it was frozen before.
package struct TrainingSetCreation: Sendable {
    package struct Report: Sendable {
        package let name: String
        package let version: Int
        /// Whether this very set was there before.
        package let isKnown: Bool
        package let sampleCount: Int
        /// SHA-256; see ``TrainingSetDigest``.
        package let digest: [UInt8]
        package let folds: FoldTable
        /// What was chosen and did not become a sample: reason, count, sentence.
        package let refused: [(reason: String, count: Int, sentence: String)]
        package let parameters: JSONValue
        /// What a person should know, in sentences.
        package let notes: [String]

        package var reference: String { "\(name)@\(version)" }
    }

    private let warehouse: Warehouse
    private let clock: @Sendable () -> SQLTimestamp

    package init(_ warehouse: Warehouse, clock: @escaping @Sendable () -> SQLTimestamp) {
        self.warehouse = warehouse
        self.clock = clock
    }

    /// - Parameter expected: Digest that the set must have to be stored; nil for any.
    /// **Throws** `unsuitable` where nothing can be a sample, `changed` where the digest is another.
    package func create(_ request: TrainingSetRequest, expected: [UInt8]? = nil) async throws -> Report {
        // One state of the database for all that is read; the foreign keys see to it that it still holds afterwards.
        let (definition, result, notes) = try await warehouse.withConnection { connection in
            try await connection.transaction(.snapshot) {
                let definition = try await TrainingSetDefinition.resolve(request, on: connection)
                var result = try await TrainingSetAssembly(definition: definition, connection: connection).run()
                let unplaced = UnplacedPatients(splitID: definition.splitID, connection: connection)
                result.refused.merge(try await unplaced.reasons(result.unplaced), uniquingKeysWith: +)
                let sourceNotes = try await Self.sourceNotes(request, definition, result, on: connection)
                let notes = sourceNotes + Self.fillNotes(definition.recipe)
                try await Self.checkMarks(request, definition, result, on: connection)
                return (definition, result, notes)
            }
        }
        guard !result.samples.isEmpty else { throw Self.nothing(request, definition, result) }
        return try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                try await store(request, definition, result, notes, expected: expected, on: connection)
            }
        }
    }

    /// What is to be said of an augmentation whose corners are not those of air: in HU the default, 0, is water.
    private static func fillNotes(_ recipe: SampleRecipe) -> [String] {
        guard let augment = recipe.augment, let air = recipe.airInsteadOfFill else { return [] }
        let (fill, wanted) = (JSONValue.ecmaScript(augment.fill), JSONValue.ecmaScript(air))
        return [
            "What the augmentation brings in from outside is \(fill), while the steps of the recipe make \(wanted) of "
                + "the lowest values (air, in CT); fill: \(wanted) in its augment would bring that in."
        ]
    }

    /// What is to be said of several sources that mark the same images.
    ///
    /// **Throws** `badOption` where each place would be there several times.
    private static func sourceNotes(
        _ request: TrainingSetRequest, _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result,
        on connection: any WarehouseConnection
    ) async throws -> [String] {
        let filter = definition.target.marks ?? request.marks
        if case .crop = request.form, request.query == nil, filter?.accepted["source"] == nil {
            let sources = try await MarkSources(splitID: definition.splitID, connection: connection)
                .overlapping(around: result.samples)
            guard sources.isEmpty else {
                throw TrainingError(
                    .badOption, "--sample crop",
                    "several sources mark the same images, so that there would be several crops around one place; "
                        + MarkSources.advice(sources))
            }
        }
        let silent = try await silenceNotes(definition, result, on: connection)
        guard case .mask = definition.target else { return silent }
        let sources = try await MarkResolution(
            splitID: definition.splitID, datasets: DatasetChoice(request.datasets)
        ).sources(of: definition.target, on: connection)
        guard !sources.isEmpty else { return silent }
        return silent + ["Masks unite what several sources mark in the same images; \(MarkSources.advice(sources))."]
    }

    /// How many samples are negatives since the named sources have no mark on their series, which a list that does not
    /// cover them does not have either.
    private static func silenceNotes(
        _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result,
        on connection: any WarehouseConnection
    ) async throws -> [String] {
        guard let names = definition.target.marks?.accepted["source"] else { return [] }
        let marked = try await MarkSources(splitID: definition.splitID, connection: connection).series(markedBy: names)
        let count = result.samples.count { !marked.contains($0.seriesID) }
        guard count > 0 else { return [] }
        return [
            "\(count) of the \(result.samples.count) samples are of series that have no mark of source "
                + "\(names.joined(separator: ", ")), and count as nothing marked; whether the source covers them is "
                + "not known, and --query leaves out what it does not cover."
        ]
    }

    /// Where nothing was chosen by marks, what is wrong with their filter.
    private static func checkMarks(
        _ request: TrainingSetRequest, _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result,
        on connection: any WarehouseConnection
    ) async throws {
        guard case .crop = request.form, request.query == nil, result.samples.isEmpty, result.refused.isEmpty,
            let filter = definition.target.marks ?? request.marks, !filter.accepted.isEmpty
        else { return }
        let missing = MissingMarks(
            splitID: definition.splitID, datasets: DatasetChoice(request.datasets), connection: connection)
        if let slip = try await missing.slip(filter) { throw slip }
    }

    private func store(
        _ request: TrainingSetRequest, _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result,
        _ notes: [String], expected: [UInt8]?, on connection: any WarehouseConnection
    ) async throws -> Report {
        let rows = try await connection.rows(
            "SELECT version, digest FROM training_set WHERE name = \(request.name) ORDER BY version")
        let versions = try rows.map {
            (version: try $0.get(at: 0, as: Int.self), digest: try $0.get(at: 1, as: [UInt8].self))
        }
        let set = FrozenSet(
            definition, samples: result.samples, recipe: request.recipe.sha256, name: request.name,
            version: (versions.last?.version ?? 0) + 1)
        if let expected, expected != set.digest {
            throw TrainingError(
                .changed, request.name,
                "its digest is \(FileDigest.hex(set.digest)), not \(FileDigest.hex(expected)); data, split, recipe or "
                    + "query differ, and nothing was stored")
        }
        let known = versions.last { $0.digest == set.digest }
        if known == nil {
            let writer = TrainingSetWriter(connection: connection, clock: clock)
            try await writer.write(set, recipeID: try await writer.register(request.recipe))
        }
        return Report(
            name: set.name, version: known?.version ?? set.version, isKnown: known != nil,
            sampleCount: set.samples.count, digest: set.digest,
            folds: FoldTable(definition, samples: set.samples), refused: Self.refusals(request, definition, result),
            parameters: definition.parameters, notes: notes)
    }

    private static func refusals(
        _ request: TrainingSetRequest, _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result
    ) -> [(reason: String, count: Int, sentence: String)] {
        SampleCandidate.Refusal.allCases.compactMap { refusal in
            result.refused[refusal].map {
                (refusal.rawValue, $0, refusal.sentence(definition, split: request.split))
            }
        }
    }

    private static func nothing(
        _ request: TrainingSetRequest, _ definition: TrainingSetDefinition, _ result: TrainingSetAssembly.Result
    ) -> TrainingError {
        let refusals = refusals(request, definition, result).map { "\($0.count) \($0.sentence)" }
        return TrainingError(
            .unsuitable, request.name,
            refusals.isEmpty
                ? "the query chose nothing; look at --dataset and --query"
                : "nothing that was chosen can be a sample: \(refusals.joined(separator: "; "))")
    }
}
