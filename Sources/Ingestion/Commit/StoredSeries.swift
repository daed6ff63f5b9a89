internal import PixelCodec

/// What the warehouse already holds of one series: its variants and, in each, which place shows which pixels.
struct StoredSeries: Sendable {
    struct Variant: Sendable {
        let seriesID: Int64
        let revision: Int
        let facts: SeriesFacts
        /// The series knows the image that it is another rendering or a mask of.
        let isTied: Bool
        var slices: [String: StoredSlice]
    }
    struct StoredSlice: Sendable {
        let sliceID: Int64
        let digest: [UInt8]
    }
    /// Variant 0 is the first that came; the others conflict with it.
    var variants: [Int: Variant] = [:]
}

/// Decides for each slice of a series whether it is new, known, or in conflict with what came before.
///
/// Identity is content: the same place with the same pixels is known; the same place with other pixels keeps both, in
/// a new variant; a new place makes the series grow. Decisions depend on the order of the slices alone.
struct SeriesMerger: Sendable {
    enum Decision: Sendable, Equatable {
        case known(variant: Int)
        case new(variant: Int)
    }

    private var digests: [Int: [String: [UInt8]]]

    init(stored: StoredSeries) {
        digests = stored.variants.mapValues { $0.slices.mapValues(\.digest) }
    }

    /// The variant a slice belongs to; a slice that is new is remembered.
    mutating func decide(mergeKey: String, digest: [UInt8]) -> Decision {
        var variant = 0
        while let here = digests[variant]?[mergeKey] {
            if here == digest { return .known(variant: variant) }
            variant += 1
        }
        // A later variant may hold these pixels even where an earlier one has no slice at this place.
        for (other, slices) in digests.sorted(by: { $0.key < $1.key }) where slices[mergeKey] == digest {
            return .known(variant: other)
        }
        digests[variant, default: [:]][mergeKey] = digest
        return .new(variant: variant)
    }
}
