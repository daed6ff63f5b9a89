internal import LinearAlgebra

/// Slices of the series at several levels side by side: what the measures that need pictures are taken from.
struct ComparedSlices: Sendable {
    let rows: Int
    let columns: Int
    /// Indices of the slices, the one shown among them.
    let slices: [Int]
    let original: [[Float]]
    /// Magnitudes of the gradient of the original.
    private let gradients: [[Float]]
    /// Greatest minus least value of the series.
    let range: Double

    /// Evenly spread slices, with the one shown in its place.
    static func choose(count: Int, of total: Int, shown: Int) -> [Int] {
        var chosen = (0..<count).map { (2 * $0 + 1) * total / (2 * count) }
        if !chosen.contains(shown),
            let nearest = chosen.indices.min(by: { abs(chosen[$0] - shown) < abs(chosen[$1] - shown) })
        {
            chosen[nearest] = shown
        }
        return chosen
    }

    init(_ store: SampleStore, slices: [Int], range: Double) throws {
        rows = store.rows
        columns = store.columns
        self.slices = slices
        self.range = range
        original = try slices.map { try store.values(of: $0) }
        gradients = original.map { Self.gradient(of: $0, rows: store.rows, columns: store.columns) }
    }

    struct Measures {
        let ssim: Double?
        let noiseAfter: Double
        let residualCorrelation: Double?
        let edgeCorrelation: Double?
    }

    /// Median over the slices of the noise that they show.
    func noise(of pictures: [[Float]]) -> Double {
        var sigmas = pictures.map { NoiseEstimate.foregroundSigma($0, rows: rows, columns: columns) }
        return OrderStatistics.median(&sigmas)
    }

    func measure(_ denoised: [[Float]]) -> Measures {
        var correlation = CorrelationSums()
        var edges = CorrelationSums()
        var similarities: [Double] = []
        for (place, after) in denoised.enumerated() {
            let before = original[place]
            let residual = zip(before, after).map { $0 - $1 }
            correlation.add(residual, before)
            edges.add(residual.map { abs($0) }, gradients[place])
            if let similarity = PictureComparison.ssim(before, after, rows: rows, columns: columns, range: range) {
                similarities.append(similarity)
            }
        }
        return Measures(
            ssim: similarities.isEmpty ? nil : similarities.reduce(0, +) / Double(similarities.count),
            noiseAfter: noise(of: denoised), residualCorrelation: correlation.correlation,
            edgeCorrelation: edges.correlation)
    }

    /// Magnitude of the central differences; differences to the neighbour at the border.
    private static func gradient(of picture: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<rows * columns).map { index in
            let (row, column) = (index / columns, index % columns)
            let (up, down) = (max(0, row - 1), min(rows - 1, row + 1))
            let (left, right) = (max(0, column - 1), min(columns - 1, column + 1))
            let vertical =
                (picture[down * columns + column] - picture[up * columns + column]) / Float(max(1, down - up))
            let across = (picture[row * columns + right] - picture[row * columns + left]) / Float(max(1, right - left))
            return (vertical * vertical + across * across).squareRoot()
        }
    }
}

/// M·V·Vᵀ at several ranks, for some slices only: one pass over the matrix.
struct LevelPictures {
    /// `[level][slice]`, each `[rows * columns]`.
    let pictures: [[[Float]]]

    init(
        _ matrix: VoxelMatrix, factors: SingularFactors, ranks: [Int], slices: [Int], pass: RowPass
    ) async throws {
        BLASThreads.use(1)
        let weights = Self.weights(factors, ranks: ranks, slices: slices)
        let columns = weights.columns
        let parts = try await pass.fold(matrix, initial: [[Float]](repeating: [], count: columns)) { state, block in
            let product = block.times(weights)
            for column in 0..<columns { state[column] += product.column(column).map { Float($0) } }
        }
        pictures = ranks.indices.map { level in
            slices.indices.map { slice in parts.flatMap { $0[level * slices.count + slice] } }
        }
    }

    /// The columns of V_k·V_kᵀ of the slices, rank after rank.
    private static func weights(_ factors: SingularFactors, ranks: [Int], slices: [Int]) -> Matrix {
        let right = factors.right
        var result = Matrix(rows: right.rows, columns: ranks.count * slices.count)
        for (level, rank) in ranks.enumerated() {
            for (place, slice) in slices.enumerated() {
                let column = level * slices.count + place
                for vector in 0..<rank {
                    let weight = right[slice, vector]
                    for row in 0..<right.rows { result[row, column] += weight * right[row, vector] }
                }
            }
        }
        return result
    }
}
