internal import Catalogue
internal import Foundation

/// Files of a run. A folder is filled under another name and takes its own when it is whole.
package struct OutputFolder: Sendable {
    package let path: String
    private let folder: AtomicFolder

    /// Begins a folder; what a killed run left behind is removed.
    ///
    /// **Throws** `badOption` where no folder can take that name; `inputOutput`.
    package init(_ path: String) throws {
        self.path = path
        do { folder = try AtomicFolder(path) } catch {
            throw AnalysisError(error.isOfPath ? .badOption : .inputOutput, path, error.reason)
        }
    }

    /// Where a file lies until the folder is finished.
    package func place(_ name: String) -> String { folder.contents + "/" + name }

    package func write(_ bytes: [UInt8], to name: String) throws { try Self.write(bytes, to: place(name)) }

    /// Gives the folder its name; an earlier one of that name goes.
    package func finish() throws {
        do { _ = try folder.finish { _ in true } } catch { throw AnalysisError(.inputOutput, path, error.reason) }
    }

    /// Removes what was written, unless the folder was finished.
    package func discard() { folder.discard() }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw AnalysisError(.inputOutput, path, "it cannot be written; check the folder and the free space")
        }
    }
}
