import Testing

import Imaging

@Suite struct WindowLevelTests {
    /// The picture pipeline of the replaced system: `(v - (L - W / 2)) * 255 / W`, clamped, cast to an integer.
    @Test func `the brain window truncates as the pipeline it replaces`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 9, elements: [Int16(-1024), -20, -19, 0, 40, 41, 99, 100, 3071])
        let window = try WindowLevel(center: 40, width: 120)
        #expect(window.render8Bit(buffer) == [0, 0, 2, 42, 127, 129, 252, 255, 255])
        #expect(window.render8Bit(buffer, rounding: .halfToEven) == [0, 0, 2, 42, 128, 130, 253, 255, 255])
    }

    /// `v=np.arange(-40,120,7); y=np.clip((v-(40-60))*255/120,0,255); y.astype('u1'); np.rint(y).astype(int)`
    @Test func `both roundings equal NumPy over a ramp`() throws {
        let ramp = try PixelBuffer(rows: 1, columns: 23, elements: (0..<23).map { Int32(-40 + 7 * $0) })
        let window = try WindowLevel(center: 40, width: 120)
        #expect(
            window.render8Bit(ramp) == [
                0, 0, 0, 2, 17, 31, 46, 61, 76, 91, 106, 121, 136, 150, 165, 180, 195, 210, 225, 240, 255, 255, 255,
            ])
        #expect(
            window.render8Bit(ramp, rounding: .halfToEven) == [
                0, 0, 0, 2, 17, 32, 47, 62, 76, 91, 106, 121, 136, 151, 166, 181, 196, 210, 225, 240, 255, 255, 255,
            ])
    }

    /// pydicom 3.0.2 `apply_windowing` on stored values 0...255 of 8 bits, then `np.floor`.
    @Test(arguments: [
        (
            WindowLevel.Function.linear, 100.0, 51.0,
            [0, 0, 0, 2, 7, 79, 124, 130, 135, 181, 252, 255, 255, 255, 255] as [UInt8]
        ),
        (.linearExact, 100, 50, [0, 0, 0, 0, 5, 76, 122, 127, 132, 178, 249, 255, 255, 255, 255]),
        (.sigmoid, 128, 64, [0, 3, 8, 8, 9, 21, 35, 37, 39, 62, 111, 115, 119, 224, 254]),
        (.linear, 100, 1, [0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
    ])
    func `the functions of DICOM equal those of pydicom`(
        function: WindowLevel.Function, center: Double, width: Double, expected: [UInt8]
    ) throws {
        let stored: [UInt8] = [0, 60, 74, 75, 76, 90, 99, 100, 101, 110, 124, 125, 126, 160, 255]
        let window = try WindowLevel(center: center, width: width)
        let buffer = try PixelBuffer(rows: 1, columns: stored.count, elements: stored)
        #expect(window.render8Bit(buffer, function: function) == expected)
        let real = try PixelBuffer(rows: 1, columns: stored.count, elements: stored.map(Double.init))
        #expect(window.render8Bit(real, function: function) == expected)
    }

    @Test func `a MONOCHROME1 frame is inverted once`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [Int16(-20), 40, 100])
        let window = try WindowLevel(center: 40, width: 120)
        #expect(window.render8Bit(buffer, inverted: true) == [255, 128, 0])
    }

    @Test func `a rescale is applied before the window`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [UInt16(1004), 1064, 1124])
        let window = try WindowLevel(center: 40, width: 120)
        #expect(window.render8Bit(buffer, rescale: Rescale(slope: 1, intercept: -1024)) == [0, 127, 255])
    }

    @Test func `NaN is black and infinities are the ends`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [Float.nan, -.infinity, .infinity])
        #expect(try WindowLevel(center: 0, width: 1).render8Bit(buffer) == [0, 0, 255])
    }

    @Test(arguments: [(0.0, 0.0), (0, -5), (.nan, 10), (0, .infinity)])
    func `a window without width is refused`(center: Double, width: Double) {
        #expect(throws: ImagingError.self) { try WindowLevel(center: center, width: width) }
    }

    /// `x=((np.arange(1000)*37)%101-50); [np.percentile(x,p,method='inverted_cdf') for p in (1,5,99)]` = -50, -46, 49
    @Test func `percentile windows equal the nearest ranks of NumPy`() throws {
        let samples = (0..<1000).map { Int16($0 * 37 % 101 - 50) }
        let narrow = try PixelBuffer(rows: 25, columns: 40, elements: samples)
        let wide = try PixelBuffer(rows: 25, columns: 40, elements: samples.map(Int32.init))
        for buffer in [narrow, wide] {
            #expect(buffer.percentileWindow(lower: 1, upper: 99) == .spanning(minimum: -50, maximum: 49))
            #expect(buffer.percentileWindow(lower: 5, upper: 99) == .spanning(minimum: -46, maximum: 49))
        }
        let constant = try PixelBuffer(rows: 1, columns: 4, elements: [UInt8](repeating: 3, count: 4))
        #expect(constant.percentileWindow() == nil)
    }

    @Test func `the spanning window uses the whole grey scale`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [Int16(-7), 93, 193])
        let window = try #require(WindowLevel.spanning(minimum: -7, maximum: 193))
        #expect(window.render8Bit(buffer) == [0, 127, 255])
    }
}
