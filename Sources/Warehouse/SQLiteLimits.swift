internal import SQLite

/// Limits of an SQLite warehouse that tests lower.
package struct SQLiteLimits: Sendable, Hashable {
    /// The size limit of the file, in pages of 16 KiB.
    package var maximumPageCount: Int?
    /// How long a statement waits for a lock that a foreign program holds, in milliseconds.
    package var busyTimeoutMilliseconds: Int

    package init(maximumPageCount: Int? = nil, busyTimeoutMilliseconds: Int = 5_000) {
        self.maximumPageCount = maximumPageCount
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
    }
}

extension SQLiteOptions {
    init(path: String, access: Access, limits: SQLiteLimits) {
        self.init(
            path: path, access: access, busyTimeoutMilliseconds: limits.busyTimeoutMilliseconds,
            maximumPageCount: limits.maximumPageCount)
    }
}
