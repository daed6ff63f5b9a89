/// Applies a ruleset to many values, remembering what it has seen.
///
/// Data repeats itself: four million labels hold two distinct values. Results are those of `Ruleset.clean(_:)`.
///
/// **Cost** a hash and a comparison for a value seen before. At most `capacity` distinct values of at most 256 bytes
/// are remembered, so the memory is bounded whatever the data.
package struct Cleaner: Sendable {
    package let ruleset: Ruleset
    private let capacity: Int
    private var known: [RawText: CleanResult] = [:]

    package init(_ ruleset: Ruleset, capacity: Int = 4_096) {
        self.ruleset = ruleset
        self.capacity = capacity
    }

    package mutating func clean(_ raw: String?) -> CleanResult {
        guard let raw, raw.utf8.count <= 256 else { return ruleset.clean(raw) }
        let key = RawText(raw)
        if let result = known[key] { return result }
        let result = ruleset.clean(raw)
        if known.count < capacity { known[key] = result }
        return result
    }
}
