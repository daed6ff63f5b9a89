import ArgumentParser
import Dispatch
import Glibc

/// Turns Ctrl-C and SIGTERM into cancellation, so that a run ends between two commits and says so; the second one ends
/// the program at once, which is safe too.
enum Interruption {
    static func watch(_ body: @escaping () async throws -> Void) async throws {
        nonisolated(unsafe) let body = body
        let task = Task { try await unsafe body() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if task.isCancelled { exit(Failure.interrupted.rawValue) }
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            try await task.value
        } catch {
            if task.isCancelled { throw CancellationError() }
            throw error
        }
    }
}
