/// Why an attribute did not pass, by what it could reveal.
package enum DeidentificationAction: String, Sendable, CaseIterable {
    /// Odd groups: their content is known to the vendor only.
    case removedPrivate = "removed_private"
    /// Overlays (60xx) and curves (50xx): they may draw text.
    case removedGraphics = "removed_graphics"
    case removedDate = "removed_date"
    case removedName = "removed_name"
    case removedText = "removed_text"
    case removedSequence = "removed_sequence"
    /// Everything else that the list does not name.
    case removedUnlisted = "removed_unlisted"

    init(removing element: DICOMElement) {
        self =
            switch (element.tag.group, element.vr) {
            case (let group, _) where group & 1 == 1: .removedPrivate
            case (0x5000...0x50FF, _), (0x6000...0x60FF, _): .removedGraphics
            case (_, .DA), (_, .TM), (_, .DT), (_, .AS): .removedDate
            case (_, .PN): .removedName
            case (_, .SQ): .removedSequence
            case (_, .LO), (_, .SH), (_, .ST), (_, .LT), (_, .UT), (_, .UC), (_, .UR), (_, .AE), (_, .CS): .removedText
            default: .removedUnlisted
            }
    }
}
