internal import Philox

/// By what a sample may be changed at random: flips, then one affine map for image and mask, then noise on the image.
///
/// Happens behind all steps of the recipe. Mirrored, rotated, scaled and shifted are rows and columns; slices are only
/// mirrored.
package struct SampleAugmentation: Sendable, Equatable {
    /// Probabilities of mirroring.
    package var flipSlices = 0.0
    package var flipRows = 0.0
    package var flipColumns = 0.0
    /// Anticlockwise as displayed, rows downwards.
    package var rotationDegrees = 0.0...0.0
    /// Above 1 the picture grows.
    package var scale = 1.0...1.0
    /// Share of the side, towards greater indices; drawn for rows and columns apart.
    package var shift = 0.0...0.0
    /// Standard deviation of normal noise, in the values of the last step.
    package var noise = 0.0...0.0
    /// What comes in from outside.
    package var fill = 0.0

    package init() {}

    /// The change of one sample in one epoch: the same on every machine, in every worker.
    ///
    /// Eight numbers `u = (word + ½) / 2³²` in (0, 1) from two blocks of ``Philox`` under the key `seed`, the counter
    /// being (block, 2 × occurrence, sample number, epoch), each modulo 2³²; in the order of the members of
    /// ``SampleChange``. The occurrence counts how often the sample came before in the epoch.
    package func change(
        seed: UInt64, epoch: UInt64, sampleNumber: UInt64, occurrence: UInt64 = 0
    ) -> SampleChange {
        let stream = UInt32(truncatingIfNeeded: 2 &* occurrence)
        let key = Philox.key(seed: seed)
        let (sample, epoch) = (UInt32(truncatingIfNeeded: sampleNumber), UInt32(truncatingIfNeeded: epoch))
        let first = Philox.block(SIMD4(0, stream, sample, epoch), key: key)
        let second = Philox.block(SIMD4(1, stream, sample, epoch), key: key)
        func unit(_ word: UInt32) -> Double { (Double(word) + 0.5) * 0x1p-32 }
        func draw(_ range: ClosedRange<Double>, _ word: UInt32) -> Double {
            range.lowerBound + unit(word) * (range.upperBound - range.lowerBound)
        }
        return SampleChange(
            flipsSlices: unit(first[0]) < flipSlices, flipsRows: unit(first[1]) < flipRows,
            flipsColumns: unit(first[2]) < flipColumns, rotationDegrees: draw(rotationDegrees, first[3]),
            scale: draw(scale, second[0]), shiftRows: draw(shift, second[1]), shiftColumns: draw(shift, second[2]),
            noise: draw(noise, second[3]), fill: fill, key: key, stream: stream + 1, sample: sample,
            epoch: epoch)
    }
}

/// What happens to one sample.
package struct SampleChange: Sendable {
    package var flipsSlices: Bool
    package var flipsRows: Bool
    package var flipsColumns: Bool
    package var rotationDegrees: Double
    package var scale: Double
    /// Share of the number of rows.
    package var shiftRows: Double
    package var shiftColumns: Double
    /// Standard deviation.
    package var noise: Double
    package var fill: Double
    let key: (UInt32, UInt32)
    /// Second word of the counters of the noise.
    let stream: UInt32
    let sample: UInt32
    let epoch: UInt32

    var isAffine: Bool { rotationDegrees != 0 || scale != 1 || shiftRows != 0 || shiftColumns != 0 }
    var flips: Bool { flipsSlices || flipsRows || flipsColumns }
}
