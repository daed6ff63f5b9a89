internal import Imaging

/// A sample as PNG files: grey or RGB of eight bits, and a mask of eight bits.
enum PNGSample: SampleFile {
    static let suffix = ".png"

    static func image(of sample: ExportSample) throws -> [UInt8] {
        let shape = sample.rendered.shape
        guard let picture = sample.rendered.picture else {
            throw TrainingError(
                .unsuitable, "--format png",
                "the recipe makes \(shape.dtype.rawValue) of \(shape.slices) slices and \(shape.channels) channels; a PNG "
                    + "holds one slice of uint8 of one channel, or of three with layout NHWC, NIfTI anything but float16"
            )
        }
        return try picture.exportPNG()
    }

    static func mask(of sample: ExportSample) throws -> [UInt8] {
        guard let mask = sample.rendered.maskPicture else {
            throw TrainingError(.unsuitable, "--format png", "a PNG holds masks of uint8; the recipe makes others")
        }
        return try mask.exportPNG()
    }
}
