import Testing

import Imaging

@Suite struct MaskThresholdTests {
    /// CT-ICH 1.3.1: 16-bit extremes whose slope and intercept give about 0 and 255. `stored > 0` would be right by luck
    /// only; the values after the rescale are 0.0019 and 255.0019.
    @Test func `a mask of integer extremes is split in the middle of its scaled range`() throws {
        let rescale = Rescale(slope: 0.0038910505, intercept: 127.50389)
        let frame = try PixelBuffer(rows: 2, columns: 2, elements: [Int16.min, .max, .min, .max])
        let empty = try PixelBuffer(rows: 2, columns: 2, elements: [Int16](repeating: .min, count: 4))
        let threshold = try MaskThreshold(
            rule: .midRange, frames: [empty.statistics(), frame.statistics()], rescale: rescale)
        let derived = try threshold.derive(from: frame)
        #expect(derived.mask.decoded() == [0, 1, 0, 1])
        #expect(derived.distinctLevelCount == 2 && derived.intermediateCount == 0)
        #expect(try threshold.derive(from: empty).mask.voxelCount == 0)
        #expect(!threshold.isConstant)
    }

    @Test func `a negative slope does not turn the mask over`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 2, elements: [Int16(0), 10])
        let threshold = try MaskThreshold(
            rule: .midRange, frames: [frame.statistics()], rescale: Rescale(slope: -1, intercept: 10))
        #expect(try threshold.derive(from: frame).mask.decoded() == [1, 0])
    }

    /// JPEG masks of CT-ICH 1.0.0 hold levels 0...12 and 243...255.
    @Test func `a JPEG mask is split above 127 and its noise is no third level`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 6, elements: [UInt8(0), 12, 127, 128, 243, 255])
        let threshold = try MaskThreshold(rule: .above(127), frames: [frame.statistics()], rescale: nil)
        let derived = try threshold.derive(from: frame)
        #expect(derived.mask.decoded() == [0, 0, 0, 1, 1, 1])
        #expect(derived.distinctLevelCount == 6)
        #expect(derived.intermediateCount == 2)
    }

    /// 0.99999994 is the float below 1; 16,777,217 is a label of its own beside 16,777,216.
    @Test func `a listed value may be off by the rounding of single precision and by no more`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 4, elements: [Float(0), 0.99999994, 0.7, 2])
        let threshold = try MaskThreshold(rule: .values([1]), frames: [frame.statistics()], rescale: nil)
        #expect(try threshold.derive(from: frame).mask.decoded() == [0, 1, 0, 0])
        let unlisted = frame.doubles().map { threshold.unlisted(stored: $0) }
        #expect(unlisted == [nil, nil, Double(Float(0.7)), 2])
        let wide = try PixelBuffer(rows: 1, columns: 2, elements: [UInt32(16_777_216), 16_777_217])
        let label = try MaskThreshold(rule: .values([16_777_216]), frames: [wide.statistics()], rescale: nil)
        #expect(try label.derive(from: wide).mask.decoded() == [1, 0])
        let levels = try MaskThreshold(rule: .midRange, frames: [frame.statistics()], rescale: nil)
        #expect(levels.unlisted(stored: 0.7) == nil)
    }

    @Test func `a constant source derives an empty mask and says so`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 3, elements: [Float](repeating: 0.004, count: 3))
        let threshold = try MaskThreshold(rule: .midRange, frames: [frame.statistics()], rescale: nil)
        #expect(threshold.isConstant)
        #expect(try threshold.derive(from: frame).mask.voxelCount == 0)
    }

    @Test func `NaN is never set`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 3, elements: [Double.nan, 0, 1])
        for rule in [MaskRule.nonZero, .midRange, .above(-1)] {
            let derived = try MaskThreshold(rule: rule, frames: [frame.statistics()], rescale: nil).derive(from: frame)
            #expect(derived.mask.decoded().first == 0)
        }
    }

    @Test func `a colour frame and a source without values are refused`() throws {
        let colour = try PixelBuffer(rows: 1, columns: 1, samplesPerPixel: 3, elements: [UInt8(0), 0, 1])
        let threshold = try MaskThreshold(rule: .nonZero, frames: [colour.statistics()], rescale: nil)
        #expect(throws: ImagingError.self) { try threshold.derive(from: colour) }
        #expect(throws: ImagingError.self) { try MaskThreshold(rule: .nonZero, frames: [], rescale: nil) }
    }

    @Test(arguments: [
        ("mid-range", MaskRule.midRange), (">127", .above(127)), (">0.5", .above(0.5)), ("nonzero", .nonZero),
    ])
    func `the stored text of a rule reads back`(text: String, rule: MaskRule) {
        #expect(rule.description == text)
        #expect(MaskRule(text) == rule)
    }

    @Test(arguments: ["", ">", ">nan", ">inf", "127", "midrange", "> 5"])
    func `other text is no rule`(text: String) {
        #expect(MaskRule(text) == nil)
    }
}
