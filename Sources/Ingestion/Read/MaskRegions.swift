internal import CanonicalJSON
internal import Datasets
internal import Imaging

/// The thresholds by which the grey levels of one mask source become marks, one a region.
struct MaskRegions: Sendable {
    private let thresholds: [(target: String, threshold: MaskThreshold)]

    /// - Parameters:
    ///   - formatRule: for regions without a rule of their own.
    ///   - frames: statistics of all frames of the source.
    init(
        _ plan: MaskPlan, formatRule: MaskRule, frames: [PixelStatistics], rescale: Rescale?
    ) throws(ImagingError) {
        var thresholds: [(target: String, threshold: MaskThreshold)] = []
        for region in plan.regions {
            let rule = region.rule ?? formatRule
            thresholds.append((region.target, try MaskThreshold(rule: rule, frames: frames, rescale: rescale)))
        }
        self.thresholds = thresholds
    }

    func marked(in buffer: PixelBuffer) throws(ImagingError) -> [MarkedRegion] {
        var regions: [MarkedRegion] = []
        for (target, threshold) in thresholds {
            let derived = try threshold.derive(from: buffer)
            regions.append(
                MarkedRegion(
                    target: target, mask: derived.mask, levelCount: derived.distinctLevelCount,
                    rule: threshold.rule.description, threshold: threshold.limit))
        }
        return regions
    }

    /// Values of voxels that no region lists and that are not the background 0, ascending: what they mean nobody said.
    ///
    /// Empty where a region marks by a threshold, which says something of all values. At most `valueLimit` and one more
    /// are looked for.
    func unlistedValues(in buffers: [PixelBuffer]) -> [Double] {
        guard thresholds.allSatisfy({ $0.threshold.isList }) else { return [] }
        var unlisted: Set<Double> = []
        for buffer in buffers {
            var last = Double.nan
            for stored in buffer.doubles() where stored != last {
                last = stored
                let values = thresholds.compactMap { $0.threshold.unlisted(stored: stored) }
                if values.count == thresholds.count, let value = values.first { unlisted.insert(value) }
                if unlisted.count > Self.valueLimit { return unlisted.sorted() }
            }
        }
        return unlisted.sorted()
    }

    static let valueLimit = 10

    /// The source has one level only.
    var isConstant: Bool { thresholds.allSatisfy(\.threshold.isConstant) }

    /// `series.mask_rule`: `rule` where there is one region, else `regions` with the rule of each.
    var json: String {
        let rules = thresholds.map { ($0.target, $0.threshold.rule.description) }
        let value: JSONValue =
            rules.count == 1
            ? ["rule": .string(rules[0].1)]
            : ["regions": .array(rules.map { ["target": .string($0.0), "rule": .string($0.1)] })]
        return value.text
    }
}
