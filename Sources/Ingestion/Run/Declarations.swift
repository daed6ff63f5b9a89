internal import Datasets
internal import Warehouse

/// What people wrote of layouts and labels, read before a run begins.
///
/// A mistake there ends every ingest, also one that finds nothing new: else it would be heard of on the day when data
/// come, or at the labels, with all images stored. Nothing was done then, so that no run is left that failed.
struct Declarations: Sendable {
    let sources: [DeclaredSource]

    /// - Parameters:
    ///   - home: Where `etl/sources` and `etl/vocabularies` lie.
    ///   - warehouse: `nil` where there is none yet.
    ///
    /// **Throws** `source`, `vocabulary`.
    init(for settings: IngestSettings, home: String, of warehouse: Warehouse?) async throws {
        let vocabularies = VocabularyLibrary(root: home)
        try vocabularies.check()
        let names = vocabularies.names()
        // Who says what the files are need not have them recognised.
        sources = try settings.masks == nil ? SourceLibrary(root: home).sources(using: names) : []
        let owners: DomainOwners
        if let warehouse {
            owners = try await warehouse.withConnection { connection in
                try await DomainOwners(names, in: vocabularies, on: connection)
            }
        } else {
            owners = try await DomainOwners(names, in: vocabularies, on: nil)
        }
        // Two that define one domain in two ways would make wrong values of each other's labels. Those that nothing
        // uses yet count too: only one of them could ever come into a warehouse. Who needs both has two homes.
        try owners.check(names)
    }
}
