import Testing

@testable import Ingestion

@Suite("SeriesMerger")
struct SeriesMergerTests {
    private func stored(_ variants: [Int: [String: [UInt8]]]) -> StoredSeries {
        var series = StoredSeries()
        for (number, slices) in variants {
            series.variants[number] = StoredSeries.Variant(
                seriesID: Int64(number), revision: 1, facts: SeriesFacts(), isTied: false,
                slices: slices.mapValues { StoredSeries.StoredSlice(sliceID: 1, digest: $0) })
        }
        return series
    }

    @Test func `a new place makes the series grow`() {
        var merger = SeriesMerger(stored: stored([0: ["a": [1]]]))
        #expect(merger.decide(mergeKey: "b", digest: [2]) == .new(variant: 0))
    }

    @Test func `the same pixels at the same place are known`() {
        var merger = SeriesMerger(stored: stored([0: ["a": [1]]]))
        #expect(merger.decide(mergeKey: "a", digest: [1]) == .known(variant: 0))
    }

    @Test func `other pixels at the same place open a variant, and are known when they come again`() {
        var merger = SeriesMerger(stored: stored([0: ["a": [1]]]))
        #expect(merger.decide(mergeKey: "a", digest: [2]) == .new(variant: 1))
        #expect(merger.decide(mergeKey: "a", digest: [2]) == .known(variant: 1))
        #expect(merger.decide(mergeKey: "a", digest: [3]) == .new(variant: 2))
    }

    @Test func `pixels of a later variant are found though the first variant lacks the place`() {
        var merger = SeriesMerger(stored: stored([0: ["a": [1]], 1: ["b": [5]]]))
        #expect(merger.decide(mergeKey: "b", digest: [5]) == .known(variant: 1))
    }
}
