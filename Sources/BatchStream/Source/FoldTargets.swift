internal import CanonicalJSON
internal import Imaging

/// What is to be learnt of each sample besides masks, as float32.
struct FoldTargets: Sendable {
    /// Of one sample; empty for a number.
    let dimensions: [Int]
    /// Numbers of one sample; 0 where the set has no such target.
    let width: Int
    let values: [Float]
    /// One per number of a vector of labels.
    let names: [String]

    /// - Parameter texts: JSON of `training_sample.target`, one per sample. An unknown label is NaN; lists of spheres
    ///   (``SampleSphere/numbers``) are filled with NaN to the longest.
    init(kind: TrainingSetInfo.TargetKind, texts: [String?], set: TrainingSetInfo) throws {
        switch kind {
        case .none, .mask: (dimensions, width, values, names) = ([], 0, [], [])
        case .grade:
            (dimensions, width, names) = ([], 1, [])
            values = try texts.map { Self.number(try Self.json($0)) }
        case .labels:
            names = set.parameters["target"]?["domains"]?.array?.compactMap(\.string) ?? []
            let vectors = try texts.map { try Self.json($0)?.array?.map(Self.number) ?? [] }
            let width = vectors.first?.count ?? 0
            guard vectors.allSatisfy({ $0.count == width }) else {
                throw StreamError.unusable(set.title, "its samples have label vectors of several lengths")
            }
            (dimensions, self.width, values) = ([width], width, vectors.flatMap(\.self))
        case .spheres:
            let lists = try texts.map { try Self.json($0)?.array?.map { $0.array?.map(Self.number) ?? [] } ?? [] }
            let longest = max(1, lists.map(\.count).max() ?? 1)
            let count = SampleSphere.numberCount
            guard lists.allSatisfy({ $0.allSatisfy { $0.count == count } }) else {
                throw StreamError.unusable(set.title, "its spheres have a form that this version does not know")
            }
            (dimensions, width, names) = ([longest, count], longest * count, [])
            values = lists.flatMap { Self.filled($0.flatMap(\.self), to: longest * count) }
        }
    }

    /// The spheres of a sample that still reach into it once an augmentation has moved them, in order, filled with NaN.
    ///
    /// - Parameter sides: Of a sample: slices, rows, columns.
    func spheres(of index: Int, changedBy change: SampleChange, sides: SIMD3<Double>) -> [Float] {
        let own = values[index * width..<(index + 1) * width].map { Double($0) }
        let spheres = stride(from: 0, to: width, by: SampleSphere.numberCount).compactMap { first in
            SampleSphere(numbers: Array(own[first..<first + SampleSphere.numberCount]))?
                .changed(by: change, sides: sides)
        }
        let numbers = spheres.filter { $0.reaches(into: sides) }.flatMap(\.numbers).map { Float($0) }
        return Self.filled(numbers, to: width)
    }

    private static func filled(_ numbers: [Float], to width: Int) -> [Float] {
        numbers + [Float](repeating: .nan, count: width - numbers.count)
    }

    private static func json(_ text: String?) throws -> JSONValue? { try text.map { try JSONValue(parsing: $0) } }

    private static func number(_ value: JSONValue?) -> Float {
        switch value {
        case .number(let number): Float(number)
        case .boolean(let flag): flag ? 1 : 0
        default: .nan
        }
    }
}
