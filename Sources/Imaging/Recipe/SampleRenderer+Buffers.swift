/// One sample in memory of its own.
package struct RenderedSample: Sendable, Equatable {
    package let shape: SampleShape
    /// **Shape** ``SampleShape/dimensions``, little-endian, C order.
    package let image: [UInt8]
    /// **Shape** ``SampleShape/maskDimensions``; empty where none was asked for.
    package let mask: [UInt8]
}

extension SampleRenderer {
    /// Makes one sample of frames in memory, for baking, previews and predictions.
    ///
    /// - Parameters:
    ///   - rescales: One per frame.
    ///   - bitsStored: One per frame, or none where the recipe does not ask.
    /// **Throws** as ``render(_:region:spacing:change:mask:into:mask:workspace:)``.
    package func render(
        _ frames: [PixelBuffer], rescales: [Rescale?], bitsStored: [Int?] = [], region: SampleRegion? = nil,
        spacing: SIMD3<Double>? = nil, change: SampleChange? = nil, mask: SampleMaskSource? = nil,
        workspace: SampleWorkspace
    ) throws(ImagingError) -> RenderedSample {
        precondition(rescales.count == frames.count, "one rescale per frame")
        precondition(bitsStored.isEmpty || bitsStored.count == frames.count, "one number of bits per frame, or none")
        guard let first = frames.first else { throw .invalidRecipe(reason: "a sample needs at least one slice") }
        let shape = try shape(
            of: SampleExtent(
                slices: frames.count, rows: region?.rows ?? first.rows, columns: region?.columns ?? first.columns,
                samplesPerPixel: first.samplesPerPixel, spacing: spacing))
        var image = [UInt8](repeating: 0, count: shape.byteCount)
        var marks = [UInt8](repeating: 0, count: mask == nil ? 0 : shape.maskByteCount)
        try unsafe image.withUnsafeMutableBufferPointer { image throws(ImagingError) in
            try unsafe marks.withUnsafeMutableBufferPointer { marks throws(ImagingError) in
                try lend(frames, rescales, bitsStored, []) { lent throws(ImagingError) in
                    try unsafe render(
                        lent, region: region, spacing: spacing, change: change, mask: mask,
                        into: UnsafeMutableRawBufferPointer(image),
                        mask: mask == nil ? nil : UnsafeMutableRawBufferPointer(marks), workspace: workspace)
                }
            }
        }
        return RenderedSample(shape: shape, image: image, mask: marks)
    }

    /// Lends the bytes of all frames at once, one scope within the other.
    private func lend(
        _ frames: [PixelBuffer], _ rescales: [Rescale?], _ bitsStored: [Int?], _ lent: [SampleFrame],
        _ body: ([SampleFrame]) throws(ImagingError) -> Void
    ) throws(ImagingError) {
        guard lent.count < frames.count else { return try body(lent) }
        let frame = frames[lent.count]
        try unsafe frame.bytes.withUnsafeBufferPointer { bytes throws(ImagingError) in
            let next = unsafe SampleFrame(
                bytes: UnsafeRawBufferPointer(bytes), type: frame.type, rows: frame.rows, columns: frame.columns,
                samplesPerPixel: frame.samplesPerPixel, rescale: rescales[lent.count],
                bitsStored: bitsStored.isEmpty ? nil : bitsStored[lent.count])
            try lend(frames, rescales, bitsStored, lent + [next], body)
        }
    }
}
