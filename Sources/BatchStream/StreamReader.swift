internal import Glibc
package import Imaging
internal import SQLInterface

/// A training set opened for reading: its tables, and connections and buffers that outlive an epoch.
///
/// Belongs to the process that opened it. After a fork, connections would be shared with the parent, so that every call
/// from another process is refused.
package final class StreamReader: Sendable {
    package let location: StreamLocation
    package let set: TrainingSetInfo
    let pool = BatchPool()
    let provenFiles = ProvenFiles()
    let fileMappings = FileMappings()
    private let process = getpid()
    private let idle = Monitor<[Parked]>([])
    /// The folds that were read last, latest first.
    private let tables = Monitor<[FoldTable]>([])

    /// Folds of one round of a cross-validation, and of the next; more would hold a large set in memory many times.
    private static let tableLimit = 4

    /// A connection that nobody uses.
    // @unchecked: whoever takes it from the monitor is alone with it.
    private struct Parked: @unchecked Sendable { let connection: any StreamConnection }

    /// Reads what the set says of itself.
    ///
    /// **Throws** `notFound`, `unusableSet`, `incompleteSet`, and failures of the database.
    package init(_ location: StreamLocation, set: String) throws {
        self.location = location
        let connection = try location.connect()
        do { self.set = try TrainingSetInfo(reading: set, from: connection) } catch {
            throw location.explained(error)
        }
        park(connection)
    }

    /// Whether the process is another than the one that opened the set.
    package var isForked: Bool { getpid() != process }

    /// **Throws** `misuse` in a forked child.
    package func checkProcess() throws(StreamError) {
        guard isForked else { return }
        throw StreamError(
            .misuse,
            "The warehouse was opened before this process was forked and cannot be used in it: open the warehouse "
                + "inside the worker.")
    }

    /// The folds that a text names: see ``FoldChoice``.
    ///
    /// **Throws** `notFound` for a fold that the split does not have, `invalidPlan` where one is named twice or none is
    /// left.
    package func folds(_ text: String) throws(StreamError) -> FoldChoice {
        let names = set.folds.map(\.name)
        do throws(FoldChoice.Problem) {
            return try FoldChoice(parsing: text, among: names)
        } catch {
            let known = names.joined(separator: ", ")
            if case .unknown(let fold) = error {
                throw StreamError(.notFound, "The training set \(set.title) has no fold \(fold); it has \(known).")
            }
            throw StreamError(
                .invalidPlan, "The batches cannot be planned: \(error.reason) in \(text); \(set.title) has \(known).")
        }
    }

    /// The rows of folds; those that were read last are kept.
    package func table(_ choice: FoldChoice) throws -> FoldTable {
        try checkProcess()
        let wanted = choice.folds.sorted()
        let known = tables.change { tables in tables.first { $0.folds == wanted } }
        let table = try known ?? reading { try FoldTable(set, folds: wanted, from: $0) }
        tables.change { tables in
            tables = Array(([table] + tables.filter { $0.folds != wanted }).prefix(Self.tableLimit))
        }
        return table
    }

    /// From voxels of a sample, as the recipe makes it without augmentation, to world, LPS. **Units** mm
    ///
    /// Nil where its series is no volume. **Throws** `notFound` for a number that the set does not have, `ImagingError`
    /// for a recipe that cuts where the values say.
    package func affine(of number: Int) throws -> VoxelAffine? {
        try checkProcess()
        return try reading { connection in
            try SamplePlace.read(number, of: set, from: connection)?.lpsAffine(SampleRenderer(recipe: set.recipe))
        }
    }

    /// A connection that lay idle may have been lost; a new one is tried then.
    private func reading<R>(_ body: (any StreamConnection) throws -> R) throws -> R {
        let connection = try connection()
        do {
            let result = try body(connection)
            park(connection)
            return result
        } catch let failure as any DatabaseFailure where failure.kind.isRetryable {
            connection.close()
            let second = try location.connect()
            defer { park(second) }
            return try body(second)
        } catch {
            connection.close()
            throw error
        }
    }

    /// A connection of the pool, or a new one.
    func connection() throws -> any StreamConnection {
        if let parked = idle.change({ $0.popLast() }) { return parked.connection }
        return try location.connect()
    }

    /// Gives a connection back that has nothing open.
    func park(_ connection: any StreamConnection) {
        idle.change { $0.append(Parked(connection: connection)) }
    }

    /// Closes the connections; streams that still run have their own.
    package func close() {
        guard !isForked else { return }
        let parked = idle.change { connections in
            defer { connections = [] }
            return connections
        }
        for entry in parked { entry.connection.close() }
    }
}
