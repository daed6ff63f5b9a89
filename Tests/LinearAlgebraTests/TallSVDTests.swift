import TestSupport
import Testing

@testable import LinearAlgebra

/// Against LAPACK's `dgesdd` on the whole matrix, as NumPy and SciPy call it (Tests/analysis-oracle).
@Suite("TallSVD beside LAPACK", .enabled(if: AnalysisOracle.isThere, "\(AnalysisOracle.isMissing)"))
struct TallSVDTests {
    /// A matrix of the oracle with what is known of it.
    struct Sample: Sendable {
        let name: String
        let matrix: Matrix
        let rank: Int
        let values: [Double]
        let truncated: [Double]
        /// ‖A − A_k‖₂ of scikit-learn's randomized_svd with p = 15, q = 1.
        let peerError: Double
    }

    private static func samples() throws -> [Sample] {
        let oracle = try AnalysisOracle.shared.get()
        return try oracle.table("matrices").map { cells in
            let (name, rows, columns) = (cells[0], try #require(Int(cells[1])), try #require(Int(cells[2])))
            return Sample(
                name: name,
                matrix: Matrix(rows: rows, columns: columns, elements: try oracle.doubles(name + ".a")),
                rank: try #require(Int(cells[3])), values: try oracle.doubles(name + ".s"),
                truncated: try oracle.doubles(name + ".r"), peerError: try #require(Double(cells[4])))
        }
    }

    private let svd = TallSVD(pass: RowPass(workers: 2, blockByteCount: 32 << 10))

    @Test func `kept values agree with LAPACK to 1e-5, reconstructions to 1e-4`() async throws {
        for sample in try Self.samples() {
            let factors = try await svd.exact(sample.matrix, needed: sample.rank)
            expectValues(factors, sample, tolerance: 1e-7)
            try expectReconstruction(factors, sample, tolerance: 1e-7)
        }
    }

    @Test func `every value is right where the Gram matrix would lose the small ones`() async throws {
        let sample = try #require(try Self.samples().first { $0.name == "steep" })
        let factors = try await svd.exact(sample.matrix, needed: 30)
        #expect(factors.route == .tsqr)
        for (ours, theirs) in zip(factors.values, sample.values) {
            // ‖A‖·ε bounds what any backward stable method may be off.
            #expect(abs(ours - theirs) < 1e-5 * theirs + 1e-15 * sample.values[0] * 30)
        }
    }

    @Test func `the route is chosen by conditioning`() async throws {
        var routes: [String: SingularFactors.Route] = [:]
        for sample in try Self.samples() {
            routes[sample.name] = try await svd.exact(sample.matrix, needed: sample.values.count).route
        }
        #expect(routes["ct-like"] == .gram)
        #expect(routes["random"] == .gram)
        #expect(routes["deficient"] == .tsqr)
        #expect(routes["constant"] == .tsqr)
    }

    @Test func `the effective rank is that of the matrix`() async throws {
        for (name, rank) in [("deficient", 5), ("constant", 1), ("two-columns", 2), ("wide", 20), ("random", 37)] {
            let sample = try #require(try Self.samples().first { $0.name == name })
            let factors = try await svd.exact(sample.matrix, needed: sample.values.count)
            #expect(factors.effectiveRank == rank, "\(name)")
        }
    }

    /// Halko, Martinsson and Tropp 2011, theorem 10.6 (expectation), with the power scheme of section 10.4; an
    /// expectation is not a bound for one draw, so twice of it is allowed.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `randomised errors lie within the bound and are no worse than scikit-learn's`(seed: UInt64) async throws {
        for sample in try Self.samples() where sample.rank + 15 <= sample.values.count {
            let factors = try await svd.randomized(
                sample.matrix, rank: sample.rank, oversampling: 15, powerIterations: 1, seed: seed)
            let error = try spectralError(factors, sample)
            #expect(error <= 2 * bound(sample, oversampling: 15) + 1e-12 * sample.values[0], "\(sample.name)")
            #expect(error <= 1.02 * sample.peerError + 1e-12 * sample.values[0], "\(sample.name)")
        }
    }

    @Test func `both ways of sketching give the same subspace`() async throws {
        let sample = try #require(try Self.samples().first { $0.name == "many-columns" })
        // 600 columns: 10 × (40 + 15) sketches cost less than the Gram matrix, 10 × (40 + 60) do not.
        let passes = try await svd.randomized(
            sample.matrix, rank: 40, oversampling: 15, powerIterations: 1, seed: 5)
        let gram = try await svd.randomized(sample.matrix, rank: 40, oversampling: 60, powerIterations: 1, seed: 5)
        #expect(passes.route == .sketchedPasses)
        #expect(gram.route == .sketchedGram)
        expectValues(passes, sample, tolerance: 0.02)
        expectValues(gram, sample, tolerance: 0.02)
        #expect(abs(passes.squaredNorm / gram.squaredNorm - 1) < 1e-12)
    }

    @Test func `a result depends on the seed and not on the workers or the blocks`() async throws {
        let sample = try #require(try Self.samples().first { $0.name == "ct-like" })
        func run(_ workers: Int, seed: UInt64) async throws -> SingularFactors {
            try await TallSVD(pass: RowPass(workers: workers, blockByteCount: 32 << 10)).randomized(
                sample.matrix, rank: 5, oversampling: 1, powerIterations: 0, seed: seed)
        }
        let first = try await run(1, seed: 1)
        let second = try await run(3, seed: 1)
        let other = try await run(1, seed: 2)
        #expect(zip(first.values, second.values).allSatisfy { abs($0 / $1 - 1) < 1e-13 })
        #expect(first.values != other.values)
        let again = try await run(1, seed: 1)
        #expect(first.values == again.values && first.right == again.right)
    }

    @Test func `the component of greatest magnitude of each vector is positive`() async throws {
        for sample in try Self.samples() {
            let right = try await svd.exact(sample.matrix, needed: sample.rank).right
            for column in 0..<right.columns {
                let greatest = right.column(column).max { abs($0) < abs($1) } ?? 0
                #expect(greatest > 0)
            }
        }
    }

    /// What the certificate measures is what the singular values say.
    @Test func `the certificate finds the value left out and bounds it`() async throws {
        for sample in try Self.samples() where sample.rank < sample.values.count && sample.name != "constant" {
            let factors = try await svd.exact(sample.matrix, needed: sample.rank)
            let certificate = try await ResidualCertificate.measure(
                sample.matrix, without: factors.right.leadingColumns(sample.rank), pass: svd.pass, powerIterations: 6,
                seed: 9)
            let left = sample.values[sample.rank]
            let rounding = 1e-13 * sample.values[0]
            #expect(certificate.spectralEstimate <= left * (1 + 1e-9) + rounding, "\(sample.name)")
            #expect(certificate.spectralEstimate >= 0.8 * left - rounding, "\(sample.name)")
            #expect(certificate.spectralBound >= left - rounding, "\(sample.name)")
            let tail = sample.values.dropFirst(sample.rank).reduce(0) { $0 + $1 * $1 }.squareRoot()
            if tail > rounding * 1e3 {
                #expect((0.4...2).contains(certificate.frobeniusEstimate / tail), "\(sample.name)")
            }
        }
    }

    @Test func `values that are not numbers are refused`() async throws {
        var matrix = Matrix(rows: 50, columns: 3)
        matrix[7, 1] = .nan
        await #expect(throws: LinearAlgebraError.self) { _ = try await svd.exact(matrix, needed: 3) }
    }

    @Test func `zeros have zero singular values and all their energy`() async throws {
        let factors = try await svd.exact(Matrix(rows: 50, columns: 3), needed: 3)
        #expect(factors.values == [0, 0, 0])
        #expect(factors.effectiveRank == 0)
        #expect(factors.energy(of: 1) == 1)
    }

    // MARK: Comparison

    private func expectValues(_ factors: SingularFactors, _ sample: Sample, tolerance: Double) {
        for index in 0..<sample.rank {
            let relative = abs(factors.values[index] / sample.values[index] - 1)
            #expect(relative <= tolerance, "\(sample.name) value \(index) by \(factors.route)")
        }
    }

    private func expectReconstruction(_ factors: SingularFactors, _ sample: Sample, tolerance: Double) throws {
        let ours = sample.matrix.times(factors.projector(of: sample.rank))
        var (difference, norm) = (0.0, 0.0)
        for (our, their) in zip(ours.elements, sample.truncated) {
            difference += (our - their) * (our - their)
            norm += their * their
        }
        #expect((difference / norm).squareRoot() <= tolerance, "\(sample.name) by \(factors.route)")
    }

    private func spectralError(_ factors: SingularFactors, _ sample: Sample) throws -> Double {
        var residual = sample.matrix
        let kept = sample.matrix.times(factors.projector(of: sample.rank))
        for index in residual.elements.indices { residual.elements[index] -= kept.elements[index] }
        return try DenseSVD(residual).values[0]
    }

    private func bound(_ sample: Sample, oversampling: Int) -> Double {
        let (k, p) = (Double(sample.rank), Double(oversampling))
        let tail = sample.values.dropFirst(sample.rank)
        let next = tail.first ?? 0
        guard next > 0 else { return 0 }
        let powers = tail.map { pow3($0 / next) }.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let factor = 1 + (k / (p - 1)).squareRoot() + 2.718281828 * (k + p).squareRoot() / p * powers
        // The truncation to rank k of the basis of k + p columns adds at most the optimum (their section 9.4).
        return factor.cubeRoot * next + next
    }

    private func pow3(_ value: Double) -> Double { value * value * value }
}

extension Double {
    fileprivate var cubeRoot: Double {
        var root = Swift.max(1, self)
        for _ in 0..<200 { root -= (root * root * root - self) / (3 * root * root) }
        return root
    }
}
