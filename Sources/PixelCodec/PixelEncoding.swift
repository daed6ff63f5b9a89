/// How the bytes of `slice_pixels` hold a frame; the raw value is its name in SQL.
package enum PixelEncoding: String, Sendable, CaseIterable, Codable {
    /// One c-blosc 1 buffer of the samples; lossless.
    case blosc
    /// The code stream of a lossy source, kept as it came; the pixels are those of the named decoder.
    case jpeg
}
