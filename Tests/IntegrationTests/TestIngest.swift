import Foundation
import Ingestion
import SQLInterface
import Synchronization
import TestSupport
import Warehouse

/// Ingests by the library, as the command line does, and hears what is said.
struct TestIngest {
    let place: TestWarehouse
    var environment: [String: String]
    let observer = Listener()

    /// - Parameter home: Where the pseudonym key lies.
    init(into place: TestWarehouse, home: TemporaryFolder) throws {
        self.place = place
        environment = try Program(home: home).environment
    }

    @discardableResult
    func run(
        _ path: String, limits: SQLiteLimits = SQLiteLimits(), _ change: (inout IngestOptions) -> Void = { _ in }
    ) async throws -> IngestSummary {
        var options = IngestOptions(paths: [path])
        change(&options)
        let settings = try options.resolve(coreCount: 2)
        return try await place.open(.write(create: true), limits: limits) { warehouse in
            let ingest = Ingest(
                into: warehouse, environment: environment, observer: observer, version: "test", clock: { .now() })
            return try await ingest.run(path, settings: settings)
        }
    }
}

/// Remembers what a run says.
final class Listener: IngestObserver {
    private let sentences = Mutex<[String]>([])

    var notices: [String] { sentences.withLock { $0 } }

    func progress(_ phase: IngestPhase, done: Int, total: Int?) {}

    func notice(_ sentence: String) {
        sentences.withLock { $0.append(sentence) }
    }
}
