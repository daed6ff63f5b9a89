package import Domains

/// The assertions of one label table in order of their rows; subjects, domains and texts are held once.
///
/// **Cost** 16 bytes an assertion, and what its subject and text take where they are new.
package struct LabelAssertions: Sendable, RandomAccessCollection {
    private struct Entry: BitwiseCopyable, Sendable {
        let key: UInt32
        /// 0 where the source has no rows.
        let row: UInt32
        let rawValue: UInt32
        let domain: UInt16
        var occurrence: UInt16 = 0
    }

    private var entries: [Entry] = []
    /// Whom or what the assertions are about, in the order in which they came.
    package private(set) var keys: [LabelKey] = []
    private var keyIndices: [LabelKey: UInt32] = [:]
    private var rawValues = Interned()
    private var domains = Interned()

    package init() {}

    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }

    package subscript(position: Int) -> LabelAssertion {
        let entry = entries[position]
        return LabelAssertion(
            key: keys[Int(entry.key)], domain: domains[entry.domain], rawValue: rawValues[entry.rawValue],
            row: row(of: position))
    }

    /// Index in `keys` of the subject of an assertion.
    package func keyIndex(of position: Int) -> Int { Int(entries[position].key) }

    package func domain(of position: Int) -> String { domains[entries[position].domain] }

    package func rawValue(of position: Int) -> String { rawValues[entries[position].rawValue] }

    /// Row of the file; `nil` where the source has no rows.
    package func row(of position: Int) -> Int? { entries[position].row == 0 ? nil : Int(entries[position].row) }

    /// 0, or 1, 2, … for another answer to a question that was answered before; see `settleRepetitions`.
    package func occurrence(of position: Int) -> Int { Int(entries[position].occurrence) }

    package mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

    package mutating func append(_ key: LabelKey, domain: String, rawValue: String, row: Int) {
        entries.append(
            Entry(
                key: index(of: key), row: UInt32(clamping: row), rawValue: rawValues.index(of: rawValue),
                domain: UInt16(domains.index(of: domain))))
    }

    /// Domains that some row answers, but for these rows.
    package func domainNames(outside rows: Set<Int>) -> Set<String> {
        var indices: Set<UInt16> = []
        for entry in entries where rows.isEmpty || !rows.contains(Int(entry.row)) { indices.insert(entry.domain) }
        return Set(indices.map { domains[$0] })
    }

    /// Leaves out what is neither of these rows nor of these domains.
    package mutating func keep(rows: Set<Int>, domains names: Set<String> = []) {
        let domains = self.domains
        entries.removeAll { !rows.contains(Int($0.row)) && !names.contains(domains[$0.domain]) }
    }

    // MARK: Repetitions

    /// Leaves out what is said again, and numbers other answers to the same question about the same subject.
    ///
    /// - Parameter rows: rows that could not be read when the others were stored: these keep their numbers.
    package mutating func settleRepetitions(late rows: Set<Int> = []) -> (repeated: Int, contradictions: Int) {
        var repeated: Set<Int> = []
        var contradictions = 0
        var seen: [UInt64: UInt16] = [:]
        var open: UInt32?
        for position in positionsByKey(late: rows) {
            let entry = entries[position]
            if entry.key != open {
                seen.removeAll(keepingCapacity: true)
                open = entry.key
            }
            // The answers to a question are counted where no raw value can be.
            let question = UInt64(entry.domain) << 32 | UInt64(UInt32.max)
            let answer = UInt64(entry.domain) << 32 | UInt64(entry.rawValue)
            guard seen.updateValue(0, forKey: answer) == nil else {
                repeated.insert(position)
                continue
            }
            let count = seen[question, default: 0]
            if count > 0 { contradictions += 1 }
            entries[position].occurrence = count
            seen[question] = count &+ 1
        }
        if !repeated.isEmpty { leaveOut(repeated) }
        return (repeated.count, contradictions)
    }

    /// How many questions have answers of which the rules of their domains make different things; two spellings of one
    /// answer are none, nor is a blank beside an answer. Asked after `settleRepetitions`.
    package func contradictionCount(under rulesets: [String: Ruleset]) -> Int {
        func question(_ entry: Entry) -> UInt64 { UInt64(entry.key) << 16 | UInt64(entry.domain) }
        let repeated = Set(entries.lazy.filter { $0.occurrence > 0 }.map(question))
        guard !repeated.isEmpty else { return 0 }
        var cleaners = rulesets.mapValues { Cleaner($0) }
        var answers: [UInt64: Set<Answer>] = [:]
        for entry in entries where repeated.contains(question(entry)) {
            guard let result = cleaners[domains[entry.domain]]?.clean(rawValues[entry.rawValue]),
                result.status == .clean || result.status == .quarantined
            else { continue }
            answers[question(entry), default: []].insert(Answer(result))
        }
        return answers.values.count { $0.count > 1 }
    }

    /// What rules make of an answer, in whatever order its values stand.
    private struct Answer: Hashable {
        let status: CleanResult.Status
        let values: Set<CleanValue.Content>

        init(_ result: CleanResult) {
            status = result.status
            values = Set(result.values.map(\.content))
        }
    }

    /// All positions, those of one subject together and in their order, late rows last. Tables mostly are so by
    /// themselves.
    private func positionsByKey(late rows: Set<Int>) -> [Int] {
        func order(_ position: Int) -> (UInt32, Int, Int) {
            (entries[position].key, rows.contains(Int(entries[position].row)) ? 1 : 0, position)
        }
        let isInOrder = rows.isEmpty && zip(entries, entries.dropFirst()).allSatisfy { $0.key <= $1.key }
        return isInOrder ? Array(entries.indices) : entries.indices.sorted { order($0) < order($1) }
    }

    private mutating func leaveOut(_ positions: Set<Int>) {
        entries = entries.indices.lazy.filter { !positions.contains($0) }.map { entries[$0] }
    }

    // MARK: Interning

    private mutating func index(of key: LabelKey) -> UInt32 {
        if let last = keys.last, last == key { return UInt32(keys.count - 1) }
        if let known = keyIndices[key] { return known }
        let index = UInt32(keys.count)
        keys.append(key)
        keyIndices[key] = index
        return index
    }

    private struct Interned: Sendable {
        private var texts: [String] = []
        private var indices: [String: UInt32] = [:]

        subscript(index: some BinaryInteger) -> String { texts[Int(index)] }

        mutating func index(of text: String) -> UInt32 {
            if let known = indices[text] { return known }
            let index = UInt32(texts.count)
            texts.append(text)
            indices[text] = index
            return index
        }
    }
}
