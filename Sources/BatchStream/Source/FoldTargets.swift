internal import CanonicalJSON

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
    ///   (column, row, slice, radius in mm) are filled with NaN to the longest.
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
            (dimensions, width, names) = ([longest, 4], longest * 4, [])
            values = lists.flatMap { list in
                let numbers = list.flatMap { Array(($0 + [.nan, .nan, .nan, .nan]).prefix(4)) }
                return numbers + [Float](repeating: .nan, count: longest * 4 - numbers.count)
            }
        }
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
