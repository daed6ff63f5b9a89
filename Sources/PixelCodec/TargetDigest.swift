internal import Crypto

/// The identity of what a sample of a training set teaches: `training_sample.target_digest`.
///
/// Who freezes a set writes it, and who reads the set compares. **Format** docs/formats.md, "Training sets".
package enum TargetDigest {
    /// Of labels, grades and spheres.
    ///
    /// - Parameter text: The target as canonical JSON.
    package static func of(text: String) -> [UInt8] { digest(Array(text.utf8)) }

    /// Of a mask: SHA-256 of the runs of a slice; of several slices SHA-256 over those.
    ///
    /// - Parameter slices: Of each slice in order, the run lengths of its masks in order of annotation id.
    package static func of(slices: [[UInt8]]) -> [UInt8] {
        let digests = slices.map(digest)
        return digests.count == 1 ? digests[0] : digest(digests.flatMap(\.self))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
