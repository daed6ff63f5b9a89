import CanonicalJSON
import TestSupport
import Testing

/// What `training-set check` finds of one set.
struct SetCheck: Equatable {
    let exitCode: Int32?
    /// By check.
    let counts: [String: Int]

    static let clean = SetCheck(exitCode: 0, counts: [:])

    static func of(_ set: String, by program: Program) async throws -> SetCheck {
        let run = try await program.run("training-set", "check", set, "--json")
        var counts: [String: Int] = [:]
        for line in run.output.split(separator: "\n") {
            let found = try JSONValue(parsing: String(line))
            counts[found["check"]?.string ?? ""] = found["count"]?.number.map { Int($0) }
        }
        return SetCheck(exitCode: run.exitCode, counts: counts)
    }
}

extension Program {
    /// Runs a line whose words hold no space, and which must end with 0.
    func succeed(_ line: String) async throws {
        let result = try await run(line.split(separator: " ").map(String.init))
        try #require(result.exitCode == 0, "\(line): \(result.error)")
    }
}
