internal import Synchronization

/// Lends connections, opens them when they are wanted and closes those that come back unfit.
///
/// At most `limit` are open; who comes later waits in line, and leaves it when its task is cancelled.
final class ConnectionPool: Sendable {
    typealias Connect = @Sendable () async throws -> any WarehouseConnection

    /// What a waiter gets: a connection, or leave to open one.
    private enum Grant: Sendable {
        case connection(any WarehouseConnection)
        case mayOpen
    }

    private struct State {
        var idle: [any WarehouseConnection] = []
        /// Connections that are open, being opened or lent.
        var openCount = 0
        var waiters: [(id: Int, continuation: CheckedContinuation<Grant, any Error>)] = []
        var nextWaiter = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let name: String
    private let connect: Connect

    init(name: String, limit: Int, connect: @escaping Connect) {
        self.name = name
        self.limit = max(1, limit)
        self.connect = connect
    }

    /// Lends a connection for as long as the body runs.
    func withConnection<R>(_ body: (any WarehouseConnection) async throws -> R) async throws -> R {
        let connection = try await acquire()
        do {
            let result = try await body(connection)
            await release(connection)
            return result
        } catch {
            await release(connection)
            throw error
        }
    }

    /// Refuses new borrowers and closes what is idle; what is lent closes when it comes back.
    func close() async throws {
        let idle = state.withLock { state in
            state.isClosed = true
            for waiter in state.waiters { waiter.continuation.resume(throwing: closedError) }
            state.waiters = []
            defer { state.idle = [] }
            return state.idle
        }
        for connection in idle { try await connection.close() }
    }

    // MARK: Lending

    private func acquire() async throws -> any WarehouseConnection {
        try Task.checkCancellation()
        switch try await nextGrant() {
        case .connection(let connection): return connection
        case .mayOpen:
            do {
                return try await connect()
            } catch {
                giveUpPlace()
                throw error
            }
        }
    }

    private func nextGrant() async throws -> Grant {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { enqueue(id, continuation, &$0) }
            }
        } onCancel: {
            state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return }
                state.waiters.remove(at: index).continuation.resume(throwing: CancellationError())
            }
        }
    }

    private func enqueue(_ id: Int, _ continuation: CheckedContinuation<Grant, any Error>, _ state: inout State) {
        if state.isClosed {
            continuation.resume(throwing: closedError)
        } else if let connection = state.idle.popLast() {
            continuation.resume(returning: .connection(connection))
        } else if state.openCount < limit {
            state.openCount += 1
            continuation.resume(returning: .mayOpen)
        } else if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
        } else {
            state.waiters.append((id, continuation))
        }
    }

    private func release(_ connection: any WarehouseConnection) async {
        if await !connection.isReusable() {
            // Rolling back keeps what a new connection would lose: the writer's lock, a database in memory.
            try? await connection.rollback()
        }
        guard await connection.isReusable() else {
            try? await connection.close()
            giveUpPlace()
            return
        }
        let isClosed = state.withLock { state in
            guard !state.isClosed else { return true }
            if state.waiters.isEmpty {
                state.idle.append(connection)
            } else {
                state.waiters.removeFirst().continuation.resume(returning: .connection(connection))
            }
            return false
        }
        if isClosed { try? await connection.close() }
    }

    /// A connection is gone: the next in line may open another.
    private func giveUpPlace() {
        state.withLock { state in
            if state.waiters.isEmpty {
                state.openCount -= 1
            } else {
                state.waiters.removeFirst().continuation.resume(returning: .mayOpen)
            }
        }
    }

    private var closedError: WarehouseError {
        WarehouseError(code: .closed, subject: name, reason: "the warehouse was closed")
    }
}
