/// What differs between the rows of a training set and what its query gives today.
struct TargetComparison {
    private let frozen: FrozenRows
    private let today: [SampleKey: SampleToday]
    /// Whether targets are made of the marks on the slices.
    private let isOfMarks: Bool
    /// Keys that the query chose then and not today.
    private let gone: [SampleKey]
    /// Keys that it chooses today and did not then.
    private let new: [SampleKey]
    /// What the samples that are gone would teach; nil where none is, or there is nothing to learn.
    var frozenToday: FrozenTargetsToday?
    /// ``TargetIdentity/content`` as it was frozen, by sample number, of those whose digest is another today.
    var contents: [Int: [UInt8]] = [:]

    init(_ frozen: FrozenRows, with today: [DraftSample], isOfMarks: Bool) {
        let samples = Dictionary(
            today.map { ($0.key, SampleToday($0)) }, uniquingKeysWith: { first, _ in first })
        self.frozen = frozen
        self.today = samples
        self.isOfMarks = isOfMarks
        gone = frozen.samples.keys.filter { samples[$0] == nil }
        new = samples.keys.filter { frozen.samples[$0] == nil }
    }

    // MARK: Samples that come and go

    var hasGone: Bool { !gone.isEmpty }

    /// Samples that are gone, without those that another annotation at their place replaces.
    var leaverCount: Int { Self.surplus(of: gone, over: new) }

    /// Samples that are new, without those that replace one at their place.
    var joinerCount: Int { Self.surplus(of: new, over: gone) }

    private static func surplus(of keys: [SampleKey], over others: [SampleKey]) -> Int {
        var counts: [SampleKey.Site: Int] = [:]
        for key in keys { counts[key.site, default: 0] += 1 }
        for key in others { counts[key.site, default: 0] -= 1 }
        return counts.values.reduce(0) { $0 + max(0, $1) }
    }

    /// Samples whose slices are what they were, but would be others if they were chosen today.
    var grownCount: Int {
        let changed = frozen.changedPixels.union(frozen.changedLists)
        return today.count { key, sample in
            frozen.samples[key].map { $0.pixelDigest != sample.pixelDigest && !changed.contains($0.number) } ?? false
        }
    }

    // MARK: What they teach

    /// Numbers of the samples that would teach otherwise today.
    var changed: [Int] { (changedStayers + changedLeavers).compactMap { frozen.samples[$0]?.number }.sorted() }

    /// Samples that teach what earlier versions would have frozen.
    var earlierCount: Int {
        today.count { key, sample in
            guard let then = frozen.samples[key], let earlier = sample.earlier else { return false }
            return !isFrozen(sample.target, as: then) && isFrozen(earlier, as: then)
        }
    }

    private var changedStayers: [SampleKey] {
        frozen.samples.keys.filter { key in today[key].map { !teachesTheSame($0, as: key) } ?? false }
    }

    /// A sample that is gone is what it was where one of those that came to its place teaches the same, or it would
    /// itself.
    private var changedLeavers: [SampleKey] {
        var replacements = Dictionary(grouping: new, by: \.site)
        return gone.filter { key in
            let same = replacements[key.site]?.firstIndex { teachesTheSame(today[$0], as: key) }
            guard let same else { return isChanged(key) }
            replacements[key.site]?.remove(at: same)
            return false
        }
    }

    private func isChanged(_ key: SampleKey) -> Bool {
        guard let now = frozenToday?[key], let pixels = frozen.samples[key]?.pixelDigest else { return false }
        // Marks of slices that a series got later are not those of the sample.
        switch now {
        case .sample(let now): return (!isOfMarks || now.pixelDigest == pixels) && !teachesTheSame(now, as: key)
        case .targetless(let now): return now.why != .maskUnplaced || now.pixelDigest == pixels
        }
    }

    private func teachesTheSame(_ now: SampleToday?, as key: SampleKey) -> Bool {
        guard let now, let then = frozen.samples[key] else { return false }
        return isFrozen(now.target, as: then) || now.earlier.map { isFrozen($0, as: then) } ?? false
    }

    /// Whether a target is that of a sample, be it in another order.
    private func isFrozen(_ target: TargetIdentity?, as then: FrozenRows.Sample) -> Bool {
        guard let target else { return then.targetDigest == nil }
        return target.digest == then.targetDigest || target.content == contents[then.number]
    }
}
