internal import Datasets

/// The assertions of a table, each with the row of the warehouse that it is about, or with what is missing.
struct PlacedLabels: Sendable {
    let assertions: LabelAssertions
    /// By index of the key in the assertions.
    private let answers: [LabelSubjects.Answer]

    /// Looks each subject up once.
    ///
    /// - Parameter reference: the series that rows without one speak of.
    init(
        _ assertions: LabelAssertions, within reference: SeriesReference?, in subjects: inout LabelSubjects
    ) async throws {
        var answers: [LabelSubjects.Answer] = []
        answers.reserveCapacity(assertions.keys.count)
        for key in assertions.keys { answers.append(try await subjects.subject(of: key.within(reference))) }
        self.assertions = assertions
        self.answers = answers
    }

    /// The subjects that are there.
    var subjects: some Sequence<LabelSubject> {
        answers.lazy.compactMap { if case .found(let subject) = $0 { subject } else { nil } }
    }

    func subject(of position: Int) -> LabelSubject? {
        if case .found(let subject) = answers[assertions.keyIndex(of: position)] { subject } else { nil }
    }

    /// The code of what is missing; `nil` where nothing is.
    func missing(at position: Int) -> String? {
        if case .missing(let reason) = answers[assertions.keyIndex(of: position)] { reason } else { nil }
    }

    func label(at position: Int) -> ResolvedLabel? {
        subject(of: position).map {
            ResolvedLabel(
                assertion: assertions[position], subject: $0, occurrence: assertions.occurrence(of: position))
        }
    }

    /// Positions of the assertions whose subject is there, in order.
    var foundPositions: [Int] { assertions.indices.filter { missing(at: $0) == nil } }

    /// Positions of the others.
    var missingPositions: [Int] { assertions.indices.filter { missing(at: $0) != nil } }
}
