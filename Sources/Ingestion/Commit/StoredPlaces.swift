internal import CanonicalJSON
internal import DICOM
internal import Imaging

/// Where stored slices lie, from their DICOM JSON and by the same reading of a header that new files get.
///
/// The frames of one file share a header, so what was read of one is kept for the others.
struct StoredPlaces {
    struct Place {
        let plane: SlicePlane?
        let sliceLocation: Double?
    }

    /// Attributes that say where a slice or frame lies; sequences are taken with all they hold.
    private static let tags = [
        "00200032", "00200037", "00201041", "00280030", "3004000C", "52009229", "52009230",
    ]

    private var headers: [[String?]: DICOMHeader] = [:]

    private var functionalGroups: [[String?]: FunctionalGroups] = [:]

    /// The functional groups of a header.
    mutating func groups(header: HeaderAccumulator.Header) -> FunctionalGroups {
        let key = [header["52009229"], header["52009230"]]
        let groups = functionalGroups[key] ?? FunctionalGroups(header: header)
        functionalGroups[key] = groups
        return groups
    }

    /// - Parameter frame: 0-based.
    mutating func place(header: HeaderAccumulator.Header, frame: Int) -> Place {
        let fragments = Self.tags.map { header[$0] }
        let read = headers[fragments] ?? Self.header(zip(Self.tags, fragments))
        headers[fragments] = read
        return Place(
            plane: read.plane(frame: frame),
            sliceLocation: read.sliceLocation.flatMap { $0.isFinite ? $0 : nil })
    }

    private static func header(_ fragments: some Sequence<(String, String?)>) -> DICOMHeader {
        DICOMHeader(
            elements: fragments.compactMap { tag, fragment in
                fragment.flatMap { try? JSONValue(parsing: $0) }.flatMap { element(tag, $0) }
            })
    }

    /// An attribute of DICOM JSON; `nil` for those that hold bytes, which no place needs.
    private static func element(_ tag: String, _ attribute: JSONValue) -> DICOMElement? {
        guard let number = UInt32(tag, radix: 16), let vr = attribute["vr"]?.string.flatMap(DICOMVR.init(rawValue:)),
            let values = attribute["Value"]?.array
        else { return nil }
        let value: DICOMValue =
            if vr == .SQ {
                .items(
                    values.map { item in
                        DICOMHeader(elements: (item.object ?? [:]).compactMap { element($0.key, $0.value) })
                    })
            } else if values.allSatisfy({ $0.number != nil }) {
                .reals(values.compactMap(\.number))
            } else {
                .strings(values.map { $0.string ?? "" })
            }
        return DICOMElement(
            tag: DICOMTag(UInt16(number >> 16), UInt16(number & 0xFFFF)), vr: vr, value: value)
    }
}
