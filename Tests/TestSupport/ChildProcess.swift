internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// A program that was started, and how it ended.
///
/// Foundation's `Process` lists `/proc/self/fd` before each start and copies 256 bytes of every name, beyond the end of
/// the list where about 1,365 files are open. Tests that all run at once have as many.
package final class ChildProcess: Sendable {
    package enum End: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    /// A program that could not be started, or did not end with 0.
    package struct Failure: Error {
        package let path: String
        package let reason: String
    }

    package let identifier: Int32
    private let end: Mutex<End?>
    private let running = DispatchGroup()

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - environment: That of this process where none is given.
    ///   - folder: Where it starts, if not where this process is.
    ///   - output: The file that standard output goes to.
    ///   - error: The file that standard error goes to; it is shared with this process where none is given.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil,
        output: String = "/dev/null", error: String? = nil
    ) throws {
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        // POSIX has no way to say where a program starts.
        let line = folder.map { ["/usr/bin/env", "-C", $0, path] } ?? [path]
        identifier = try Self.spawn(line + arguments, variables, output: output, error: error)
        end = Mutex(nil)
        running.enter()
        Thread.detachNewThread { [self] in reap() }
    }

    /// Runs a program to its end; what it wrote to standard output.
    ///
    /// **Throws** `Failure` where it does not end with 0.
    package static func output(_ path: String, _ arguments: [String], error: String? = nil) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let child = try ChildProcess(path, arguments, output: folder.path("out"), error: error)
        child.running.wait()
        guard child.result == .exit(0) else { throw Failure(path: path, reason: "\(String(describing: child.result))") }
        return try folder.read("out")
    }

    /// How it ended; `nil` while it runs.
    package var result: End? { end.withLock { $0 } }

    /// Sends a signal; nothing happens when the program has ended.
    package func send(_ signal: Int32) {
        end.withLock { if $0 == nil { kill(identifier, signal) } }
    }

    package func waitForEnd() async -> End? {
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
        return result
    }

    // MARK: Starting and ending

    /// Signals have their default actions and none is blocked, whatever thread this is.
    private static func spawn(
        _ line: [String], _ environment: [String], output: String, error: String?
    ) throws -> pid_t {
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        for (number, path) in [(1, output), (2, error)] as [(Int32, String?)] {
            guard let path else { continue }
            unsafe posix_spawn_file_actions_addopen(&files, number, path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words = unsafe line.map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let status = unsafe posix_spawn(&child, line[0], &files, &attributes, words, variables)
        guard status == 0 else { throw Failure(path: line[0], reason: unsafe String(cString: strerror(status))) }
        return child
    }

    /// The number is free for another process once it is reaped, so that no signal may be sent meanwhile.
    private func reap() {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        end.withLock { end in
            var status: Int32 = 0
            unsafe waitpid(identifier, &status, 0)
            end = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
        }
        running.leave()
    }
}
