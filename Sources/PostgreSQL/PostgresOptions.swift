/// How to connect to a PostgreSQL server.
package struct PostgresOptions: Sendable, Hashable {
    /// A URL (`postgresql://…`) or keywords (`host=… dbname=…`). What is absent comes from the `PG*` variables.
    package var connectionString: String
    /// The schema that unqualified names mean; nil leaves the server's setting.
    package var schema: String?
    package var applicationName: String
    /// How long to wait for the server to answer a login, in seconds.
    package var connectTimeoutSeconds: Int
    /// Statements that write are refused by the server.
    package var isReadOnly: Bool

    package init(
        connectionString: String, schema: String? = nil, applicationName: String = "slicehouse",
        connectTimeoutSeconds: Int = 10, isReadOnly: Bool = false
    ) {
        self.connectionString = connectionString
        self.schema = schema
        self.applicationName = applicationName
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.isReadOnly = isReadOnly
    }
}
