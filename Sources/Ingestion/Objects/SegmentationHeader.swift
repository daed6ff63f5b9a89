internal import Catalogue
internal import Imaging

/// What the stored header of a DICOM segmentation says: its segments, and what each frame marks where.
///
/// **Source** PS3.3 A.51 and C.8.20 (Segmentation), A.102 (Label Map Segmentation).
struct SegmentationHeader: Sendable {
    /// What a pixel value means.
    enum Kind: Sendable, Equatable {
        /// 0 or 1, one segment a frame.
        case binary
        /// A probability or an occupancy, in parts of `maximum`; one segment a frame.
        case fractional(maximum: Double)
        /// The number of the segment; `background` is none.
        case labelMap(background: Int)
    }

    struct Segment: Sendable, Equatable {
        let number: Int
        /// As its maker called it.
        let label: String?
        /// The coded type: scheme, value, meaning.
        let type: [String]?
        /// `AUTOMATIC`, `SEMIAUTOMATIC` or `MANUAL`.
        let algorithmType: String?
        let algorithmName: String?
    }

    /// An image, or a frame of one.
    struct Source: Sendable, Hashable {
        let sopInstanceUID: String
        /// 1-based; `nil` where the whole instance is meant.
        let frame: Int?
    }

    struct Frame: Sendable, Equatable {
        /// `nil` in a label map, whose frames mark any.
        let segment: Int?
        /// The images it was derived from.
        let sources: [Source]
        let plane: SlicePlane?
    }

    let kind: Kind
    let segments: [Segment]
    /// Series Instance UIDs.
    let markedSeries: [String]
    let frameOfReferenceUID: String?
    /// Its frames are tiles of one large plane, as of slide microscopy, in an order that needs no word for each.
    let isTiled: Bool
    private let own: [StoredHeader]
    private let shared: StoredHeader?

    init(_ header: StoredHeader) {
        kind =
            switch header.string("00620001") {
            case "FRACTIONAL": .fractional(maximum: header.numbers("0062000E").first ?? 255)
            case "LABELMAP": .labelMap(background: header.integer("00280120") ?? 0)
            default: .binary
            }
        var numbers: Set<Int> = []
        segments = header.items("00620002").compactMap(Segment.init).filter { numbers.insert($0.number).inserted }
        markedSeries = header.items("00081115").compactMap { $0.text("0020000E") }
        frameOfReferenceUID = header.text("00200052")
        isTiled = header.text("00209311") == "TILED_FULL"
        own = header.items("52009230")
        shared = header.items("52009229").first
    }

    /// Segments that a pixel can mark: of a label map all but the background.
    var marked: [Segment] {
        guard case .labelMap(let background) = kind else { return segments }
        return segments.filter { $0.number != background }
    }

    /// - Parameter number: 1-based.
    func frame(_ number: Int) -> Frame {
        let single = segments.count == 1 ? segments[0].number : nil
        let named = group("0062000A", of: number)?.integer("0062000B") ?? single
        return Frame(
            segment: isLabelMap ? nil : named, sources: sources(of: number), plane: plane(of: number))
    }

    private var isLabelMap: Bool { if case .labelMap = kind { true } else { false } }

    private func sources(of number: Int) -> [Source] {
        groups("00089124", of: number).flatMap { $0.items("00082112") }.flatMap { image -> [Source] in
            guard let uid = image.text("00081155") else { return [] }
            let frames = image.numbers("00081160").compactMap { Int(exactly: $0) }
            return frames.isEmpty
                ? [Source(sopInstanceUID: uid, frame: nil)]
                : frames.map { Source(sopInstanceUID: uid, frame: $0) }
        }
    }

    private func plane(of number: Int) -> SlicePlane? {
        guard let position = group("00209113", of: number)?.numbers("00200032"),
            let orientation = group("00209116", of: number)?.numbers("00200037"),
            let spacing = group("00289110", of: number)?.numbers("00280030")
        else { return nil }
        return try? SlicePlane(imagePosition: position, imageOrientation: orientation, pixelSpacing: spacing)
    }

    /// Items of a functional group: the frame's own, else those that all frames share (PS3.3 C.7.6.16).
    private func groups(_ sequence: String, of number: Int) -> [StoredHeader] {
        let items = own.indices.contains(number - 1) ? own[number - 1].items(sequence) : []
        return items.isEmpty ? shared?.items(sequence) ?? [] : items
    }

    private func group(_ sequence: String, of number: Int) -> StoredHeader? { groups(sequence, of: number).first }
}

extension SegmentationHeader.Segment {
    fileprivate init?(_ item: StoredHeader) {
        guard let number = item.integer("00620004") else { return nil }
        let code = item.items("0062000F").first
        self.init(
            number: number, label: item.text("00620005"),
            type: code.map { code in
                ["00080102", "00080100", "00080104"].map { code.text($0) ?? "" }
            },
            algorithmType: item.text("00620008"), algorithmName: item.text("00620009"))
    }

    /// What is marked: the maker's own name, else the meaning of the type, else the number.
    var target: String {
        let meaning = type.map { $0[2] } ?? ""
        return label ?? (meaning.isEmpty ? "segment \(number)" : meaning)
    }
}

extension StoredHeader {
    /// A text that is not blank, without the spaces that pad it.
    func text(_ tag: String) -> String? {
        var text = Substring(string(tag) ?? "")
        while text.last == " " || text.last == "\0" { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        return text.isEmpty ? nil : String(text)
    }

    func integer(_ tag: String) -> Int? { numbers(tag).first.flatMap { Int(exactly: $0) } }
}
