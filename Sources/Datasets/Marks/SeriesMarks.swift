/// What one source says about one series: who looked, and what they marked.
///
/// The unit in which annotations go into the warehouse, and in which they wait there as JSON when the series is absent.
package struct SeriesMarks: Sendable, Equatable, Codable {
    /// Series Instance UID, or what the adapter uses in its place.
    package let seriesKey: String
    package var readings: [MarkReading]
    package var marks: [Mark]

    package init(seriesKey: String, readings: [MarkReading] = [], marks: [Mark] = []) {
        self.seriesKey = seriesKey
        self.readings = readings
        self.marks = marks
    }
}

/// A reader who looked at a series, whether or not anything was marked.
package struct MarkReading: Sendable, Hashable, Codable {
    /// Key within the data set.
    package let reader: String
    package let kind: LabelReader.Kind
    /// Number of the reading by the same reader, 1-based.
    package let session: Int

    package init(_ reader: LabelReader, session: Int = 1) {
        self.reader = reader.key
        kind = reader.kind
        self.session = session
    }
}

/// One marked object of one reader.
package struct Mark: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        case point, sphere, box, contour
    }

    /// Unique within the source, the series and the reader.
    package let key: String
    /// Key of the reader; one of the readings of the series.
    package let reader: String
    package let kind: Kind
    /// What is marked, e.g. `nodule`.
    package let target: String
    /// **Units** mm, LPS.
    package var centre: [Double]?
    /// Size of a box along x, y, z. **Units** mm
    package var extent: [Double]?
    /// As given. **Units** mm
    package var diameter: Double?
    package var contours: [MarkContour] = []
    package var ratings: [MarkRating] = []
    package var labels: [MarkLabel] = []
    /// Row of a table, 1-based without the header.
    package var row: Int?

    package init(key: String, reader: String, kind: Kind, target: String) {
        self.key = key
        self.reader = reader
        self.kind = kind
        self.target = target
    }
}

/// A polygon of a mark, or a single point of it, on one slice.
package struct MarkContour: Sendable, Equatable, Codable {
    package let sopInstanceUID: String?
    /// z of the slice in the patient, used where the UID is not known. **Units** mm
    package let z: Double?
    package let isInclusion: Bool
    /// **Shape** `[point][column, row]`. **Units** pixels, 0 at the centre of the first one
    package let points: [[Double]]

    package init(sopInstanceUID: String?, z: Double?, isInclusion: Bool, points: [[Double]]) {
        self.sopInstanceUID = sopInstanceUID
        self.z = z
        self.isInclusion = isInclusion
        self.points = points
    }
}

/// How a reader rated one characteristic of a mark.
package struct MarkRating: Sendable, Hashable, Codable {
    package let characteristic: String
    /// As the source has it.
    package let rawValue: String
    /// `nil` where the raw value is no number, or outside its scale.
    package let rating: Double?

    package init(characteristic: String, rawValue: String, rating: Double?) {
        self.characteristic = characteristic
        self.rawValue = rawValue
        self.rating = rating
    }
}

/// A label about a mark.
package struct MarkLabel: Sendable, Hashable, Codable {
    package let domain: String
    package let rawValue: String

    package init(domain: String, rawValue: String) {
        self.domain = domain
        self.rawValue = rawValue
    }
}
