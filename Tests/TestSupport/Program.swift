internal import Foundation
internal import Synchronization

/// The built program, run as a user runs it.
///
/// Each run sees only the environment given here: a home of its own, a pseudonym key made for the tests, and no `PG*`
/// or `SLICEHOUSE_*` variable of whoever runs the tests.
package struct Program: Sendable {
    package var environment: [String: String]
    package var folder: String

    /// How a run ended.
    package struct Result: Sendable {
        package let output: String
        package let error: String
        /// `nil` when a signal ended it.
        package let exitCode: Int32?
        package let signal: Int32?

        /// Lines of standard error.
        package var errorLines: [String] { error.split(separator: "\n").map(String.init) }
    }

    /// - Parameter home: Holds the key and serves as `HOME`; it must outlive the program's runs.
    package init(home: TemporaryFolder) throws {
        guard !Cohorts.hold(home) else { throw SharedHome() }
        folder = home.path
        let key = home.path("pseudonym.key")
        if !FileManager.default.fileExists(atPath: key) {
            try home.write(Array(repeating: 7, count: 32), to: "pseudonym.key")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        }
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home.path,
            "SLICEHOUSE_PSEUDONYM_KEY": key,
        ]
        for name in ["TMPDIR", "SLICEHOUSE_HOME", "LD_LIBRARY_PATH"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
    }

    /// The program with another variable set, or unset.
    package func with(_ name: String, _ value: String?) -> Program {
        var program = self
        program.environment[name] = value
        return program
    }

    /// The program as the build put it: beside the test bundle.
    package static let path: String = {
        let arguments = CommandLine.arguments
        let bundle = arguments.firstIndex(of: "--test-bundle-path").flatMap { index in
            arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
        }
        let started = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let candidates = [bundle, arguments.first, started].compactMap(\.self).map {
            URL(filePath: $0).deletingLastPathComponent().appending(path: "slicehouse").path(percentEncoded: false)
        }
        return candidates.first(where: FileManager.default.isExecutableFile(atPath:)) ?? "slicehouse"
    }()

    /// Runs the program to its end.
    @discardableResult
    package func run(_ arguments: String...) async throws -> Result {
        try await run(arguments)
    }

    @discardableResult
    package func run(_ arguments: [String]) async throws -> Result {
        try await Self.lane.withPlace { try await start(arguments).result() }
    }

    /// Runs another program in the same environment, such as a shell that sets limits first.
    @discardableResult
    package func run(tool: String, _ arguments: [String]) async throws -> Result {
        try await Self.lane.withPlace { try await start(arguments, tool: tool).result() }
    }

    /// Starts the program and lets it run.
    package func start(_ arguments: [String], tool: String = Program.path) throws -> RunningProgram {
        try RunningProgram(path: tool, arguments: arguments, environment: environment, folder: folder)
    }

    /// Few at a time: the tests themselves all run at once.
    private static let lane = Lane(width: 3)
}

/// A run of a program that has not ended, or has.
package final class RunningProgram: Sendable {
    private let child: ChildProcess
    private let outputs: TemporaryFolder

    fileprivate init(path: String, arguments: [String], environment: [String: String], folder: String) throws {
        outputs = try TemporaryFolder()
        // Files, since a pipe that nobody empties stops the program.
        child = try ChildProcess(
            path, arguments, environment: environment, folder: folder, output: outputs.path("out"),
            error: outputs.path("err"))
    }

    /// Sends a signal; nothing happens when the program has ended.
    package func send(_ signal: Int32) { child.send(signal) }

    package var isRunning: Bool { child.result == nil }

    /// Waits until the program stands at a failpoint with `stop`; `resume` lets it go on.
    ///
    /// - Returns: whether it stands; false when it has ended.
    package func waitUntilStopped() async throws -> Bool {
        let path = "/proc/\(child.identifier)/stat"
        while isRunning {
            // The state follows the name in parentheses.
            let fields = (try? String(contentsOf: URL(filePath: path), encoding: .utf8))?.split(separator: ")").last
            if fields?.hasPrefix(" T") == true { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    package func resume() { send(SIGCONT) }

    /// What the program has written to standard error so far.
    package func errorSoFar() throws -> String { String(decoding: try outputs.read("err"), as: UTF8.self) }

    /// Waits for the end.
    package func result() async throws -> Program.Result {
        let end = await child.waitForEnd()
        let output = String(decoding: try outputs.read("out"), as: UTF8.self)
        let error = String(decoding: try outputs.read("err"), as: UTF8.self)
        switch end {
        case .signal(let number): return Program.Result(output: output, error: error, exitCode: nil, signal: number)
        case .exit(let code): return Program.Result(output: output, error: error, exitCode: code, signal: nil)
        case nil: return Program.Result(output: output, error: error, exitCode: nil, signal: nil)
        }
    }
}

/// Lets a number of tasks pass at a time, in the order in which they came.
private final class Lane: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>

    init(width: Int) { state = Mutex(State(free: width)) }

    func withPlace<R>(_ body: () async throws -> R) async throws -> R {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let mayPass = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayPass { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// A home gets files of its own, which other tests would meet in a cohort that they share.
private struct SharedHome: Error {}
