/// The two reconstructions of a head CT.
enum ReconstructionKernel: UInt64, Sendable {
    /// Smooth, for brain.
    case soft
    /// Sharp and noisy, for bone.
    case bone
}

/// What the scanner adds: the blur of the detector and correlated quantum noise.
///
/// White noise from 16-bit pieces of the keyed generator is filtered with the binomial 1-4-6-4-1 in both directions,
/// which gives the grain of two to three pixels seen in soft-tissue kernels; the bone kernel leaves it white. The standard
/// deviation inside the head is 5.5 HU (soft) or 24 HU (bone); outside it is half of that, and air is cut off at −1024 as
/// scanners do.
struct ScannerNoise: Sendable {
    private let seed: UInt64
    private let patient: UInt64
    private let slice: UInt64
    private let kernel: ReconstructionKernel

    init(seed: UInt64, patient: Int, slice: Int, kernel: ReconstructionKernel) {
        self.seed = seed
        self.kernel = kernel
        self.patient = UInt64(patient)
        self.slice = UInt64(slice)
    }

    /// Blurs, adds noise, rounds and clips to −1024...3071. **Shape** `[size][size]`.
    func apply(to hu: [Float], size: Int) -> [Int16] {
        // Below about 200 pixels a pixel is wider than the blur and the correlation.
        let isSharp = size < 200 || kernel == .bone
        let image = isSharp ? hu : Self.filter(hu, size: size, kernel: [1 / 6, 2 / 3, 1 / 6])
        var grain = whiteNoise(count: size * size)
        if !isSharp { grain = Self.filter(grain, size: size, kernel: [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]) }
        // Variance of a uniform ±1 is 1/3; the filter keeps (70/256)² of it.
        let deviation: Float = kernel == .bone ? 24 : 5.5
        let gain = deviation * Float(3).squareRoot() * (isSharp ? 1 : 256 / 70)
        return zip(image, grain).map { value, grain in
            let level: Float = value < -700 ? 0.5 : 1
            return Int16(max(-1024, min(3071, (value + grain * gain * level).rounded())))
        }
    }

    private func whiteNoise(count: Int) -> [Float] {
        var generator = SeededGenerator(seed: seed, key: 3, patient, slice, kernel.rawValue)
        var white = [Float](repeating: 0, count: count)
        var bits: UInt64 = 0
        for index in white.indices {
            if index & 3 == 0 { bits = generator.next() }
            white[index] = Float(Int16(truncatingIfNeeded: bits)) * (1 / 32768)
            bits >>= 16
        }
        return white
    }

    /// A separable filter with an odd, symmetric kernel; the border is repeated.
    private static func filter(_ image: [Float], size: Int, kernel: [Float]) -> [Float] {
        let reach = kernel.count / 2
        var across = image
        for row in 0..<size {
            for column in 0..<size {
                var sum: Float = 0
                for tap in 0..<kernel.count {
                    sum += image[row * size + max(0, min(size - 1, column + tap - reach))] * kernel[tap]
                }
                across[row * size + column] = sum
            }
        }
        var down = [Float](repeating: 0, count: image.count)
        for row in 0..<size {
            for tap in 0..<kernel.count {
                let source = max(0, min(size - 1, row + tap - reach)) * size
                let weight = kernel[tap]
                for column in 0..<size { down[row * size + column] += across[source + column] * weight }
            }
        }
        return down
    }
}
