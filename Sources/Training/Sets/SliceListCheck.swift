internal import Warehouse

/// Finds the samples of several slices that have other rows of `training_sample_slice` than they were frozen with, or
/// fewer: their pixel digest is the SHA-256 over those of the rows in order.
struct SliceListCheck: Sendable {
    /// Numbers of samples.
    private(set) var changed: Set<Int> = []
    private var sample: Int?
    private var frozen: [UInt8] = []
    private var digests: [UInt8] = []

    /// The next slice; those of a sample follow each other.
    ///
    /// - Parameters:
    ///   - digest: Of the slice; nil for a sample that has none.
    ///   - frozen: Of the sample.
    mutating func add(_ digest: [UInt8]?, of number: Int, frozen pixelDigest: [UInt8]) {
        if sample != number {
            finish()
            (sample, frozen, digests) = (number, pixelDigest, [])
        }
        digests += digest ?? []
    }

    /// Call it after the last slice.
    mutating func finish() {
        guard let number = sample else { return }
        if FileDigest.sha256(digests) != frozen { changed.insert(number) }
        sample = nil
    }
}
