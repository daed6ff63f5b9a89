internal import CanonicalJSON
internal import Imaging

/// `series.mask_rule`: how the grey levels of a mask series become marks, as JSON.
struct MaskRuleText: Sendable {
    let json: String

    init(threshold: MaskThreshold) {
        let value: JSONValue = ["rule": .string(threshold.rule.description)]
        json = value.text
    }
}
