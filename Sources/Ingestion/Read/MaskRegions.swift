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
