import Imaging
import Testing

/// PS3.3 C.7.9.2.
@Suite struct SegmentedPaletteTests {
    /// `_expand_segmented_lut((0, 2, 10, 20, 1, 5, 30, 2, 2, 0, 0, 0, 0), "<13B")` of pydicom 3.0.2.
    @Test func `segments are expanded`() throws {
        let segments: [UInt8] = [0, 2, 10, 20, 1, 5, 30, 2, 2, 0, 0, 0, 0, 0]
        let entries = try SegmentedPalette(segments, bits: 8).expanded(to: 14)
        #expect(entries == [10, 20, 22, 24, 26, 28, 30, 10, 20, 22, 24, 26, 28, 30])
    }

    @Test(arguments: [[1, 5, 30, 0], [0, 200, 1, 2], [2, 1, 0, 0, 0, 0], [9, 1, 1, 1]] as [[UInt8]])
    func `malformed segments are refused`(segments: [UInt8]) {
        #expect(throws: ImagingError.self) { try SegmentedPalette(segments, bits: 8).expanded(to: 4) }
    }
}
