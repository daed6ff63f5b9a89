import Testing

import Imaging

@Suite struct PixelStatisticsTests {
    /// `a=(np.arange(4096)*2654435761%65536).astype('u2').astype('<i2'); a.min(), a.max(), a.astype(float).mean()`
    @Test func `extremes and mean of signed samples equal those of NumPy`() throws {
        let samples = (0..<4096).map { Int16(truncatingIfNeeded: $0 * 2_654_435_761 % 65_536) }
        let statistics = try PixelBuffer(rows: 64, columns: 64, elements: samples).statistics()
        #expect(statistics == PixelStatistics(minimum: -32765, maximum: 32760, mean: -8.5, isBlank: false))
    }

    @Test func `a large frame of the largest value has an exact mean`() throws {
        let count = 1_000_003
        let wide = try PixelBuffer(rows: 1, columns: count, elements: [UInt16](repeating: .max, count: count))
        #expect(wide.statistics().mean == 65535)
        let signed = try PixelBuffer(rows: 1, columns: count, elements: [Int16](repeating: .min, count: count))
        #expect(signed.statistics().mean == -32768)
        let long = try PixelBuffer(rows: 1, columns: count, elements: [UInt32](repeating: .max, count: count))
        #expect(long.statistics().mean == 4_294_967_295)
        let bytes = try PixelBuffer(rows: 1, columns: count, elements: [UInt8](repeating: 255, count: count))
        #expect(bytes.statistics().mean == 255)
    }

    @Test func `NaN is left out of the statistics of a real frame`() throws {
        let samples: [Float] = [.nan, -1.5, 2, .nan, 4, 0.5, .nan]
        let statistics = try PixelBuffer(rows: 1, columns: 7, elements: samples).statistics()
        #expect(statistics.minimum == -1.5)
        #expect(statistics.maximum == 4)
        #expect(statistics.mean == 1.25)
        let nothing = try PixelBuffer(rows: 1, columns: 3, elements: [Double](repeating: .nan, count: 3)).statistics()
        #expect(nothing.minimum.isNaN && nothing.maximum.isNaN && nothing.mean.isNaN)
    }

    @Test func `infinite samples are extremes`() throws {
        let samples = [1, -Double.infinity, 2, 3, .infinity]
        let statistics = try PixelBuffer(rows: 1, columns: 5, elements: samples).statistics()
        #expect(statistics.minimum == -.infinity)
        #expect(statistics.maximum == .infinity)
    }

    /// 200 pixels: 3 others are 1.5%, 4 others are 2%.
    @Test(arguments: [(0, true), (3, true), (4, false), (100, false)])
    func `a frame is blank when fewer than two percent of the pixels differ from the mode`(
        others: Int, isBlank: Bool
    ) throws {
        // The deviating pixels come first, where a vote over a prefix is weakest.
        let samples = (0..<200).map { Int16($0 < others ? 100 + $0 : -1000) }
        #expect(try PixelBuffer(rows: 10, columns: 20, elements: samples).statistics().isBlank == isBlank)
        #expect(
            try PixelBuffer(rows: 10, columns: 20, elements: samples.map(Float.init)).statistics().isBlank == isBlank)
        #expect(
            try PixelBuffer(rows: 10, columns: 20, elements: samples.map(Double.init)).statistics().isBlank == isBlank)
        let bytes = samples.map { UInt8(truncatingIfNeeded: $0) }
        #expect(try PixelBuffer(rows: 10, columns: 20, elements: bytes).statistics().isBlank == isBlank)
    }

    @Test func `a colour frame is blank by whole pixels`() throws {
        let red = [UInt8](repeating: 0, count: 300).enumerated().map { UInt8($0.offset % 3 == 0 ? 200 : $0.element) }
        #expect(try PixelBuffer(rows: 10, columns: 10, samplesPerPixel: 3, elements: red).statistics().isBlank)
        var spotted = red
        for pixel in 0..<2 { spotted[pixel * 3 + 2] = 9 }
        #expect(try !PixelBuffer(rows: 10, columns: 10, samplesPerPixel: 3, elements: spotted).statistics().isBlank)
    }

    @Test func `a single pixel is blank`() throws {
        #expect(try PixelBuffer(rows: 1, columns: 1, elements: [UInt16(5)]).statistics().isBlank)
    }
}
