import CanonicalJSON
import Imaging
import Testing

/// Formulas of DICOM PS3.3 C.11.2.1 and C.7.6.3.1.2, worked by hand; NumPy and pydicom judge whole files in
/// `PNGExportTests`.
@Suite("FrameRenderer")
struct FrameRendererTests {
    private func bytes(
        _ recipe: RenderRecipe, _ values: [Int16], _ display: DisplayAttributes = DisplayAttributes(),
        seriesRange: ClosedRange<Double>? = nil
    ) throws -> [UInt8] {
        let buffer = try PixelBuffer(rows: 1, columns: values.count, elements: values)
        return try FrameRenderer(recipe: recipe, seriesRange: seriesRange).render(buffer, display: display).pixels.bytes
    }

    /// PS3.3 C.11.2.1.2.1: at c = 50, w = 100 values up to 0 are black, above 99 white; 49.5 would be the middle.
    @Test func `LINEAR maps the ends of the window as the standard says`() throws {
        let window = RenderRecipe.Window(level: try WindowLevel(center: 50, width: 100), function: .linear)
        #expect(try bytes(.window(window), [-5, 0, 1, 49, 50, 99, 100]) == [0, 0, 3, 126, 129, 255, 255])
    }

    @Test func `a MONOCHROME1 frame is turned over once`() throws {
        let display = DisplayAttributes(photometricInterpretation: "MONOCHROME1")
        #expect(try bytes(.minmax(scope: .frame), [0, 50, 100], display) == [255, 127, 0])
        #expect(try bytes(.minmax0, [0, 50, 100], display) == [0, 127, 255])
    }

    /// `np.uint8(np.maximum(a, 0) / a.max() * 255.0)`
    @Test func `minmax0 truncates and takes negative values as zero`() throws {
        #expect(try bytes(.minmax0, [-100, 0, 1, 2, 3]) == [0, 0, 85, 170, 255])
        #expect(try bytes(.minmax0, [-3, -2, -1]) == [0, 0, 0])
    }

    @Test(arguments: [
        RenderRecipe.window(nil), .percentile(lower: 1, upper: 99, scope: .frame), .minmax(scope: .frame), .minmax0,
        .lossless16,
    ])
    func `a constant frame divides nothing by zero`(recipe: RenderRecipe) throws {
        for value in [Int16(-7), 0, 7] {
            let picture = try bytes(recipe, [value, value, value, value])
            #expect(Set(picture).count <= 2)
        }
    }

    /// PS3.3 C.7.5.1.1.2: padding shall not count for contrast. `np.floor(np.interp(a, [0, 100], [0, 255]) + 0.5)`
    @Test func `padding counts for no contrast`() throws {
        let display = DisplayAttributes(padding: -2_000 ... -2_000)
        #expect(try bytes(.minmax(scope: .frame), [-2_000, 0, 50, 100], display) == [0, 0, 128, 255])
        let percentiles = RenderRecipe.percentile(lower: 0, upper: 100, scope: .frame)
        #expect(try bytes(percentiles, [-2_000, 0, 50, 100], display) == [0, 0, 128, 255])
        #expect(try bytes(.minmax(scope: .frame), [-2_000, -2_000], display).count == 2)
    }

    /// A label map whose background is padding: were 0 left out, the range were 9...9, and all black. 9 * 255 / 9.
    @Test(arguments: [
        RenderRecipe.minmax(scope: .frame), .percentile(lower: 0, upper: 100, scope: .frame), .window(nil),
    ])
    func `padding counts where one value is left without it`(recipe: RenderRecipe) throws {
        #expect(try bytes(recipe, [0, 9, 0, 9], DisplayAttributes(padding: 0...0)) == [0, 255, 0, 255])
    }

    /// A frame of a series is looked at without its padding also where nothing else is in it.
    @Test func `of a series padding can be left out though nothing remains`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 2, elements: [Int16(-2_000), -2_000])
        let values = try ModalityValues(buffer, display: DisplayAttributes(padding: -2_000 ... -2_000))
        #expect(values.range(of: .unpadded) == nil)
        #expect(values.range(of: .all) == -2_000 ... -2_000)
        #expect(values.contrast == .all)
        var counts: [Double: Int] = [:]
        try values.count(.unpadded, into: &counts)
        #expect(counts.isEmpty)
    }

    /// `np.interp(a, [0, 100], [0, 255])` of the finite samples; what is beyond all bounds is at the end.
    @Test(arguments: [RenderRecipe.minmax(scope: .frame), .window(nil), .minmax0])
    func `infinite samples count for no contrast and are black and white`(recipe: RenderRecipe) throws {
        let buffer = try PixelBuffer(rows: 1, columns: 5, elements: [-Float.infinity, 0, 50, 100, .infinity])
        let frame = try FrameRenderer(recipe: recipe).render(buffer, display: DisplayAttributes())
        #expect(frame.pixels.bytes[0...1] == [0, 0])
        #expect([127, 128].contains(frame.pixels.bytes[2]))
        #expect(frame.pixels.bytes[3...4] == [255, 255])
    }

    @Test func `a frame without a finite sample has a picture`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 2, elements: [Float.infinity, .nan])
        for recipe in [RenderRecipe.minmax(scope: .frame), .minmax0, .window(nil)] {
            let frame = try FrameRenderer(recipe: recipe).render(buffer, display: DisplayAttributes())
            #expect(frame.pixels.bytes.count == 2)
        }
    }

    @Test func `a range of the series is used in place of the frame's`() throws {
        #expect(try bytes(.minmax(scope: .series), [0, 51], seriesRange: 0...255) == [0, 51])
    }

    @Test func `the rescale is applied before the window and falls where its slope does`() throws {
        let display = DisplayAttributes(rescale: Rescale(slope: -2, intercept: 100))
        #expect(try bytes(.minmax(scope: .frame), [0, 50], display) == [255, 0])
        let percentiles = RenderRecipe.percentile(lower: 0, upper: 100, scope: .frame)
        #expect(try bytes(percentiles, [0, 50], display) == [255, 0])
    }

    @Test func `16 bits give the stored values back`() throws {
        let values: [Int16] = [-32_768, -1, 0, 1, 32_767]
        let buffer = try PixelBuffer(rows: 1, columns: 5, elements: values)
        let frame = try FrameRenderer(recipe: .lossless16).render(buffer, display: DisplayAttributes())
        let offset = try #require(frame.offset)
        let read = frame.pixels.doubles().map { Int($0) - offset }
        #expect(read == values.map { Int($0) })
    }

    @Test func `32-bit values are moved into 16 bits or refused`() throws {
        let near = try PixelBuffer(rows: 1, columns: 3, elements: [Int32(-70_000), -69_999, -4_465])
        let frame = try FrameRenderer(recipe: .lossless16).render(near, display: DisplayAttributes())
        #expect(frame.offset == 70_000)
        #expect(frame.pixels.doubles() == [0, 1, 65_535])
        let wide = try PixelBuffer(rows: 1, columns: 2, elements: [Int32(0), 65_536])
        #expect(throws: ImagingError.self) {
            try FrameRenderer(recipe: .lossless16).render(wide, display: DisplayAttributes())
        }
    }

    /// Entries outside the table take its ends (PS3.3 C.11.1.1.1).
    @Test func `a VOI LUT goes before the window`() throws {
        let table = try LookupTable(firstMapped: 10, entries: [0, 100, 4_095], bits: 12)
        let display = DisplayAttributes(window: try WindowLevel(center: 0, width: 1), voiTable: table)
        #expect(try bytes(.window(nil), [-5, 10, 11, 12, 400], display) == [0, 0, 6, 255, 255])
    }

    /// The text is hashed and stored: a change of it is a change of the recipe.
    @Test func `the canonical JSON of a recipe stays what it is`() {
        #expect(
            RenderRecipe.minmax0.canonicalJSON
                == #"{"bits":8,"format":"slicehouse-render-1","monochrome1":"kept","recipe":"minmax0","rounding":"truncate","values":"stored"}"#
        )
        #expect(
            RenderRecipe.percentile(lower: 1, upper: 99.5, scope: .series).canonicalJSON
                == #"{"bits":8,"format":"slicehouse-render-1","monochrome1":"inverted","padding":"excluded","percentiles":[1,99.5],"recipe":"percentile","rounding":"half_to_even","scope":"series","values":"modality"}"#
        )
    }
}
