/// Separable resampling of float volumes: columns, then rows, then slices, each into float32, sums in doubles.
///
/// **Source** Pillow 11, `ImagingResampleHorizontal_32bpc` and `ImagingResampleVertical_32bpc`.
enum PlaneResampling {
    /// Resamples `workspace.front` in place.
    static func resize(
        _ workspace: SampleWorkspace, volumes: Int, from old: StageExtent, to new: StageExtent, kernel: ResampleKernel
    ) {
        if kernel == .nearest {
            PlaneGeometry.nearest(workspace.front, into: workspace.back, volumes: volumes, from: old, to: new)
            workspace.front.swap(with: workspace.back)
            return
        }
        if new.columns != old.columns {
            let weights = ResampleWeights.all(from: old.columns, to: new.columns, kernel: kernel)
            alongColumns(workspace, lines: volumes * old.slices * old.rows, width: old.columns, weights)
        }
        if new.rows != old.rows {
            let weights = ResampleWeights.all(from: old.rows, to: new.rows, kernel: kernel)
            acrossLines(workspace, groups: volumes * old.slices, lines: old.rows, width: new.columns, weights)
        }
        if new.slices != old.slices {
            let weights = ResampleWeights.all(from: old.slices, to: new.slices, kernel: kernel)
            acrossLines(workspace, groups: volumes, lines: old.slices, width: new.rows * new.columns, weights)
        }
    }

    private static func alongColumns(
        _ workspace: SampleWorkspace, lines: Int, width: Int, _ weights: [ResampleWeights]
    ) {
        let flat = FlatWeights(weights)
        var input = unsafe UnsafePointer(workspace.front.start)
        var output = unsafe workspace.back.reserve(lines * weights.count)
        let width = (old: width, new: weights.count, taps: flat.width)
        unsafe flat.withPointers { firsts, counts, kernels in
            for _ in 0..<lines {
                for column in 0..<width.new {
                    let kernel = unsafe kernels + column &* width.taps
                    let from = unsafe input + firsts[column]
                    var sum = 0.0
                    for tap in unsafe 0..<counts[column] { unsafe sum += Double(from[tap]) * kernel[tap] }
                    unsafe output[column] = Float(sum)
                }
                unsafe input += width.old
                unsafe output += width.new
            }
        }
        workspace.front.swap(with: workspace.back)
    }

    /// Whole lines at a time, so that the inner loop runs along memory.
    private static func acrossLines(
        _ workspace: SampleWorkspace, groups: Int, lines: Int, width: Int, _ weights: [ResampleWeights]
    ) {
        let input = unsafe UnsafePointer(workspace.front.start)
        var output = unsafe workspace.back.reserve(groups * weights.count * width)
        let sums = unsafe workspace.sums.reserve(width)
        for group in 0..<groups {
            for weight in weights {
                unsafe sums.update(repeating: 0, count: width)
                for (tap, share) in weight.weights.enumerated() {
                    let line = unsafe input + (group * lines + weight.first + tap) * width
                    for index in 0..<width { unsafe sums[index] += Double(line[index]) * share }
                }
                for index in 0..<width { unsafe output[index] = Float(sums[index]) }
                unsafe output += width
            }
        }
        workspace.front.swap(with: workspace.back)
    }
}

/// Weights of all new samples in one array, each with the same room, for the inner loop.
private struct FlatWeights {
    let width: Int
    private let firsts: [Int]
    private let counts: [Int]
    private let kernels: [Double]

    init(_ weights: [ResampleWeights]) {
        let width = weights.map(\.weights.count).max() ?? 0
        self.width = width
        firsts = weights.map(\.first)
        counts = weights.map(\.weights.count)
        kernels = weights.flatMap { $0.weights + [Double](repeating: 0, count: width - $0.weights.count) }
    }

    func withPointers(_ body: (UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Double>) -> Void) {
        unsafe firsts.withUnsafeBufferPointer { firsts in
            unsafe counts.withUnsafeBufferPointer { counts in
                unsafe kernels.withUnsafeBufferPointer { kernels in
                    guard let first = firsts.baseAddress, let count = counts.baseAddress,
                        let kernel = kernels.baseAddress
                    else { return }
                    unsafe body(first, count, kernel)
                }
            }
        }
    }
}
