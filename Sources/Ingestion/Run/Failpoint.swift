internal import Glibc

/// Named places where a test may kill the process, so that "killed at any instant" can be shown.
///
/// `SLICEHOUSE_FAILPOINT=name` or `name:n` (the n-th time it is passed) sends SIGKILL to the process itself, which is
/// what a power cut looks like from inside: nothing is flushed, closed or rolled back by us. `name:n:stop` sends SIGSTOP,
/// so that a test can do something to the run at a known moment and then let it go on.
package enum Failpoint: String, CaseIterable, Sendable {
    case runStarted = "run-started"
    case scanned
    case scanCommitted = "scan-committed"
    case headersRead = "headers-read"
    case batchBegun = "batch-begun"
    case pixelsLoaded = "pixels-loaded"
    case seriesWritten = "series-written"
    case parentsWritten = "parents-written"
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case objectPlaced = "object-placed"
    case objectCommitted = "object-committed"
    case vocabularyWritten = "vocabulary-written"
    case labelsLoaded = "labels-loaded"
    case labelsCommitted = "labels-committed"
    case marksCommitted = "marks-committed"
    case findingsWritten = "findings-written"
    case beforeFinish = "before-finish"
}

/// Counts passages and strikes at the chosen one.
package final class Failpoints: Sendable {
    private let armed: (point: Failpoint, passage: Int, signal: Int32)?
    private let passed = Counter()

    package init(environment: [String: String]) {
        let parts = environment["SLICEHOUSE_FAILPOINT"]?.split(separator: ":").map(String.init) ?? []
        armed = parts.first.flatMap(Failpoint.init(rawValue:)).map {
            ($0, parts.count > 1 ? Int(parts[1]) ?? 1 : 1, parts.last == "stop" ? SIGSTOP : SIGKILL)
        }
    }

    func pass(_ point: Failpoint) {
        guard let armed, armed.point == point, passed.increment() == armed.passage else { return }
        kill(getpid(), armed.signal)
    }
}
