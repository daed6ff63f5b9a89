/// A data set without its pixels: attributes in ascending order of tag, sequences nested.
package struct DICOMHeader: Sendable, Equatable {
    /// Ascending by tag, each tag once.
    package let elements: [DICOMElement]

    /// Takes attributes in any order; of two with one tag the later counts.
    package init(elements: [DICOMElement]) {
        let isAscending = zip(elements, elements.dropFirst()).allSatisfy { $0.tag < $1.tag }
        self.elements = isAscending ? elements : Self.sorted(elements)
    }

    package static let empty = DICOMHeader(elements: [])

    package var isEmpty: Bool { elements.isEmpty }

    package subscript(tag: DICOMTag) -> DICOMElement? {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low < elements.count && elements[low].tag == tag ? elements[low] : nil
    }

    private static func sorted(_ elements: [DICOMElement]) -> [DICOMElement] {
        var last: [DICOMTag: DICOMElement] = [:]
        for element in elements { last[element.tag] = element }
        return last.values.sorted { $0.tag < $1.tag }
    }
}

/// Values by tag. Absent, empty and unreadable values are all `nil`; a caller that must tell them apart looks at the
/// element.
extension DICOMHeader {
    /// All text values, padding removed on both sides.
    package func strings(_ tag: DICOMTag) -> [String]? {
        guard case .strings(let values)? = self[tag]?.value else { return nil }
        return values.map { DICOMText.trimmed($0) }
    }

    /// The first text value, unless it is blank.
    package func string(_ tag: DICOMTag) -> String? {
        guard let first = strings(tag)?.first, !first.isEmpty else { return nil }
        return first
    }

    /// The first value as an integer, from a binary VR or from IS.
    package func integer(_ tag: DICOMTag) -> Int? {
        switch self[tag]?.value {
        case .signed(let values): values.first.map { Int($0) }
        case .unsigned(let values): values.first.flatMap { Int(exactly: $0) }
        case .reals(let values): values.first.flatMap { Int(exactly: $0) }
        case .strings(let values): values.first.flatMap { DICOMText.integer($0) }
        default: nil
        }
    }

    /// All values as doubles, from a binary VR or from DS and IS; `nil` when one of them is not a number.
    package func decimals(_ tag: DICOMTag) -> [Double]? {
        switch self[tag]?.value {
        case .signed(let values): return values.map { Double($0) }
        case .unsigned(let values): return values.map { Double($0) }
        case .reals(let values): return values
        case .strings(let values):
            let numbers = values.compactMap { DICOMText.decimal($0) }
            return numbers.count == values.count ? numbers : nil
        default: return nil
        }
    }

    package func decimal(_ tag: DICOMTag) -> Double? {
        guard case .strings(let values)? = self[tag]?.value else { return decimals(tag)?.first }
        return values.first.flatMap { DICOMText.decimal($0) }
    }

    /// The items of a sequence; empty when it is absent.
    package func items(_ tag: DICOMTag) -> [DICOMHeader] {
        guard case .items(let items)? = self[tag]?.value else { return [] }
        return items
    }
}
