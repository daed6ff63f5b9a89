import Imaging
import Testing

@testable import Analysis

@Suite struct SampleStoreTests {
    @Test(arguments: [true, false])
    func `values are rounded to stored values and clamped`(inMemory: Bool) throws {
        let store = try SampleStore(
            rows: 1, columns: 4, types: [.u16], rescales: [Rescale(slope: 2, intercept: -1024)], inMemory: inMemory,
            environment: [:])
        try store.write(slice: 0, range: 0..<4, values: [-1024, -1021, -5000, 1e9])
        // (-1021 + 1024) / 2 = 1.5, to the even 2.
        #expect(try store.pixels(of: 0) == PixelBuffer(rows: 1, columns: 4, elements: [0, 2, 0, 65_535] as [UInt16]))
        #expect(try store.values(of: 0) == [-1024, -1020, -1024, 130_046])
    }
}
