/// A statement that the server has prepared.
struct PostgresPreparedStatement: Sendable {
    let name: String
    let columns: [String]
    let types: [PostgresType]

    /// One column without a known binary form makes the whole result come as text.
    var isBinary: Bool { types.allSatisfy(\.hasBinaryForm) }
}

/// The statements prepared on one connection; the one used longest ago makes room.
struct PostgresStatementCache {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private struct Entry {
        let statement: PostgresPreparedStatement
        var lastUse: Int
    }

    private static let limit = 256
    private var entries: [Key: Entry] = [:]
    // Goes on when the cache is emptied, so that a new statement never meets an old name.
    private var clock = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func nextName() -> String {
        clock += 1
        return "slicehouse_\(clock)"
    }

    mutating func find(_ key: Key) -> PostgresPreparedStatement? {
        guard let index = entries.index(forKey: key) else { return nil }
        clock += 1
        entries.values[index].lastUse = clock
        return entries.values[index].statement
    }

    /// Adds a statement and returns the one that had to go for it.
    mutating func insert(_ statement: PostgresPreparedStatement, for key: Key) -> PostgresPreparedStatement? {
        var evicted: PostgresPreparedStatement?
        if entries.count >= Self.limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            evicted = entries.removeValue(forKey: oldest.key)?.statement
        }
        entries[key] = Entry(statement: statement, lastUse: clock)
        return evicted
    }

    mutating func removeAll() {
        entries = [:]
    }
}
