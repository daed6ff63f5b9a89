internal import Catalogue

/// What the stored header of an RT structure set says: regions of interest, and the contours that draw them.
///
/// **Source** PS3.3 C.8.8.5 (Structure Set), C.8.8.6 (ROI Contour), C.8.8.8 (RT ROI Observations).
struct StructureSetHeader: Sendable {
    struct Region: Sendable {
        let number: Int
        /// As its maker called it; `nil` where the allow-list took it.
        let name: String?
        /// `ORGAN`, `GTV`, …
        let interpretedType: String?
        /// `AUTOMATIC`, `SEMIAUTOMATIC` or `MANUAL`.
        let algorithm: String?
        let contours: [Contour]
    }

    struct Contour: Sendable {
        /// Order among the contours of the region, 0-based.
        let index: Int
        /// `CLOSED_PLANAR`, `CLOSEDPLANAR_XOR`, `OPEN_PLANAR`, `OPEN_NONPLANAR`, `POINT`.
        let geometry: String
        let source: SegmentationHeader.Source?
        /// **Units** mm, LPS
        let points: [SIMD3<Double>]

        /// It has an inside.
        var isClosed: Bool { ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"].contains(geometry) && points.count > 2 }
    }

    let sopInstanceUID: String?
    let regions: [Region]
    /// Series Instance UIDs.
    let markedSeries: [String]
    let frameOfReferenceUID: String?

    init(_ header: StoredHeader) {
        sopInstanceUID = header.text("00080018")
        let frames = header.items("30060010")
        var seen: Set<String> = []
        markedSeries = frames.flatMap { $0.items("30060012") }.flatMap { $0.items("30060014") }
            .compactMap { $0.text("0020000E") }.filter { seen.insert($0).inserted }
        frameOfReferenceUID = frames.lazy.compactMap { $0.text("00200052") }.first
        let drawn = Self.byNumber(header.items("30060039"), "30060084")
        let observed = Self.byNumber(header.items("30060080"), "30060084")
        var numbers: Set<Int> = []
        regions = header.items("30060020").compactMap { item in
            guard let number = item.integer("30060022"), numbers.insert(number).inserted else { return nil }
            return Region(
                number: number, name: item.text("30060026"), interpretedType: observed[number]?.text("300600A4"),
                algorithm: item.text("30060036"),
                contours: (drawn[number]?.items("30060040") ?? []).enumerated().map(Contour.init))
        }
    }

    private static func byNumber(_ items: [StoredHeader], _ tag: String) -> [Int: StoredHeader] {
        Dictionary(items.compactMap { item in item.integer(tag).map { ($0, item) } }) { first, _ in first }
    }

    /// SOP Instance UIDs of the images that contours name.
    var sources: [String] {
        Set(regions.flatMap(\.contours).compactMap(\.source?.sopInstanceUID)).sorted()
    }
}

extension StructureSetHeader.Contour {
    fileprivate init(index: Int, item: StoredHeader) {
        let numbers = item.numbers("30060050")
        let image = item.items("30060016").first
        self.init(
            index: index, geometry: item.text("30060042") ?? "",
            source: image?.text("00081155").map { uid in
                SegmentationHeader.Source(sopInstanceUID: uid, frame: image?.integer("00081160"))
            },
            points: numbers.count % 3 == 0 && numbers.allSatisfy(\.isFinite)
                ? stride(from: 0, to: numbers.count, by: 3).map {
                    SIMD3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
                } : [])
    }
}

extension StructureSetHeader.Region {
    /// What is marked; without its name no more than its number is known.
    var target: String { name ?? "ROI \(number)" }
}
