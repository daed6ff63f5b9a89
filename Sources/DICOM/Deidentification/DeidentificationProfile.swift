/// Decides which attributes of a header may be stored where patients must not be recognised.
///
/// The Basic Application Level Confidentiality Profile (PS3.15 annex E) lists what to remove; this profile turns it
/// round and lists what to keep, so that an attribute nobody thought of is removed. Kept are the technical attributes
/// of `DeidentificationList`: image pixel, plane, acquisition numbers and codes, maker and model, sex. Removed are dates,
/// times, ages, names, identifiers, free text, institutions, stations, serial numbers, private groups, overlays, curves.
///
/// UIDs are kept, since labels join on them. Identity fields (Patient ID) are read by the caller before this. Pixels
/// are not looked at: text burned into them stays.
package struct DeidentificationProfile: Sendable {
    /// A header that passed, and what did not.
    package struct Outcome: Sendable, Equatable {
        package let header: DICOMHeader
        /// By tag path without item numbers ("00400275.00400007"): why, and in how many places.
        package let removed: [String: Removal]
    }

    package struct Removal: Sendable, Hashable {
        package let action: DeidentificationAction
        package let count: Int
    }

    /// What a value of each kept attribute may look like.
    private let kept: [DICOMTag: DeidentifiedShape]

    /// Keeps exactly these attributes, at any depth.
    package init(keeping kept: Set<DICOMTag>) {
        self.kept = Dictionary(uniqueKeysWithValues: kept.map { ($0, DeidentifiedShape(of: $0)) })
    }

    /// The list of `DeidentificationList`.
    package static let allowList = DeidentificationProfile(keeping: DeidentificationList.tags)

    package func apply(to header: DICOMHeader) -> Outcome {
        var removed: [String: Removal] = [:]
        let kept = filtered(header, path: "", removed: &removed)
        return Outcome(header: kept, removed: removed)
    }

    private func filtered(_ header: DICOMHeader, path: String, removed: inout [String: Removal]) -> DICOMHeader {
        var elements: [DICOMElement] = []
        for element in header.elements {
            let elementPath = path + element.tag.hexadecimal
            guard let shape = kept[element.tag], isHarmless(element, shape) else {
                let count = (removed[elementPath]?.count ?? 0) + 1
                removed[elementPath] = Removal(action: action(removing: element), count: count)
                continue
            }
            guard case .items(let items) = element.value else {
                elements.append(element)
                continue
            }
            // An item that loses everything stays as an empty one: its position is its meaning (frames).
            let passed = items.map { filtered($0, path: elementPath + ".", removed: &removed) }
            elements.append(DICOMElement(tag: element.tag, vr: element.vr, value: .items(passed)))
        }
        return DICOMHeader(elements: elements)
    }

    /// A listed attribute passes only in a shape that can hold no sentence: a listed tag under another value
    /// representation, text for a number, or a code string that is no code, was misused.
    private func isHarmless(_ element: DICOMElement, _ shape: DeidentifiedShape) -> Bool {
        switch element.vr {
        case .PN, .DA, .TM, .DT, .LT, .ST, .UT, .UC, .UR, .UN, .AE: false
        case .CS: shape.admits(element.value) && DeidentifiedShape.code.admits(element.value)
        default: shape.admits(element.value)
        }
    }

    /// A listed attribute is removed for its text, whatever it should hold.
    private func action(removing element: DICOMElement) -> DeidentificationAction {
        let action = DeidentificationAction(removing: element)
        return action == .removedUnlisted && kept[element.tag] != nil ? .removedText : action
    }
}
