import CanonicalJSON
import Imaging
import Testing
import Warehouse

@testable import Training

@Suite("Digest of a training set")
struct TrainingSetDigestTests {
    /// The vector of docs/formats.md, computed with Python's hashlib.
    @Test func `the digest is that of docs/formats.md`() {
        var digest = TrainingSetDigest(
            query: "SELECT slice_id FROM slice", parameters: ["sample": ["kind": "slice"], "target": ["kind": "none"]],
            recipe: Array(repeating: 0, count: 32), classWeights: nil, samplingPlan: nil)
        digest.add(
            TrainingSetDigest.Line(
                fold: "train", patientID: 1, seriesID: 2, sliceID: 3, annotationID: nil, centre: (nil, nil, nil),
                pixelDigest: Array(repeating: 0x11, count: 32), targetDigest: nil, weight: 1))
        #expect(
            FileDigest.hex(digest.finish()) == "2936fd75dc53b0c9229296bd4cfad03bedcf42604eca2842b119a4cda3279bec")
    }

    /// scikit-learn 1.9.1: `compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*6 + [1]*3 + [2]*1)`.
    @Test func `balanced weights are scikit-learn's`() {
        let weights = [6, 3, 1].map { ClassWeighting.balanced.weight(count: $0, of: 10, classes: 3) }
        let expected: [Double?] = [10.0 / 18, 10.0 / 9, 10.0 / 3]
        #expect(weights == expected)
        #expect(ClassWeighting.balanced.weight(count: 0, of: 10, classes: 3) == nil)
    }

    @Test(arguments: ["slice", "volume", "image"])
    func `a form is read from what it is written as`(kind: String) {
        let forms: [SampleForm] = [
            .slice, .volume, .image, .context(3), .crop(.init(slices: 32, rows: 48, columns: 48), outside: .pad),
        ]
        for form in forms { #expect(SampleForm(json: form.json) == form) }
        #expect(SampleForm(json: ["kind": .string(kind)])?.kind == kind)
    }

    @Test func `filters of marks quote what they are given`() throws {
        let filter = try MarkFilter(parsing: "target=nodule,reader=o'brien,reader=b")
        #expect(filter.accepted == ["target": ["nodule"], "reader": ["b", "o'brien"]])
        #expect(filter.condition.contains("reader.reader_key IN ('b', 'o''brien')"))
        #expect(MarkFilter(json: filter.json) == filter)
        #expect(throws: TrainingError.self) { try MarkFilter(parsing: "size=3") }
    }
}
