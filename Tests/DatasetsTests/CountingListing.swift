import Datasets
import Synchronization

/// A listing that counts what detection costs.
final class CountingListing: FileListing {
    private let listing: ListingOfPaths
    private let counts = Mutex((heads: 0, folders: 0))

    init(_ listing: ListingOfPaths) { self.listing = listing }

    /// Files whose beginning was read.
    var heads: Int { counts.withLock { $0.heads } }
    /// Folders whose files were listed.
    var folders: Int { counts.withLock { $0.folders } }

    func folders(named name: String) async throws -> [String] { try await listing.folders(named: name) }

    func files(in folder: String, recursive: Bool) async throws -> [SourceFile] {
        counts.withLock { $0.folders += 1 }
        return try await listing.files(in: folder, recursive: recursive)
    }

    func files(withExtension fileExtension: String) async throws -> [SourceFile] {
        try await listing.files(withExtension: fileExtension)
    }

    func file(at relativePath: String) async throws -> SourceFile? { try await listing.file(at: relativePath) }

    func contents(of file: SourceFile, limit: Int?) async throws -> [UInt8] {
        counts.withLock { $0.heads += 1 }
        return try await listing.contents(of: file, limit: limit)
    }
}
