/// Splits the headers of a series into what all slices share and what differs, as the slices go by.
///
/// **Cost** memory is the first header plus, for each later slice, the attributes in which it differs.
struct HeaderAccumulator: Sendable {
    /// Fragments of one header: canonical DICOM JSON by tag.
    typealias Header = [String: String]

    private var first: Header = [:]
    private var differing: Set<String> = []
    private var slices: [(key: Int64, differences: [String: String?])] = []

    /// True while every header so far was empty.
    private(set) var isEmpty = true

    /// Adds the header of a slice. The first one is what the others are compared with.
    mutating func add(_ header: Header, of sliceID: Int64) {
        if !header.isEmpty { isEmpty = false }
        guard !slices.isEmpty else {
            first = header
            slices.append((sliceID, [:]))
            return
        }
        var differences: [String: String?] = [:]
        for (tag, fragment) in header where first[tag] != fragment { differences[tag] = .some(fragment) }
        for tag in first.keys where header[tag] == nil { differences[tag] = .some(nil) }
        differing.formUnion(differences.keys)
        slices.append((sliceID, differences))
    }

    /// What all slices share.
    var common: Header { first.filter { !differing.contains($0.key) } }

    /// What is particular to each slice: every attribute that is not common, in the order in which slices were added.
    var particular: [(sliceID: Int64, header: Header)] {
        slices.map { slice in
            var header: Header = [:]
            for tag in differing {
                if let difference = slice.differences[tag] {
                    if let fragment = difference { header[tag] = fragment }
                } else if let fragment = first[tag] {
                    header[tag] = fragment
                }
            }
            return (slice.key, header)
        }
    }

    /// A header as one canonical JSON object (RFC 8785 orders members by name).
    static func json(_ header: Header) -> String {
        "{" + header.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}
