/// The entries of a walk in pages, of which the next one is being listed while the last one is looked up.
///
/// Without it one core waits for the file system while the other waits for the database.
struct WalkAhead {
    private struct Page: Sendable {
        let entries: [DirectoryWalker.Entry]
        let rest: DirectoryWalker
    }

    private let pageSize: Int
    private var ahead: Task<Page, Never>

    /// **Throws** as ``DirectoryWalker``.
    init(root: String, pageSize: Int) throws {
        self.pageSize = pageSize
        ahead = Self.list(with: try DirectoryWalker(root: root), pageSize: pageSize)
    }

    /// `nil` after the last page.
    mutating func next() async -> [DirectoryWalker.Entry]? {
        let page = await ahead.value
        guard !page.entries.isEmpty else { return nil }
        ahead = Self.list(with: page.rest, pageSize: pageSize)
        return page.entries
    }

    private static func list(with walker: DirectoryWalker, pageSize: Int) -> Task<Page, Never> {
        Task.detached {
            var walker = walker
            var entries: [DirectoryWalker.Entry] = []
            entries.reserveCapacity(pageSize)
            while entries.count < pageSize, let entry = walker.next() { entries.append(entry) }
            return Page(entries: entries, rest: walker)
        }
    }
}
