import Imaging
import Testing

@testable import DICOM

/// PS3.3 C.7.6.3.1.5 and C.7.9.2.
@Suite struct PaletteColorTableTests {
    private func table(_ descriptor: [UInt64], _ data: [[UInt8]], segmented: Bool = false) throws -> PaletteColorTable {
        let tags: [DICOMTag] =
            segmented
            ? [.segmentedRedPaletteData, .segmentedGreenPaletteData, .segmentedBluePaletteData]
            : [.redPaletteData, .greenPaletteData, .bluePaletteData]
        let elements = zip(tags, data).map { DICOMElement(tag: $0, vr: .OW, value: .bytes($1)) }
        let descriptor = DICOMElement(tag: .redPaletteDescriptor, vr: .US, value: .unsigned(descriptor))
        return try PaletteColorTable(header: DICOMHeader(elements: elements + [descriptor]))
    }

    @Test func `indices beyond the table get its ends`() throws {
        let palette = try table([2, 10, 8], [[1, 2], [3, 4], [5, 6]])
        let frame = try PixelBuffer(type: .u8, rows: 1, columns: 4, bytes: [0, 10, 11, 200])
        let colours = try palette.apply(to: frame)
        #expect(colours.bytes == [1, 3, 5, 1, 3, 5, 2, 4, 6, 2, 4, 6])
        #expect(colours.samplesPerPixel == 3)
    }

    @Test func `entries of 16 bits give 16-bit colours`() throws {
        let palette = try table([2, 0, 16], [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
        let frame = try PixelBuffer(type: .u16, rows: 1, columns: 1, bytes: [1, 0])
        #expect(try palette.apply(to: frame).bytes == [3, 4, 7, 8, 11, 12])
    }

    /// `_expand_segmented_lut((0, 2, 10, 20, 1, 5, 30, 2, 2, 0, 0, 0, 0), "<13B")` of pydicom 3.0.2.
    @Test func `segments are expanded`() throws {
        let segments: [UInt8] = [0, 2, 10, 20, 1, 5, 30, 2, 2, 0, 0, 0, 0, 0]
        let palette = try table([14, 0, 8], [segments, segments, segments], segmented: true)
        #expect(palette.channels[0] == [10, 20, 22, 24, 26, 28, 30, 10, 20, 22, 24, 26, 28, 30])
    }

    @Test(arguments: [[1, 5, 30, 0], [0, 200, 1, 2], [2, 1, 0, 0, 0, 0], [9, 1, 1, 1]] as [[UInt8]])
    func `malformed segments are refused`(segments: [UInt8]) {
        #expect(throws: DICOMError.self) { try table([4, 0, 8], [segments, segments, segments], segmented: true) }
    }
}
