internal import Crypto

/// SHA-256 over the digests of the slices of each sample in order, which `training_sample.pixel_digest` was frozen as:
/// it tells where rows of `training_sample_slice` are gone.
struct SliceListDigests {
    private var finished: [Int64: [UInt8]] = [:]
    private var current: (sample: Int64, hash: SHA256)?

    /// The next slice; those of a sample follow each other.
    mutating func add(_ digest: [UInt8], of sample: Int64) {
        if current?.sample != sample {
            finish()
            current = (sample, SHA256())
        }
        current?.hash.update(data: digest)
    }

    /// Call it after the last slice.
    mutating func finish() {
        guard let last = current else { return }
        finished[last.sample] = Array(last.hash.finalize())
        current = nil
    }

    subscript(sample: Int64) -> [UInt8]? { finished[sample] }
}
