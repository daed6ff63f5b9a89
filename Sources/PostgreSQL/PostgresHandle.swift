internal import CLibPQ
internal import Glibc
internal import SQLInterface

/// The owner of a libpq connection.
@safe final class PostgresHandle {
    /// Nil once closed; libpq's functions answer for a null connection as for a lost one.
    private(set) var pointer: OpaquePointer?
    /// The notices of the server since they were last taken, in its own words.
    private let notices: NoticeBox

    /// Connects and waits for the login to end.
    ///
    /// The connection is polled here rather than by `PQconnectdb`, because the verbosity that adds the SQLSTATE to a
    /// refusal must be set before the refusal comes; its words depend on the server's language.
    ///
    /// **Throws** `connection`, `authentication`, `databaseMissing`, `resources`.
    init(options: PostgresOptions) throws(PostgresError) {
        try Self.checkURL(options.connectionString)
        guard let pointer = unsafe Self.start(options) else {
            throw PostgresError(kind: .resources, reason: "there is not enough memory to connect")
        }
        unsafe self.pointer = pointer
        notices = NoticeBox()
        unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        unsafe PQsetNoticeReceiver(pointer, NoticeBox.receive, Unmanaged.passUnretained(notices).toOpaque())
        // When this throws, the object is complete and its deinit finishes the connection.
        try unsafe Self.finishLogin(pointer, timeoutSeconds: options.connectTimeoutSeconds)
        unsafe PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
        try checkEncoding()
    }

    deinit {
        unsafe PQfinish(pointer)
    }

    func close() {
        unsafe PQfinish(pointer)
        unsafe pointer = nil
    }

    func takeNotices() -> [String] {
        notices.take()
    }

    var isLost: Bool { unsafe PQstatus(pointer) == CONNECTION_BAD }

    // MARK: Checks

    /// A URL that libpq cannot read is a mistake of the user, not a server that is away.
    ///
    /// libpq's words are not repeated: they may quote a password.
    private static func checkURL(_ text: String) throws(PostgresError) {
        let problem = PostgresError(
            kind: .syntax,
            reason: "the URL cannot be understood; write postgresql://USER@HOST:PORT/DATABASE?KEYWORD=VALUE")
        var message: UnsafeMutablePointer<CChar>?
        guard let first = unsafe PQconninfoParse(text, &message) else {
            unsafe PQfreemem(message)
            throw problem
        }
        defer { unsafe PQconninfoFree(first) }
        var option = unsafe first
        while let keyword = unsafe option.pointee.keyword {
            if unsafe strcmp(keyword, "port") == 0, let value = unsafe option.pointee.val {
                let ports = unsafe String(cString: value).split(separator: ",")
                guard ports.allSatisfy({ UInt16($0) ?? 0 > 0 }) else { throw problem }
            }
            unsafe option += 1
        }
    }

    /// Text of every language is stored, so that the database must be UTF-8.
    private func checkEncoding() throws(PostgresError) {
        guard let name = unsafe PQparameterStatus(pointer, "server_encoding").map({ unsafe String(cString: $0) }),
            name != "UTF8"
        else { return }
        throw unsafe PostgresError(
            kind: .invalidData, place: Self.place(pointer),
            reason: "the database's encoding is \(name) and Slicehouse needs UTF8; "
                + "make one with createdb --encoding UTF8 --template template0")
    }

    private static func place(_ pointer: OpaquePointer?) -> String? {
        let parts = unsafe [PQdb(pointer), PQhost(pointer)].compactMap { text in
            unsafe text.map { unsafe String(cString: $0) }
        }.filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: " at ")
    }

    // MARK: Login

    /// Keywords before `dbname` are defaults: those within the connection string win.
    private static func start(_ options: PostgresOptions) -> OpaquePointer? {
        let settings = [
            ("client_encoding", "UTF8"), ("fallback_application_name", options.applicationName),
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("dbname", options.connectionString),
        ]
        let keywords = unsafe settings.map { unsafe strdup($0.0) } + [nil]
        let values = unsafe settings.map { unsafe strdup($0.1) } + [nil]
        defer { unsafe (keywords + values).forEach { unsafe free($0) } }
        let constantKeywords = unsafe keywords.map { unsafe UnsafePointer($0) }
        let constantValues = unsafe values.map { unsafe UnsafePointer($0) }
        return unsafe PQconnectStartParams(constantKeywords, constantValues, 1)
    }

    private static func finishLogin(_ pointer: OpaquePointer, timeoutSeconds: Int) throws(PostgresError) {
        guard unsafe PQstatus(pointer) != CONNECTION_BAD else { throw unsafe loginError(pointer) }
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let remaining = deadline - ContinuousClock.now
            guard remaining > .zero else { throw unsafe timeout(pointer, seconds: timeoutSeconds) }
            var descriptor = unsafe pollfd(
                fd: PQsocket(pointer), events: Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            let ready = unsafe poll(&descriptor, 1, Int32(clamping: remaining.milliseconds + 1))
            guard ready > 0 || (ready < 0 && errno == EINTR) else {
                throw unsafe timeout(pointer, seconds: timeoutSeconds)
            }
            state = unsafe PQconnectPoll(pointer)
            guard state != PGRES_POLLING_FAILED else { throw unsafe loginError(pointer) }
        }
    }

    private static func timeout(_ pointer: OpaquePointer, seconds: Int) -> PostgresError {
        unsafe PostgresError(
            kind: .connection, place: place(pointer),
            reason: "no server answered within \(seconds) s; check that it runs and that host and port are right")
    }

    private static func loginError(_ pointer: OpaquePointer) -> PostgresError {
        let message = unsafe String(cString: PQerrorMessage(pointer))
        let sqlState = sqlState(inVerbose: message)
        let place = unsafe place(pointer)
        if unsafe sqlState.isEmpty && PQconnectionNeedsPassword(pointer) != 0 {
            return PostgresError(
                kind: .authentication, place: place,
                reason: "the server wants a password and none was given; set PGPASSWORD or add a line to ~/.pgpass",
                serverMessage: message)
        }
        guard !sqlState.isEmpty else {
            return PostgresError(
                kind: .connection, place: place,
                reason: "no server can be reached; check that it runs and that host, port and URL are right",
                serverMessage: message)
        }
        let kind = PostgresError.kind(sqlState: sqlState)
        let reason =
            sqlState == "57P03"
            ? "the server is starting up or shutting down; run the command again"
            : PostgresError.reason(kind: kind, parserMessage: nil)
        return PostgresError(kind: kind, sqlState: sqlState, place: place, reason: reason, serverMessage: message)
    }

    /// `… FATAL:  28P01: password authentication failed …` → `28P01`.
    static func sqlState(inVerbose message: String) -> String {
        for word in message.split(separator: " ") where word.utf8.count == 6 && word.last == ":" {
            let code = word.dropLast()
            let isCode = code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            if isCode, code != "FATAL", code != "ERROR", code != "PANIC" { return String(code) }
        }
        return ""
    }
}

/// Collects what the server remarks. Used on the connection's thread only, by libpq's callback.
private final class NoticeBox {
    private var messages: [String] = []

    /// A server that remarks on every row must not fill the memory.
    private static let limit = 100

    static let receive: PQnoticeReceiver = { context, result in
        guard let context = unsafe context,
            let text = unsafe PQresultErrorField(result, clibpq_diag_message_primary)
        else { return }
        let box = unsafe Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue()
        if box.messages.count < limit { unsafe box.messages.append(String(cString: text)) }
    }

    func take() -> [String] {
        defer { messages = [] }
        return messages
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
