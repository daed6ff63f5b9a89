internal import CanonicalJSON
internal import Datasets

/// Something that a mask draws and of which nothing has a place on the images, as the finding about it says: where
/// others read them, an image without it is no negative.
struct UnplacedMark: Sendable, Hashable {
    let target: String
    /// Key of who drew it.
    let reader: String
    /// As `annotation.kind` would say it.
    let kind: String

    /// `quality_finding.detail`: `{"marks": [{"kind", "reader", "target"}]}`, empty where something of everything has a
    /// place.
    static func detail(_ marks: Set<UnplacedMark>) -> JSONValue {
        guard !marks.isEmpty else { return [:] }
        let ordered = marks.sorted { ($0.target, $0.reader, $0.kind) < ($1.target, $1.reader, $1.kind) }
        return ["marks": .array(ordered.map(\.json))]
    }

    /// All that a mask of a data set draws.
    static func detail(_ plan: MaskPlan) -> JSONValue {
        detail(Set(plan.regions.map { UnplacedMark(target: $0.target, reader: plan.reader.key, kind: "mask") }))
    }

    private var json: JSONValue {
        ["kind": .string(kind), "reader": .string(reader), "target": .string(target)]
    }
}
