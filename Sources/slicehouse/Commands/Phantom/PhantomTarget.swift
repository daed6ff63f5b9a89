import ArgumentParser
import Phantom

/// The folder that a synthetic cohort is made in.
struct PhantomTarget: ParsableArguments {
    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

    /// Makes the cohort and says what it is.
    ///
    /// A cohort has its tables only at its end, so that one that was interrupted is of no use.
    func make(_ write: (String) async throws -> PhantomSummary) async throws {
        do {
            Terminal.put(Self.text(try await write(directory)))
        } catch is CancellationError {
            Terminal.say("Interrupted; \(directory) is not complete: remove it, then run the same command again.")
            throw Failure.interrupted
        }
    }

    /// Shows how far a cohort is.
    static func show(_ progress: PhantomProgress) {
        guard Terminal.errorIsTerminal else { return }
        Terminal.write("\r\u{1B}[K\(progress.finished)/\(progress.total) \(progress.item)", to: 2)
        if progress.finished == progress.total { Terminal.write("\r\u{1B}[K", to: 2) }
    }

    private static func text(_ summary: PhantomSummary) -> String {
        "\(summary.patients) patients, \(summary.series) series, \(summary.slices) slices, \(summary.masks) masks, "
            + "\(summary.files) files, \(summary.bytes / 1_000_000) MB"
            + (summary.defects > 0 ? ", \(summary.defects) of them defects" : "")
    }
}
