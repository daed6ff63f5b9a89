import CanonicalJSON
import Testing

@testable import Imaging

/// Which folds a text chooses, and what class weights and plan are of the folds that are trained on.
@Suite("Folds")
struct FoldTests {
    private static let known = ["fold-0", "fold-1", "fold-2"]

    @Test(arguments: [
        ("fold-1", ["fold-1"], false), ("fold-2+fold-0", ["fold-0", "fold-2"], true),
        ("all-but:fold-1", ["fold-0", "fold-2"], true), ("all-but:fold-0+fold-2", ["fold-1"], true),
    ])
    func `a text chooses folds in the order of the split`(text: String, folds: [String], isTrained: Bool) throws {
        let choice = try FoldChoice(parsing: text, among: Self.known)
        #expect(choice.folds == folds && choice.isTrainingPart == isTrained)
    }

    private static let mistakes: [(String, FoldChoice.Problem)] = [
        ("fold-3", .unknown("fold-3")), ("fold-0+", .unknown("")), ("", .unknown("")), ("all-but:", .unknown("")),
        ("fold-0+fold-0", .twice("fold-0")), ("all-but:fold-0+fold-1+fold-2", .nothing),
        ("fold-0 + fold-1", .unknown("fold-0 ")),
    ]

    @Test(arguments: mistakes)
    func `a text that chooses none is told apart`(text: String, problem: FoldChoice.Problem) {
        #expect(throws: problem) { try FoldChoice(parsing: text, among: Self.known) }
    }

    /// scikit-learn 1.9.1: `compute_class_weight("balanced", classes=[0, 1], y=[0]*10 + [1]*2)` gives 0.6 and 3.
    @Test func `weights are of the folds that are trained on`() {
        let counts = [
            "fold-0": ClassCounts(classes: ["0": 4, "1": 1]), "fold-1": ClassCounts(classes: ["0": 6, "1": 1]),
            "fold-2": ClassCounts(classes: ["0": 1, "1": 9, "2": 5]),
        ]
        let stored = RoundBalance.classWeights(.balanced, counts: counts)
        let round: JSONValue = ["0": ["count": 10, "weight": 0.6], "1": ["count": 2, "weight": 3]]
        #expect(stored["held_out"]?["fold-2"]?["classes"] == round)
        #expect(stored["fold"] == .null)
        let read = RoundBalance.classWeights(stored, trainedOn: ["fold-0", "fold-1"])
        #expect(read == ["kind": "balanced", "fold": "fold-0+fold-1", "classes": round])
        // As a set with a training fold has it: nothing to derive.
        #expect(RoundBalance.classWeights(["kind": "balanced", "fold": "train"], trainedOn: ["train"]) == nil)
    }

    @Test func `label weights are kept by domain`() {
        let counts = [
            "a": ClassCounts(domains: ["x": ["negative": 3, "positive": 1], "y": ["negative": 4, "positive": 0]]),
            "b": ClassCounts(domains: ["x": ["negative": 3, "positive": 1], "y": ["negative": 4, "positive": 0]]),
            "c": ClassCounts(domains: ["x": ["negative": 0, "positive": 9], "y": ["negative": 0, "positive": 9]]),
        ]
        let round = RoundBalance.classWeights(.sqrt, counts: counts)["held_out"]?["c"]?["domains"]
        #expect(round?["x"]?["positive"]?["count"] == 2)
        #expect(round?["x"]?["positive"]?["weight"]?.number == (8.0 / 4).squareRoot())
        #expect(round?["y"]?["positive"]?["weight"] == .null)
    }

    @Test func `a plan has the class of each sample, and times of the folds that are trained on`() {
        let counts = [
            "a": ClassCounts(classes: ["negative": 2, "positive": 1]), "b": ClassCounts(classes: ["negative": 5]),
            "c": ClassCounts(classes: ["positive": 2]),
        ]
        let classes = ["negative", "positive", "negative"]
        let plan = RoundBalance.samplingPlan(.balanced, counts: counts, classes: classes)
        let expected: JSONValue = ["names": ["negative", "positive"], "samples": [0, 1, 0]]
        #expect(plan["sample_classes"] == expected)
        // 7 to 1, and 5 to 2: halves go up.
        #expect(plan["held_out"]?["c"]?["positive"] == ["count": 1, "times": 7])
        #expect(RoundBalance.times(plan, trainedOn: ["b", "c"]) == ["negative": 1, "positive": 3])
        #expect(RoundBalance.times(plan, trainedOn: ["b"]) == ["negative": 1])
        let threefold = RoundBalance.samplingPlan(.times(3), counts: counts, classes: classes)
        #expect(RoundBalance.times(threefold, trainedOn: ["a"]) == ["positive": 3])
        #expect(RoundBalance.times(["kind": "3", "repeats": []], trainedOn: ["a"]) == nil)
    }

    /// The form of docs/formats.md, "Training sets", for a set whose training folds are b and c.
    @Test func `a plan of a round names the samples that repeat, of the folds that are trained on alone`() {
        let counts = [
            "a": ClassCounts(classes: ["negative": 2, "positive": 1]), "b": ClassCounts(classes: ["negative": 2]),
            "c": ClassCounts(classes: ["positive": 1]),
        ]
        let classes = ["negative", "positive", "negative", "negative", "negative", "positive"]
        let plan = RoundBalance.samplingPlan(.balanced, counts: counts, classes: classes)
        // Samples 0 to 2 are of a, 3 and 4 of b, 5 of c: 2 to 1.
        let expected: JSONValue = [
            "kind": "balanced", "fold": "b+c", "repeats": [[5, 2]],
            "classes": ["negative": ["count": 2, "times": 1], "positive": ["count": 1, "times": 2]],
        ]
        #expect(RoundBalance.samplingPlan(plan, trainedOn: ["b", "c"], samples: [3, 4, 5]) == expected)
        #expect(RoundBalance.samplingPlan(plan, trainedOn: ["b"], samples: [6]) == nil)
        #expect(RoundBalance.samplingPlan(["kind": "3", "repeats": []], trainedOn: ["a"], samples: []) == nil)
    }
}
