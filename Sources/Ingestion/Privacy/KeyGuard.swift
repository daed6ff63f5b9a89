internal import SQLInterface
internal import Warehouse

/// Sees that a warehouse is only ever filled under one pseudonym key.
struct KeyGuard: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    /// The fingerprint the warehouse knows; `nil` while nothing clinical was stored.
    static func storedFingerprint(on connection: any WarehouseConnection) async throws -> String? {
        try await connection.rows("SELECT fingerprint FROM pseudonym_key").first?.get("fingerprint")
    }

    /// Registers the key, or refuses one that is not the warehouse's.
    ///
    /// **Throws** `wrongKey`.
    func register(_ pseudonymizer: Pseudonymizer, keyPath: String) async throws {
        try await connection.execute(
            """
            INSERT INTO pseudonym_key (only_row, fingerprint, created_at)
            VALUES (1, \(pseudonymizer.fingerprint), \(clock())) ON CONFLICT DO NOTHING
            """)
        guard try await Self.storedFingerprint(on: connection) == pseudonymizer.fingerprint else {
            throw IngestionError(
                code: .wrongKey, subject: keyPath,
                reason: "this warehouse was filled under another pseudonym key; the same person would get a second "
                    + "pseudonym; name the right key file in SLICEHOUSE_PSEUDONYM_KEY")
        }
    }
}
