import Analysis
import Testing

@Suite struct RankChoiceTests {
    /// Noise of 1 in 100 × 10: Gavish and Donoho's threshold is well below 1,000.
    private func choice(_ values: [Double]) -> RankChoice {
        RankChoice(values: values, rows: 100, columns: 10, rule: .gavishDonoho, source: .given(1), imageNoise: 0)
    }

    @Test func `values that were not computed are counted, and said once`() {
        let part = choice([3_000, 2_000])
        #expect(part.rank == 2)
        #expect(
            part.explanation.hasSuffix(
                "which 2 of 2 singular values exceed; the other 8 were not computed, and a greater rank may be better"))
    }

    @Test func `a spectrum that ends in noise needs no further word`() {
        let whole = choice([3_000, 2_000] + Array(repeating: 0.5, count: 8))
        #expect(whole.rank == 2 && whole.explanation.hasSuffix("which 2 of 10 singular values exceed"))
    }
}
