internal import CDCMTK

/// DCMTK's data dictionary (PS3.6): tag, keyword and value representation of the standard attributes.
package enum DICOMDictionary {
    package struct Entry: Sendable, Equatable {
        package let tag: DICOMTag
        package let keyword: String
        package let vr: DICOMVR
    }

    /// DCMTK marks the keywords of retired attributes so; PS3.6 does not.
    private static let retiredPrefix = "RETIRED_"

    /// False when DCMTK's dictionary file is not installed; then implicit VR cannot be read.
    package static var isLoaded: Bool { cdcmtk_dictionary_is_loaded() }

    package static func entry(for tag: DICOMTag) -> Entry? {
        var vr = [CChar](repeating: 0, count: 3)
        var keyword = [CChar](repeating: 0, count: 65)
        guard unsafe cdcmtk_dictionary_find_tag(tag.group, tag.element, &vr, &keyword) else { return nil }
        guard let known = DICOMVR(rawValue: text(vr)) else { return nil }
        let name = text(keyword)
        let isRetired = name.hasPrefix(retiredPrefix)
        return Entry(tag: tag, keyword: isRetired ? String(name.dropFirst(retiredPrefix.count)) : name, vr: known)
    }

    /// The value representation in implicit VR; `nil` for attributes that no dictionary lists.
    ///
    /// - Parameter creator: the private creator of the tag's block.
    static func vr(of tag: DICOMTag, creator: String?, pixelsAreSigned: Bool) -> DICOMVR? {
        var vr = [CChar](repeating: 0, count: 3)
        let isListed =
            if let creator {
                unsafe cdcmtk_dictionary_find_vr(tag.group, tag.element, creator, &vr)
            } else {
                unsafe cdcmtk_dictionary_find_vr(tag.group, tag.element, nil, &vr)
            }
        guard isListed else { return nil }
        let name = text(vr)
        return name == "xs" ? pixelsAreSigned ? .SS : .US : DICOMVR(rawValue: name)
    }

    package static func keyword(of tag: DICOMTag) -> String? { entry(for: tag)?.keyword }

    package static func tag(of keyword: String) -> DICOMTag? {
        var group: UInt16 = 0
        var element: UInt16 = 0
        for name in [keyword, retiredPrefix + keyword]
        where unsafe cdcmtk_dictionary_find_keyword(name, &group, &element) {
            return DICOMTag(group, element)
        }
        return nil
    }

    /// The registered name of a SOP class, transfer syntax or other well-known UID.
    package static func name(ofUID uid: String) -> String? {
        var name = [CChar](repeating: 0, count: 128)
        guard unsafe cdcmtk_find_uid_name(uid, &name, name.count) else { return nil }
        return text(name)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
