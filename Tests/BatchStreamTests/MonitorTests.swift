import Testing

@testable import BatchStream

@Suite struct MonitorTests {
    @Test func `a waiter hears of a change`() throws {
        let monitor = Monitor(0)
        let threads = ThreadGroup()
        for _ in 0..<4 {
            try threads.start {
                for _ in 0..<1_000 { monitor.change { $0 += 1 } }
            }
        }
        let reached: Int? = monitor.wait { $0 == 4_000 ? $0 : nil }
        #expect(reached == 4_000)
        threads.join()
    }

    @Test func `a wait ends with its time`() {
        let monitor = Monitor(false)
        let clock = ContinuousClock()
        let start = clock.now
        let answer: Bool? = monitor.wait(milliseconds: 30) { $0 ? true : nil }
        #expect(answer == nil)
        #expect(clock.now - start >= .milliseconds(29))
    }
}
