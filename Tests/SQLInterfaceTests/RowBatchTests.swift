import SQLInterface
import Testing

@Suite struct RowBatchTests {
    @Test func `a batch is full at its rows or at one mebibyte, whichever comes first`() {
        var small = RowBatch(maxRows: 2)
        small.append([1])
        #expect(!small.isFull)
        small.append([2])
        #expect(small.isFull)
        var large = RowBatch(maxRows: 100)
        large.append([.blob([UInt8](repeating: 0, count: 1_048_575)), .null])
        #expect(!large.isFull)
        large.append(["x"])
        #expect(large.isFull)
    }

    @Test func `a batch takes one row at least`() {
        #expect(!RowBatch(maxRows: 0).isFull)
    }
}
