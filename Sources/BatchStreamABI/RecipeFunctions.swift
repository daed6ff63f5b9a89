internal import BatchStream
public import CSlicehouseStream
internal import CanonicalJSON
internal import Imaging

/// A recipe on the other side of the border.
private final class OpenRecipe {
    let renderer: SampleRenderer
    init(_ recipe: SampleRecipe) { renderer = SampleRenderer(recipe: recipe) }
}

@c @implementation public func slicehouse_recipe_open(
    _ json: UnsafePointer<CChar>, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
    unsafe Reply.trying(error) {
        try unsafe Handle.out(OpenRecipe(SampleRecipe(parsing: String(cString: json))))
    }
}

@c @implementation public func slicehouse_recipe_json(_ recipe: UnsafeMutableRawPointer) -> UnsafeMutablePointer<CChar>?
{
    unsafe Reply.text(Handle.use(recipe, as: OpenRecipe.self).renderer.recipe.canonicalJSON)
}

@c @implementation public func slicehouse_recipe_close(_ recipe: UnsafeMutableRawPointer?) {
    guard let recipe = unsafe recipe else { return }
    _ = unsafe Handle.release(recipe, as: OpenRecipe.self)
}

@c @implementation public func slicehouse_recipe_shape(
    _ recipe: UnsafeMutableRawPointer, _ sample: UnsafePointer<slicehouse_sample>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutablePointer<CChar>? {
    unsafe Reply.trying(error) {
        let renderer = unsafe Handle.use(recipe, as: OpenRecipe.self).renderer
        let shape = try renderer.shape(of: unsafe GivenSample(sample.pointee).extent)
        return unsafe Reply.json([
            "image": [
                "dtype": .string(shape.dtype.rawValue), "shape": .array(shape.dimensions.map(JSONValue.integer)),
            ],
            "mask": [
                "dtype": .string(shape.maskDType.rawValue),
                "shape": .array(shape.maskDimensions.map(JSONValue.integer)),
            ],
        ])
    } ?? nil
}

@c @implementation public func slicehouse_recipe_render(
    _ recipe: UnsafeMutableRawPointer, _ sample: UnsafePointer<slicehouse_sample>, _ image: UnsafeMutableRawPointer,
    _ mask: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    let isDone: Void? = unsafe Reply.trying(error) {
        let renderer = unsafe Handle.use(recipe, as: OpenRecipe.self).renderer
        let given = try unsafe GivenSample(sample.pointee)
        let shape = try renderer.shape(of: given.extent)
        try unsafe renderer.render(
            given.frames, spacing: given.extent.spacing, change: given.change(renderer.recipe), mask: given.mask(),
            into: UnsafeMutableRawBufferPointer(start: image, count: shape.byteCount),
            mask: mask.map { unsafe UnsafeMutableRawBufferPointer(start: $0, count: shape.maskByteCount) },
            workspace: SampleWorkspace())
    }
    return isDone == nil ? -1 : 0
}

/// What the caller gave, once its sizes are sound.
@safe private struct GivenSample {
    let raw: slicehouse_sample
    let type: PixelType
    let extent: SampleExtent

    init(_ raw: slicehouse_sample) throws {
        guard let type = unsafe PixelType(rawValue: String(cString: raw.type)) else {
            throw StreamError(.misuse, "The sample cannot be made: its pixel type is unknown.")
        }
        let sides = unsafe [raw.slices, raw.rows, raw.columns, raw.samples_per_pixel]
        guard sides.allSatisfy({ $0 > 0 && $0 < 1 << 24 }) else {
            throw StreamError(.misuse, "The sample cannot be made: its sides must be positive.")
        }
        unsafe self.raw = raw
        self.type = type
        let spacing = unsafe SIMD3(raw.spacing.0, raw.spacing.1, raw.spacing.2)
        extent = SampleExtent(
            slices: Int(sides[0]), rows: Int(sides[1]), columns: Int(sides[2]), samplesPerPixel: Int(sides[3]),
            spacing: spacing.y > 0 ? spacing : nil)
    }

    var frames: [SampleFrame] {
        let byteCount = extent.rows * extent.columns * extent.samplesPerPixel * type.byteCount
        return (0..<extent.slices).map { slice in
            unsafe SampleFrame(
                bytes: UnsafeRawBufferPointer(start: raw.pixels + slice * byteCount, count: byteCount), type: type,
                rows: extent.rows, columns: extent.columns, samplesPerPixel: extent.samplesPerPixel,
                rescale: Rescale(slope: raw.slope, intercept: raw.intercept),
                bitsStored: raw.bits_stored > 0 ? Int(raw.bits_stored) : nil)
        }
    }

    func change(_ recipe: SampleRecipe) -> SampleChange? {
        guard unsafe raw.augments != 0 else { return nil }
        return unsafe recipe.augment?.change(
            seed: raw.seed, epoch: raw.epoch, sampleNumber: raw.sample_number, occurrence: raw.occurrence)
    }

    func mask() throws -> SampleMaskSource? {
        guard let mask = unsafe raw.mask else { return nil }
        let size = extent.rows * extent.columns
        return SampleMaskSource(
            slices: try (0..<Int(unsafe raw.mask_slices)).map { slice in
                let raster = unsafe [UInt8](UnsafeBufferPointer(start: mask + slice * size, count: size))
                return [try RunLengthMask(mask: raster, rows: extent.rows, columns: extent.columns)]
            })
    }
}
