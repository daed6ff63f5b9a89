import Testing

@testable import Ingestion

@Suite("HeaderAccumulator")
struct HeaderAccumulatorTests {
    /// Every slice's header is the common one overlaid with its particular one.
    @Test(arguments: [
        [["a": "1", "b": "2"], ["a": "1", "b": "3"], ["a": "1"]],
        [["a": "1"], ["a": "1"]],
        [[:], ["a": "1"], ["b": "2"]],
        [["a": "1", "b": "2"]],
    ])
    func `common and particular attributes give every header back`(headers: [[String: String]]) {
        var accumulator = HeaderAccumulator()
        for (index, header) in headers.enumerated() { accumulator.add(header, of: Int64(index)) }
        let common = accumulator.common
        for slice in accumulator.particular {
            #expect(common.merging(slice.header) { _, own in own } == headers[Int(slice.sliceID)])
            #expect(Set(common.keys).isDisjoint(with: slice.header.keys))
        }
    }

    @Test func `an attribute that one slice lacks is not common`() {
        var accumulator = HeaderAccumulator()
        accumulator.add(["a": "1", "b": "2"], of: 1)
        accumulator.add(["a": "1"], of: 2)
        #expect(accumulator.common == ["a": "1"])
        #expect(accumulator.particular.map(\.header) == [["b": "2"], [:]])
    }

    @Test func `headers of formats without one are empty`() {
        var accumulator = HeaderAccumulator()
        accumulator.add([:], of: 1)
        #expect(accumulator.isEmpty)
    }

    @Test func `members stand in order of their tags`() {
        #expect(HeaderAccumulator.json(["00280010": "{}", "00080060": "{}"]) == #"{"00080060":{},"00280010":{}}"#)
    }
}
