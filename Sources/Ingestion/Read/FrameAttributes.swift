internal import CanonicalJSON
internal import Imaging

/// What ordering needs to know of one frame, from its header as it is stored (fragments of DICOM JSON by tag): the same
/// for a slice that is being read and for one that was stored long ago.
///
/// Attributes of a frame are in its own functional groups, then in the shared ones, then in the data set (PS3.3
/// C.7.6.16).
struct FrameAttributes: Sendable {
    private let header: [String: String]
    private let own: JSONValue?
    private let shared: JSONValue?

    /// - Parameter frame: 1-based; `nil` where the file has one frame.
    init(header: [String: String], frame: Int?, groups: FunctionalGroups) {
        self.header = header
        own = frame.flatMap { groups.own(frame: $0) }
        shared = groups.shared
    }

    // MARK: Place

    var plane: SlicePlane? {
        guard let position = numbers("00200032", in: "00209113"), let orientation = numbers("00200037", in: "00209116"),
            let spacing = numbers("00280030", in: "00289110")
        else { return nil }
        return try? SlicePlane(imagePosition: position, imageOrientation: orientation, pixelSpacing: spacing)
    }

    var sliceLocation: Double? { numbers("00201041", in: nil)?.first }

    // MARK: Traits

    /// Where each trait stands: functional group, attribute in it, attribute of a classic data set.
    private static let places: [(trait: VolumeTrait, group: String, attribute: String, classic: [String])] = [
        (.stack, "00209111", "00209056", []),
        (.kernel, "00189314", "00181210", ["00181210"]),
        (.temporalPosition, "00209111", "00209128", ["00200100"]),
        (.time, "00189118", "00209153", ["00181060", "00541300"]),
        (.acquisition, "00209111", "00209156", ["00200012"]),
        (.echo, "00189114", "00189082", ["00180081"]),
        (.diffusion, "00189117", "00189087", ["00189087"]),
        (.segment, "0062000A", "0062000B", []),
        (.imageType, "00189226", "00089007", []),
        (.imageType, "00189329", "00089007", ["00080008"]),
    ]

    /// - Parameter pixels: shape and type, the trait that no header has to tell.
    func traits(_ pixels: PixelDescription) -> [VolumeTrait: String] {
        var traits: [VolumeTrait: String] = [.matrix: pixels.matrix]
        traits[.orientation] = numbers("00200037", in: "00209116")?.map { "\($0)" }.joined(separator: "\\")
        for place in Self.places where traits[place.trait] == nil {
            let found = attribute(place.attribute, in: place.group) ?? place.classic.lazy.compactMap(top).first
            traits[place.trait] = found.flatMap(Self.text)
        }
        return traits
    }

    /// Values joined as DICOM joins them; `nil` where there is none.
    private static func text(_ attribute: JSONValue) -> String? {
        guard let values = attribute["Value"]?.array, !values.isEmpty else { return nil }
        return values.map { $0.string ?? $0.number.map { JSONValue.number($0).text } ?? "" }.joined(separator: "\\")
    }

    // MARK: Looking up

    private func numbers(_ tag: String, in group: String?) -> [Double]? {
        let values = (group.flatMap { attribute(tag, in: $0) } ?? top(tag))?["Value"]?.array?.compactMap { value in
            value.number ?? value.string.flatMap { Double($0.trimmingSpaces()) }
        }
        return values?.isEmpty == false ? values : nil
    }

    private func top(_ tag: String) -> JSONValue? { header[tag].flatMap { try? JSONValue(parsing: $0) } }

    /// An attribute of the first item of a functional group.
    private func attribute(_ tag: String, in group: String) -> JSONValue? {
        for item in [own, shared] {
            if let found = item?[group]?["Value"]?.array?.first?[tag] { return found }
        }
        return nil
    }
}

/// The functional groups of a file, parsed once for all of its frames.
struct FunctionalGroups: Sendable {
    private let perFrame: [JSONValue]
    let shared: JSONValue?

    init(header: [String: String]) {
        func items(_ tag: String) -> [JSONValue] {
            header[tag].flatMap { try? JSONValue(parsing: $0) }?["Value"]?.array ?? []
        }
        perFrame = items("52009230")
        shared = items("52009229").first
    }

    /// - Parameter frame: 1-based.
    func own(frame: Int) -> JSONValue? { perFrame.indices.contains(frame - 1) ? perFrame[frame - 1] : nil }
}

extension String {
    /// Without spaces before and behind.
    func trimmingSpaces() -> Substring {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
