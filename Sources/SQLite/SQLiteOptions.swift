/// How to open an SQLite database.
package struct SQLiteOptions: Sendable, Hashable {
    package enum Access: Sendable, Hashable {
        case read
        /// One writer at a time: the connection takes the writer lock of the file, or is refused at once.
        case write(create: Bool)
    }

    package var path: String
    package var access: Access
    /// How long a statement waits for a lock that a foreign program holds, in milliseconds.
    package var busyTimeoutMilliseconds: Int
    /// The size limit of the file in pages, for tests of a full disk.
    package var maximumPageCount: Int?

    package init(
        path: String, access: Access, busyTimeoutMilliseconds: Int = 5_000, maximumPageCount: Int? = nil
    ) {
        self.path = path
        self.access = access
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        self.maximumPageCount = maximumPageCount
    }

    /// Set before the first table: large pages make chains of blob pages short.
    static let pageSize = 16_384

    /// A database of this connection alone, gone when it closes: in memory (`:memory:`), or in a file in `TMPDIR` that
    /// has no name any more (an empty path), so that a killed process leaves nothing behind.
    package var isPrivate: Bool { path == ":memory:" || path.isEmpty }

    /// What messages call the database: folders above it may carry names of people.
    var name: String {
        path.split(separator: "/").last.map(String.init) ?? "a temporary file (TMPDIR says where)"
    }
}
