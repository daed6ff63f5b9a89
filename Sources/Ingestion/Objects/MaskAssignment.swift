internal import CanonicalJSON

/// What `--masks-for` says: volume files of the run are masks of a stored series.
package struct MaskAssignment: Sendable {
    /// Series Instance UID or id.
    package let series: String
    /// What all values mark, where they are not named one by one.
    package let target: String
    /// What a value marks.
    package let targets: [Int: String]
    /// Key of who made the masks; `nil` where that is not known.
    package let reader: String?

    /// - Parameter targets: `NAME`, or `NAME=VALUE` once for each value.
    ///
    /// **Throws** `badOption`.
    package init(series: String, targets: [String], reader: String?) throws {
        self.series = series
        var named: [Int: String] = [:]
        var single: String?
        for text in targets {
            guard let sign = text.lastIndex(of: "=") else {
                guard single == nil else { throw Self.bad("it is given twice; name the value too, as in liver=1") }
                single = text
                continue
            }
            let name = String(text[..<sign])
            guard let value = Int(text[text.index(after: sign)...]), value > 0, !name.isEmpty else {
                throw Self.bad("\(text) is not NAME=VALUE with a whole number above 0")
            }
            guard named.updateValue(name, forKey: value) == nil else { throw Self.bad("value \(value) has two names") }
        }
        self.targets = named
        target = single ?? "mask"
        self.reader = reader
    }

    private static func bad(_ reason: String) -> IngestionError {
        IngestionError(code: .badOption, subject: "--target", reason: reason)
    }

    /// `series.mask_rule`: all that is needed to mark the images from the stored grey levels.
    func rule(on imageSeriesID: Int64) -> JSONValue {
        [
            "source": "volume_mask", "image_series": .string(String(imageSeriesID)), "target": .string(target),
            "targets": .object(Dictionary(uniqueKeysWithValues: targets.map { (String($0.key), .string($0.value)) })),
            "reader": reader.map(JSONValue.string) ?? .null, "rule": "value",
        ]
    }

    /// What a value marks, by the rule of a stored mask.
    static func name(of value: Int, of several: Bool, in rule: JSONValue) -> String {
        if let name = rule["targets"]?[String(value)]?.string { return name }
        let target = rule["target"]?.string ?? "mask"
        return several ? "\(target) \(value)" : target
    }
}
