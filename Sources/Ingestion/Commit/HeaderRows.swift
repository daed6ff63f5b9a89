internal import CanonicalJSON
internal import DICOM
internal import SQLInterface

/// The header rows of one series: common JSON, what differs per slice, and countable values.
struct HeaderRows: Sendable {
    let patientID: Int64
    let seriesID: Int64
    /// Slices that have the common attributes; 1 for an object.
    let sliceCount: Int

    static let seriesColumns = ["patient_id", "series_id", "header"]
    static let sliceColumns = ["patient_id", "slice_id", "header"]
    static let valueColumns = [
        "patient_id", "series_id", "path", "value_ordinal", "value_class", "value", "slice_count",
    ]
    static let sliceValueColumns = [
        "patient_id", "series_id", "slice_id", "path", "value_ordinal", "value_class", "value",
    ]
    static let removedColumns = ["patient_id", "series_id", "path", "action", "removed_count"]

    func seriesRow(_ header: HeaderAccumulator.Header) -> [SQLValue] {
        [.integer(patientID), .integer(seriesID), .text(HeaderAccumulator.json(header))]
    }

    func sliceRows(_ particular: [(sliceID: Int64, header: HeaderAccumulator.Header)]) -> [[SQLValue]] {
        particular.filter { !$0.header.isEmpty }.map {
            [.integer(patientID), .integer($0.sliceID), .text(HeaderAccumulator.json($0.header))]
        }
    }

    /// One row per path and distinct value below it.
    func valueRows(_ common: HeaderAccumulator.Header) -> [[SQLValue]] {
        values(in: common).map { path, ordinal, value in
            [
                .integer(patientID), .integer(seriesID), .text(path), .integer(Int64(ordinal)),
                .text(value.kind.rawValue), SQLValue(value.text), .integer(Int64(sliceCount)),
            ]
        }
    }

    /// The same for what is particular to each slice.
    func sliceValueRows(_ particular: [(sliceID: Int64, header: HeaderAccumulator.Header)]) -> [[SQLValue]] {
        particular.flatMap { sliceID, header in
            values(in: header).map { path, ordinal, value in
                [
                    .integer(patientID), .integer(seriesID), .integer(sliceID), .text(path), .integer(Int64(ordinal)),
                    .text(value.kind.rawValue), SQLValue(value.text),
                ]
            }
        }
    }

    private func values(
        in header: HeaderAccumulator.Header
    ) -> [(path: String, ordinal: Int, value: HeaderValue)] {
        var values: [String: Set<HeaderValue>] = [:]
        for (tag, fragment) in header {
            // Our own canonical text always parses.
            guard let attribute = try? JSONValue(parsing: fragment) else { continue }
            HeaderValue.collect(attribute, path: tag, into: &values)
        }
        return values.sorted { $0.key < $1.key }.flatMap { path, found in
            found.sorted().enumerated().map { (path, $0.offset, $0.element) }
        }
    }

    func removedRows(_ removed: [RemovedPath: Int]) -> [[SQLValue]] {
        removed.sorted { ($0.key.path, $0.key.action) < ($1.key.path, $1.key.action) }.map { key, count in
            [
                .integer(patientID), .integer(seriesID), .text(key.path), .text(key.action), .integer(Int64(count)),
            ]
        }
    }
}

/// An attribute the allow-list touched, and how.
struct RemovedPath: Sendable, Hashable {
    let path: String
    let action: String
}

/// One countable value of a header attribute.
struct HeaderValue: Sendable, Hashable, Comparable {
    enum Kind: String, Sendable { case value, multi, empty }
    let kind: Kind
    let text: String?

    static func < (left: HeaderValue, right: HeaderValue) -> Bool {
        (left.kind.rawValue, left.text ?? "") < (right.kind.rawValue, right.text ?? "")
    }

    /// Path of what stands for an item without attributes: the tag of items, (FFFE,E000). Without it a sequence of such
    /// items would be nowhere.
    private static let emptyItem = ".FFFEE000"

    /// Values at and below one attribute in DICOM JSON; items of a sequence share a path, so that their values are
    /// counted together.
    static func collect(_ attribute: JSONValue, path: String, into values: inout [String: Set<HeaderValue>]) {
        guard let list = attribute["Value"]?.array, !list.isEmpty else {
            let binary = attribute["InlineBinary"] ?? attribute["slicehouseSHA256"]
            values[path, default: []].insert(
                binary.map { HeaderValue(kind: .value, text: Self.text($0)) } ?? HeaderValue(kind: .empty, text: nil))
            return
        }
        if attribute["vr"]?.string == "SQ" {
            for item in list {
                let members = item.object ?? [:]
                for (tag, nested) in members { collect(nested, path: path + "." + tag, into: &values) }
                guard members.isEmpty else { continue }
                values[path + emptyItem, default: []].insert(HeaderValue(kind: .empty, text: nil))
            }
            return
        }
        // PS3.5 6.2: spaces around decimal and integer strings say nothing.
        let isNumber = ["DS", "IS"].contains(attribute["vr"]?.string)
        let texts = list.map(Self.text)
        let text = (isNumber ? texts.map { String($0.trimmingSpaces()) } : texts).joined(separator: "\\")
        let isEmpty = list.allSatisfy { $0 == .null }
        values[path, default: []].insert(
            isEmpty
                ? HeaderValue(kind: .empty, text: nil) : HeaderValue(kind: list.count > 1 ? .multi : .value, text: text)
        )
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let string): string
        case .null: ""
        case .object: DICOMElement.personName(value)
        default: value.text
        }
    }
}
