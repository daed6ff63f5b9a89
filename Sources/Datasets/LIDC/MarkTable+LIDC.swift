internal import Tables

extension MarkTable {
    /// Reads the reader XML of LIDC-IDRI: up to four reading sessions of one CT series.
    ///
    /// Namespaces and the spelling of `SeriesInstanceUid` differ between files. Three kinds of marks: nodules of at
    /// least 3 mm (contours and nine ratings), smaller nodules (one point, no ratings), and what looks like a nodule
    /// and is none (one point).
    ///
    /// **Throws** `not_xml`, `not_a_ct_reading` for another root (readings of chest radiographs have their own schema),
    /// `no_series`.
    init(lidc bytes: [UInt8]) throws(LabelTableError) {
        let root: MarkupElement
        do {
            root = try MarkupElement.root(of: bytes)
        } catch {
            throw LabelTableError(code: error.code.rawValue, sentence: error.description)
        }
        guard root.name == LIDCReading.rootName else {
            throw LabelTableError(
                code: "not_a_ct_reading",
                sentence: "it is no reading of a CT series; LIDC readings begin with " + LIDCReading.rootName)
        }
        guard let series = root.child("ResponseHeader")?.text(of: "SeriesInstanceUid") else {
            throw LabelTableError(
                code: "no_series", sentence: "its ResponseHeader names no series; the marks belong to nothing")
        }
        var reading = LIDCReading(seriesKey: series)
        for (index, session) in root.children("readingSession").enumerated() {
            reading.read(session, number: index + 1)
        }
        self.init(series: [reading.marks])
        notes = reading.notes
        isClustered = true
        sourceSuffix = series
    }
}

/// The sessions of one file as they are read.
struct LIDCReading {
    static let rootName = "LidcReadMessage"
    /// The root of readings of radiographs.
    static let radiographRootName = "IdriReadMessage"

    /// The nine characteristics and their largest value; the smallest is 1.
    static let scales: [(name: String, maximum: Double)] = [
        ("subtlety", 5), ("internalStructure", 4), ("calcification", 6), ("sphericity", 5), ("margin", 5),
        ("lobulation", 5), ("spiculation", 5), ("texture", 5), ("malignancy", 5),
    ]

    private(set) var marks: SeriesMarks
    private var keys: Set<String> = []
    private var strayCount = 0
    /// Contours of nodules left out for a point that is no number.
    private var unreadableCount = 0
    /// Marks of which no contour or point was left.
    private var lostCount = 0
    private var oddRatingCount = 0

    init(seriesKey: String) {
        marks = SeriesMarks(seriesKey: seriesKey)
    }

    var notes: [MarkNote] {
        var notes: [MarkNote] = []
        if strayCount > 0 {
            notes.append(
                MarkNote(
                    check: MarkNote.strayPoint, count: strayCount,
                    sentence: "\(strayCount) contours of a nodule have a single point and were left out."))
        }
        if unreadableCount > 0 {
            let lost = lostCount > 0 ? "; \(lostCount) marks have no other and were left out whole" : ""
            notes.append(
                MarkNote(
                    check: MarkNote.unreadablePoint, count: unreadableCount,
                    sentence: "\(unreadableCount) contours or points have a coordinate that is no number, and were "
                        + "left out\(lost). Correct the file, or copy it again, and ingest it."))
        }
        if oddRatingCount > 0 {
            notes.append(
                MarkNote(
                    check: MarkNote.oddRating, count: oddRatingCount,
                    sentence: "\(oddRatingCount) ratings are missing or outside their scale; the raw text is kept."))
        }
        return notes
    }

    /// Readers are anonymous and their order differs from scan to scan: a number is a place, not a person.
    mutating func read(_ session: MarkupElement, number: Int) {
        let reader = LabelReader(key: "reader-\(number)", kind: .human)
        marks.readings.append(MarkReading(reader))
        for nodule in session.children("unblindedReadNodule") { read(nodule: nodule, reader: reader.key) }
        for element in session.children("nonNodule") { read(nonNodule: element, reader: reader.key) }
    }

    private mutating func read(nodule: MarkupElement, reader: String) {
        let name = nodule.text(of: "noduleID") ?? "unnamed"
        let before = unreadableCount
        let contours = nodule.children("roi").compactMap { contour($0) }
        let outlines = contours.filter { $0.points.count > 1 }
        let ratings = ratings(nodule.child("characteristics"))
        guard !outlines.isEmpty else {
            // A stray point does not make a small nodule of one whose outline cannot be read.
            guard unreadableCount == before, let point = contours.first else {
                lostCount += unreadableCount > before ? 1 : 0
                return
            }
            append("small", name, reader: reader, .point, "small-nodule", [point], ratings)
            return
        }
        strayCount += contours.count - outlines.count
        let isRated = ratings.count == Self.scales.count && ratings.allSatisfy { $0.isGiven }
        append("nodule", name, reader: reader, .contour, isRated ? "nodule" : "unrated-nodule", outlines, ratings)
        oddRatingCount += ratings.count { $0.rating == nil }
    }

    private mutating func read(nonNodule element: MarkupElement, reader: String) {
        guard let locus = element.child("locus") else { return }
        guard let point = point(locus) else {
            unreadableCount += 1
            lostCount += 1
            return
        }
        let place = MarkContour(
            sopInstanceUID: element.text(of: "imageSOP_UID"),
            z: coordinate(element, "imageZposition"), isInclusion: true, points: [point])
        append("none", element.text(of: "nonNoduleID") ?? "unnamed", reader: reader, .point, "non-nodule", [place], [])
    }

    private mutating func append(
        _ prefix: String, _ name: String, reader: String, _ kind: Mark.Kind, _ target: String,
        _ contours: [MarkContour], _ ratings: [MarkRating]
    ) {
        var key = "\(prefix):\(name)"
        var number = 2
        while !keys.insert(reader + "/" + key).inserted {
            key = "\(prefix):\(name)#\(number)"
            number += 1
        }
        var mark = Mark(key: key, reader: reader, kind: kind, target: target)
        mark.contours = contours
        mark.ratings = ratings
        marks.marks.append(mark)
    }

    // MARK: Parts

    /// Without one of its points an outline would be another one.
    private mutating func contour(_ roi: MarkupElement) -> MarkContour? {
        let edges = roi.children("edgeMap")
        let points = edges.compactMap { point($0) }
        guard points.count == edges.count else {
            unreadableCount += 1
            return nil
        }
        guard !points.isEmpty else { return nil }
        return MarkContour(
            sopInstanceUID: roi.text(of: "imageSOP_UID"), z: coordinate(roi, "imageZposition"),
            isInclusion: roi.text(of: "inclusion")?.uppercased() != "FALSE", points: points)
    }

    private func point(_ element: MarkupElement) -> [Double]? {
        guard let x = coordinate(element, "xCoord"), let y = coordinate(element, "yCoord") else { return nil }
        return [x, y]
    }

    /// Pixels or mm: no image is a million wide, and `nan` is no place.
    private func coordinate(_ element: MarkupElement, _ name: String) -> Double? {
        guard let number = element.text(of: name).flatMap(Double.init), abs(number) < 1e6 else { return nil }
        return number
    }

    private func ratings(_ element: MarkupElement?) -> [MarkRating] {
        guard let element, !element.children.isEmpty else { return [] }
        return Self.scales.map { scale in
            let raw = element.text(of: scale.name) ?? ""
            let number = Double(raw).flatMap { (1...scale.maximum).contains($0) ? $0 : nil }
            return MarkRating(characteristic: scale.name, rawValue: raw, rating: number)
        }
    }
}

extension MarkRating {
    /// The reader gave some value other than 0, which stands for none.
    fileprivate var isGiven: Bool { !rawValue.isEmpty && rawValue != "0" }
}
