internal import Crypto

/// The identity of the pixels of a context, crop or volume: `training_sample.pixel_digest`.
///
/// Who freezes a set writes it, and who reads the set compares it with the rows of `training_sample_slice`. **Format**
/// docs/formats.md, "Training sets".
package enum SliceListDigest {
    /// SHA-256 over the pixel digests of the slices.
    ///
    /// - Parameter slices: In order of `slice_ordinal`; those at the ends of a volume may repeat.
    package static func of(_ slices: [[UInt8]]) -> [UInt8] {
        var hash = SHA256()
        for digest in slices { hash.update(data: digest) }
        return Array(hash.finalize())
    }

    /// What is to be said of a sample whose rows give another digest.
    package static func objection(sample number: Int) -> String {
        "its sample \(number) has other slices than those it was frozen with, or fewer"
    }
}
