import CanonicalJSON
import Testing
import Warehouse

@testable import Training

/// Digests were computed with Python's hashlib, as docs/formats.md says, "Training sets".
@Suite("Identity of a target")
struct TargetIdentityTests {
    /// `hashlib.sha256(b"[[1,2],[3,4]]").hexdigest()`
    @Test func `spheres in another order have another digest and the same content`() {
        let one = TargetIdentity(spheres: [[1, 2], [3, 4]])
        let other = TargetIdentity(spheres: [[3, 4], [1, 2]])
        #expect(FileDigest.hex(one.digest) == "03a4cc702aa6e4f169ff34dd055714141eae3d2d7c50f6f053150cc72ef12638")
        #expect(FileDigest.hex(other.digest) == "3b925f7ed01389f01b9595d4ada95d9e496f8b8506a82d15e1b26479340ea16a")
        #expect(one.content == other.content)
        #expect(TargetIdentity(spheres: [[1, 2], [3, 5]]).content != one.content)
        #expect(TargetIdentity(spheres: [[1, 2], [1, 2], [3, 4]]).content != one.content)
    }

    /// Two masks on the first slice, one on the second:
    /// `sha256(sha256(b"\1\2\3\4").digest() + sha256(b"\5").digest())`
    @Test func `masks in another order have another digest and the same content`() {
        let one = TargetIdentity(masks: [[[1, 2], [3, 4]], [[5]]])
        let other = TargetIdentity(masks: [[[3, 4], [1, 2]], [[5]]])
        #expect(FileDigest.hex(one.digest) == "a5c1d09365485f79766015b11ac4e7b6bd7dc9ccba5b47e5a51c3ab3e8adf014")
        #expect(FileDigest.hex(other.digest) == "344f974c993c927c306dd1fd364f5ca1330933dc46b9325b4f1cf12f3733986c")
        #expect(one.content == other.content)
        // A mask on another slice is another target.
        #expect(TargetIdentity(masks: [[[5], [3, 4]], [[1, 2]]]).content != one.content)
    }
}
