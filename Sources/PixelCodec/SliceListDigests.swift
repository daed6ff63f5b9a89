/// The ``SliceListDigest`` of each sample, from the slices of all as they go by.
package struct SliceListDigests: Sendable {
    private var finished: [Int64: [UInt8]] = [:]
    private var current: (sample: Int64, slices: [[UInt8]])?

    package init() {}

    /// The next slice; those of a sample follow each other.
    package mutating func add(_ digest: [UInt8], of sample: Int64) {
        if current?.sample != sample {
            finish()
            current = (sample, [])
        }
        current?.slices.append(digest)
    }

    /// Call it after the last slice.
    package mutating func finish() {
        guard let last = current else { return }
        finished[last.sample] = SliceListDigest.of(last.slices)
        current = nil
    }

    /// Nil for a sample without slices.
    package subscript(sample: Int64) -> [UInt8]? { finished[sample] }
}
