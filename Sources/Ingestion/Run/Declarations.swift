internal import Datasets
internal import Warehouse

/// What people wrote of layouts and labels, read before a run begins.
///
/// A mistake there ends every ingest, also one that finds nothing new: else it would be heard of on the day when data
/// come, or at the labels, with all images stored. Nothing was done then, so that no run is left that failed.
struct Declarations: Sendable {
    let sources: [DeclaredSource]
    let owners: DomainOwners

    /// **Throws** `source`, `vocabulary`.
    init(for settings: IngestSettings, of warehouse: Warehouse) async throws {
        let home = warehouse.sqlLibrary.home
        let vocabularies = VocabularyLibrary(root: home)
        try vocabularies.check()
        // Who says what the files are need not have them recognised.
        sources = try settings.masks == nil ? SourceLibrary(root: home).sources() : []
        let names = vocabularies.names()
        let owners = try await warehouse.withConnection { connection in
            try await DomainOwners(names, in: vocabularies, on: connection)
        }
        // Each by itself: two that nothing here uses may be for other warehouses.
        for name in names { try owners.check([name]) }
        self.owners = owners
    }
}
