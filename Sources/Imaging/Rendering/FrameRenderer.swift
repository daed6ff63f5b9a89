/// A picture made by a recipe, with what is needed to read it back.
package struct RenderedFrame: Sendable, Equatable {
    /// 8- or 16-bit unsigned grey, or RGB.
    package let pixels: PixelBuffer
    /// Added to each stored value: `stored = grey - offset`; `nil` where the picture is not lossless.
    package let offset: Int?
    /// What was done to the values of this frame, such as `window 40/80 LINEAR` or `range -1024...3071`.
    package let applied: String

    package init(pixels: PixelBuffer, offset: Int? = nil, applied: String) {
        self.pixels = pixels
        self.offset = offset
        self.applied = applied
    }
}

/// Applies a recipe to frames.
///
/// **Cost** one table look-up a sample for 8- and 16-bit samples.
package struct FrameRenderer: Sendable {
    private let recipe: RenderRecipe
    /// The range of the whole series in modality values, for recipes of that scope.
    private let seriesRange: ClosedRange<Double>?

    package init(recipe: RenderRecipe, seriesRange: ClosedRange<Double>? = nil) {
        self.recipe = recipe
        self.seriesRange = seriesRange
    }

    /// **Throws** `unrenderable` for values that the recipe has no picture for (floating point in `png16`), `invalidTable`
    /// for a PALETTE COLOR frame whose tables are not known.
    package func render(
        _ buffer: PixelBuffer, display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        if buffer.samplesPerPixel > 1 { return try colour(buffer, display) }
        if recipe == .lossless16 { return try LosslessGrey.render(buffer) }
        if display.photometricInterpretation == "PALETTE COLOR" { return try indexed(buffer, display) }
        if recipe == .minmax0 { return try positiveRange(buffer) }
        let modality = try ModalityValues(buffer, display: display)
        return try grey(modality, display)
    }

    // MARK: Grey

    private func grey(_ values: ModalityValues, _ display: DisplayAttributes) throws(ImagingError) -> RenderedFrame {
        switch recipe {
        case .window(let window): return try windowed(values, window, display)
        case .percentile(let lower, let upper, let scope):
            guard scope == .frame else { return try ranged(values, seriesRange, display) }
            return try ranged(values, values.percentiles(lower, upper, of: values.contrast), display)
        case .minmax(let scope):
            return try ranged(values, scope == .frame ? values.range(of: values.contrast) : seriesRange, display)
        case .minmax0, .lossless16: return try ranged(values, values.range(of: .all), display)
        }
    }

    private func windowed(
        _ values: ModalityValues, _ chosen: RenderRecipe.Window?, _ display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        if chosen == nil, let table = display.voiTable {
            let transfer = TableTransfer(table: table, rescale: values.rescale, isInverted: display.isInverted)
            return try picture(values.buffer, values.buffer.mapSamples(transfer), "VOI LUT", display)
        }
        if let window = chosen?.level ?? display.window {
            let function = chosen?.function ?? display.function
            let bytes = window.render8Bit(
                values.buffer, rescale: values.rescale, function: function, rounding: .halfToEven,
                inverted: display.isInverted)
            let applied = "window \(text(window.center))/\(text(window.width)) \(function.rawValue)"
            return try picture(values.buffer, bytes, applied, display)
        }
        guard values.buffer.type == .u8, values.rescale == .identity else {
            return try ranged(values, values.range(of: values.contrast), display)
        }
        let bytes = display.isInverted ? values.buffer.bytes.map { 255 - $0 } : values.buffer.bytes
        return try picture(values.buffer, bytes, "as stored", display)
    }

    /// An empty or missing range (a constant frame) gives the lowest level everywhere: nothing is divided by zero.
    private func ranged(
        _ values: ModalityValues, _ range: ClosedRange<Double>?, _ display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        let ends = range ?? 0...0
        let transfer = RangeTransfer(range: ends, rescale: values.rescale, isInverted: display.isInverted)
        let applied = "range \(text(ends.lowerBound))...\(text(ends.upperBound))"
        return try picture(values.buffer, values.buffer.mapSamples(transfer), applied, display)
    }

    private func positiveRange(_ buffer: PixelBuffer) throws(ImagingError) -> RenderedFrame {
        let greatest = buffer.finiteRange()?.upperBound ?? 0
        let bytes = buffer.mapSamples(PositiveTransfer(greatest: greatest))
        let pixels = try PixelBuffer(type: .u8, rows: buffer.rows, columns: buffer.columns, bytes: bytes)
        return RenderedFrame(pixels: pixels, applied: "range 0...\(text(greatest))")
    }

    private func picture(
        _ buffer: PixelBuffer, _ bytes: [UInt8], _ applied: String, _ display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        let pixels = try PixelBuffer(type: .u8, rows: buffer.rows, columns: buffer.columns, bytes: bytes)
        return RenderedFrame(pixels: pixels, applied: display.isInverted ? applied + ", inverted" : applied)
    }

    private func text(_ number: Double) -> String {
        guard let whole = Int(exactly: number) else { return number.description }
        return String(whole)
    }

    // MARK: Colour

    private func indexed(
        _ buffer: PixelBuffer, _ display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        guard let palette = display.palette else {
            throw .invalidTable(reason: "the colour tables of the palette are not in the stored header")
        }
        return RenderedFrame(pixels: try palette.render8Bit(buffer), applied: "palette")
    }

    private func colour(
        _ buffer: PixelBuffer, _ display: DisplayAttributes
    ) throws(ImagingError) -> RenderedFrame {
        let isLuminance = ["YBR_FULL", "YBR_FULL_422"].contains(display.photometricInterpretation ?? "")
        if buffer.type == .u8, buffer.samplesPerPixel == 3, isLuminance {
            return RenderedFrame(pixels: try buffer.convertedFromYBR(), applied: "RGB of YBR_FULL")
        }
        if buffer.type == .u8 || (buffer.type == .u16 && recipe == .lossless16) {
            return RenderedFrame(pixels: buffer, offset: 0, applied: "as stored")
        }
        guard buffer.type == .u16 else {
            throw .unrenderable(reason: "colour of \(buffer.type.rawValue) samples has no PNG form")
        }
        let greatest = Double((1 << (display.bitsStored ?? 16)) - 1)
        let bytes = buffer.mapSamples(RangeTransfer(range: 0...greatest, rescale: .identity, isInverted: false))
        let pixels = try PixelBuffer(
            type: .u8, rows: buffer.rows, columns: buffer.columns, samplesPerPixel: buffer.samplesPerPixel,
            bytes: bytes)
        return RenderedFrame(pixels: pixels, applied: "range 0...\(text(greatest))")
    }
}
