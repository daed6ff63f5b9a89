import Datasets
import Testing

@testable import Ingestion

@Suite("OccurrenceCounter")
struct OccurrenceCounterTests {
    private func assertion(_ value: String, slice: Int = 1) -> LabelAssertion {
        LabelAssertion(patientKey: "049", instanceNumber: slice, domain: "epidural", rawValue: value, row: 1)
    }

    @Test func `the same answer twice counts once, another answer is kept beside it`() {
        var counter = OccurrenceCounter()
        #expect(counter.occurrence(of: assertion("0")) == 0)
        #expect(counter.occurrence(of: assertion("0")) == nil)
        #expect(counter.occurrence(of: assertion("1")) == 1)
        #expect(counter.occurrence(of: assertion("0", slice: 2)) == 0)
        #expect(counter.repeatedCount == 1)
        #expect(counter.contradictionCount == 1)
    }
}
