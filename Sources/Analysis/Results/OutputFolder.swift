internal import Foundation

/// Files of a run. A folder is filled under another name and takes its own when it is whole.
package struct OutputFolder: Sendable {
    package let path: String
    private let partial: String

    /// Begins a folder; what an interrupted run left behind is removed.
    ///
    /// **Throws** `inputOutput`.
    package init(_ path: String) throws {
        self.path = path
        partial = path + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        do {
            try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        } catch {
            throw AnalysisError(.inputOutput, path, "the folder cannot be made; check its parent and the free space")
        }
    }

    /// Where a file lies until the folder is finished.
    package func place(_ name: String) -> String { partial + "/" + name }

    package func write(_ bytes: [UInt8], to name: String) throws { try Self.write(bytes, to: place(name)) }

    /// Gives the folder its name; an earlier one of that name goes.
    package func finish() throws {
        try? FileManager.default.removeItem(atPath: path)
        do {
            try FileManager.default.moveItem(atPath: partial, toPath: path)
        } catch {
            throw AnalysisError(.inputOutput, path, "the folder cannot take its name; look what stands in its place")
        }
    }

    package func discard() { try? FileManager.default.removeItem(atPath: partial) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw AnalysisError(.inputOutput, path, "it cannot be written; check the folder and the free space")
        }
    }
}
