import Foundation
import Synchronization
import Testing

@testable import Ingestion

/// `--workers` says how many files are read at the same time, and no more are.
@Suite("ReaderPool")
struct ReaderPoolTests {
    @Test(arguments: [1, 3]) func `so many bodies run at once as there are workers`(workers: Int) async {
        let pool = ReaderPool(workers: workers)
        let gauge = Gauge()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    await pool.run {
                        gauge.enter()
                        Thread.sleep(forTimeInterval: 0.02)
                        gauge.leave()
                    }
                }
            }
        }
        #expect(gauge.most == workers)
    }

    @Test func `a window holds few files however large, and many only while they are small`() {
        let window = BatchPipeline.Window(leastCount: 4, countLimit: 10, byteLimit: 1_000)
        #expect(!window.isFull(count: 3, bytes: 1_000_000))
        #expect(window.isFull(count: 4, bytes: 1_000))
        #expect(!window.isFull(count: 9, bytes: 999))
        #expect(window.isFull(count: 10, bytes: 10))
    }
}

/// How many are inside at once, and the most there ever were.
private final class Gauge: Sendable {
    private let count = Mutex((now: 0, most: 0))

    func enter() { count.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    func leave() { count.withLock { $0.now -= 1 } }
    var most: Int { count.withLock { $0.most } }
}
