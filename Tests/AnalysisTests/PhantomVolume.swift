import Imaging
import LinearAlgebra

@testable import Analysis

/// A stack whose truth and noise are known: ellipsoids in air, as a CT shows them, with Gaussian noise.
struct PhantomVolume {
    let rows: Int
    let columns: Int
    let slices: Int
    /// **Shape** `[slices][rows * columns]`, HU.
    let truth: [[Float]]
    let noisy: [[Float]]

    /// - Parameter noise: Standard deviation at a pixel.
    init(
        rows: Int = 96, columns: Int = 96, slices: Int = 64, seed: UInt64 = 4,
        noise: (_ row: Int, _ column: Int) -> Double
    ) {
        self.rows = rows
        self.columns = columns
        self.slices = slices
        truth = (0..<slices).map { slice in Self.truth(rows, columns, Double(slice) / Double(slices) * 2 - 1) }
        let random = PhiloxGenerator(seed: seed)
        let numbers = random.normal(rows: rows * columns, columns: slices)
        noisy = (0..<slices).map { [truth] slice in
            (0..<rows * columns).map { index in
                truth[slice][index] + Float(noise(index / columns, index % columns) * numbers[index, slice])
            }
        }
    }

    init(rows: Int, columns: Int, slices: Int, truth: [[Float]], noisy: [[Float]]) {
        self.rows = rows
        self.columns = columns
        self.slices = slices
        self.truth = truth
        self.noisy = noisy
    }

    private static func truth(_ rows: Int, _ columns: Int, _ z: Double) -> [Float] {
        // centre, half axes, value added: skull, brain, ventricles, a lesion, a calcification
        let bodies: [(x: Double, y: Double, z: Double, a: Double, b: Double, c: Double, value: Float)] = [
            (0, 0, 0, 0.85, 0.7, 1.6, 1_900), (0, 0, 0, 0.78, 0.63, 1.5, -865), (0.1, 0.05, 0.1, 0.25, 0.12, 0.6, -27),
            (-0.35, 0.2, -0.2, 0.16, 0.2, 0.5, 32), (0.4, -0.3, 0.3, 0.06, 0.06, 0.3, 180),
        ]
        return (0..<rows * columns).map { index in
            let y = Double(index / columns) / Double(rows) * 2 - 1
            let x = Double(index % columns) / Double(columns) * 2 - 1
            var value: Float = -1_000
            for body in bodies {
                let (dx, dy, dz) = ((x - body.x) / body.a, (y - body.y) / body.b, (z - body.z) / body.c)
                // An edge of about a pixel and a half: the point spread of a scanner.
                let depth = (1 - (dx * dx + dy * dy + dz * dz).squareRoot()) * body.b * Double(rows) / 2
                value += body.value * Float(min(1, max(0, depth / 1.5 + 0.5)))
            }
            return value
        }
    }

    func store() throws -> SampleStore {
        let store = try SampleStore(
            rows: rows, columns: columns, types: Array(repeating: .f32, count: slices),
            rescales: Array(repeating: nil, count: slices), inMemory: true, environment: [:])
        for slice in 0..<slices {
            try store.put(try PixelBuffer(rows: rows, columns: columns, elements: noisy[slice]), slice: slice)
        }
        return store
    }

    var range: ClosedRange<Double> {
        Double(noisy.map { $0.min() ?? 0 }.min() ?? 0)...Double(noisy.map { $0.max() ?? 0 }.max() ?? 1)
    }

    /// Root mean square distance of a stack from the truth.
    func error(of store: SampleStore) throws -> Double {
        var sum = 0.0
        for slice in 0..<slices {
            let error = PictureComparison.rmse(try store.values(of: slice), truth[slice])
            sum += error * error
        }
        return (sum / Double(slices)).squareRoot()
    }
}

extension Denoising {
    /// A phantom with what a test leaves to the defaults.
    init(_ phantom: PhantomVolume, options: DenoiseOptions = DenoiseOptions()) throws {
        let settings = try options.resolve()
        let plan = try MemoryPlan(
            limit: 1 << 30, sampleBytes: 4 * phantom.rows * phantom.columns * phantom.slices,
            rows: phantom.rows * phantom.columns, slices: phantom.slices, levelCount: 7, storesOutput: true, cores: 2,
            subject: "phantom")
        self.init(try phantom.store(), range: phantom.range, settings: settings, plan: plan)
    }

    func emptyOutput() throws -> SampleStore {
        try SampleStore(
            rows: store.rows, columns: store.columns, types: store.types, rescales: store.rescales, inMemory: true,
            environment: [:])
    }
}
