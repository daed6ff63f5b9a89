internal import Foundation

/// What `Tests/analysis-oracle` wrote: figures of NumPy, SciPy, scikit-learn and scikit-image.
package final class AnalysisOracle: Sendable {
    package static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    package static let isMissing =
        "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has SciPy, scikit-learn and scikit-image (make oracle)"
    package static var isThere: Bool { !python.isEmpty }

    private let folder: TemporaryFolder

    /// Runs the script once per process.
    package static let shared = Result { try AnalysisOracle() }

    private init() throws {
        folder = try TemporaryFolder()
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "analysis-oracle")
        _ = try ChildProcess.output(Self.python, [script.path, folder.path])
    }

    /// Lines of a table, each its cells.
    package func table(_ name: String) throws -> [[String]] {
        String(decoding: try folder.read(name + ".tsv"), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t").map(String.init)
        }
    }

    package func doubles(_ name: String) throws -> [Double] {
        unsafe try folder.read(name).withUnsafeBytes { unsafe Array($0.bindMemory(to: Double.self)) }
    }

    package func floats(_ name: String) throws -> [Float] {
        unsafe try folder.read(name).withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
    }
}
