internal import Foundation

/// A script of `Tests/` that computes the same thing again, in Python's standard library.
package struct PythonScript: Sendable {
    private let path: String

    /// - Parameter name: File below `Tests/`.
    package init(_ name: String) {
        path =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: name).path
    }

    /// Lines of what the script writes, each cut at tabs.
    package func table(_ arguments: [String], python: String = "python3") async throws -> [[String]] {
        let home = try TemporaryFolder()
        let result = try await Program(home: home).run(tool: "/usr/bin/env", [python, path] + arguments)
        guard result.exitCode == 0 else { throw PythonError(description: result.error) }
        return result.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

package struct PythonError: Error, CustomStringConvertible {
    package let description: String
}
