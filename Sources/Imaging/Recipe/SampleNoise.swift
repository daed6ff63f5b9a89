internal import Glibc
internal import Philox

/// Normal noise on the values of a sample.
///
/// Value i, in the order `[channels][slices][rows][columns]`, gets number i of a stream: four a block of ``Philox``, the
/// counter being (i / 4, 2 × occurrence + 1, sample number, epoch). Words 0 and 1, and 2 and 3, make two numbers each after Box and
/// Muller: `√(-2 ln u₀) cos 2πu₁`, then the sine, with `u = (word + ½) / 2³²`.
enum SampleNoise {
    static func add(_ change: SampleChange, to values: UnsafeMutablePointer<Float>, count: Int) {
        let deviation = Float(change.noise)
        var index = 0
        var block: UInt32 = 0
        while index < count {
            let words = Philox.block(SIMD4(block, change.stream, change.sample, change.epoch), key: change.key)
            for numbers in [pair(words[0], words[1]), pair(words[2], words[3])] {
                if index < count { unsafe values[index] += deviation * numbers.0 }
                if index + 1 < count { unsafe values[index + 1] += deviation * numbers.1 }
                index += 2
            }
            block += 1
        }
    }

    @inline(__always)
    private static func pair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
        let radius = sqrtf(-2 * logf(Float((Double(first) + 0.5) * 0x1p-32)))
        let angle = Float((Double(second) + 0.5) * 0x1p-32 * 2 * Double.pi)
        return (radius * cosf(angle), radius * sinf(angle))
    }
}
