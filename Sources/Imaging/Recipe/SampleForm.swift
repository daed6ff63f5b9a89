package import CanonicalJSON

/// What one sample is made of.
package enum SampleForm: Sendable, Hashable {
    /// One slice.
    case slice
    /// A slice with so many neighbours on each side; beyond the ends of the volume the last slice repeats.
    case context(Int)
    /// A box around a point of a volume.
    case crop(CropShape, outside: CropPlacement.Outside)
    /// All slices of a volume.
    case volume
    /// One picture in colour.
    case image

    package struct CropShape: Sendable, Hashable {
        package let slices: Int
        package let rows: Int
        package let columns: Int

        package init(slices: Int, rows: Int, columns: Int) {
            self.slices = slices
            self.rows = rows
            self.columns = columns
        }

        /// What a crop takes of each slice; nil where it does not lie in slices of this size.
        package func region(
            column: Double, row: Double, ofRows rows: Int, columns: Int, outside: CropPlacement.Outside
        ) -> SampleRegion? {
            guard let down = CropPlacement(centre: row, size: self.rows, count: rows, outside: outside),
                let across = CropPlacement(centre: column, size: self.columns, count: columns, outside: outside)
            else { return nil }
            return SampleRegion(
                firstRow: down.first, firstColumn: across.first, rows: self.rows, columns: self.columns)
        }
    }

    /// As `training_set.sample_kind` has it.
    package var kind: String {
        switch self {
        case .slice: "slice"
        case .context: "context"
        case .crop: "crop"
        case .volume: "volume"
        case .image: "image"
        }
    }

    package var json: JSONValue {
        switch self {
        case .slice, .volume, .image: ["kind": .string(kind)]
        case .context(let neighbours): ["kind": .string(kind), "context": .integer(neighbours)]
        case .crop(let shape, let outside):
            [
                "kind": .string(kind), "outside": .string(outside.rawValue),
                "shape": [.integer(shape.slices), .integer(shape.rows), .integer(shape.columns)],
            ]
        }
    }

    package init?(json: JSONValue) {
        switch json["kind"]?.string {
        case "slice": self = .slice
        case "volume": self = .volume
        case "image": self = .image
        case "context":
            guard let neighbours = json["context"]?.number else { return nil }
            self = .context(Int(neighbours))
        case "crop":
            let sides = (json["shape"]?.array ?? []).compactMap { $0.number.map { Int($0) } }
            guard sides.count == 3,
                let outside = json["outside"]?.string.flatMap({ CropPlacement.Outside(rawValue: $0) })
            else { return nil }
            self = .crop(CropShape(slices: sides[0], rows: sides[1], columns: sides[2]), outside: outside)
        default: return nil
        }
    }

    /// Whether `training_sample_slice` lists its slices.
    package var hasSeveralSlices: Bool {
        switch self {
        case .slice, .image: false
        case .context, .crop, .volume: true
        }
    }
}
