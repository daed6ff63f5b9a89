internal import CanonicalJSON
internal import ImageFiles
internal import Imaging
internal import Warehouse

/// What became of one slice: a line of `index.csv`.
struct ExportedPicture: Sendable {
    let slice: ExportedSlice
    /// Below the folder of the export.
    let path: String
    let outcome: Outcome

    enum Outcome: Sendable {
        case written(RenderedFrame)
        /// Why there is no picture, in one sentence.
        case skipped(String)
    }

    static let columns = [
        "path", "slice_id", "series_id", "patient_id", "dataset", "slice_index", "frame_number", "source",
        "pixel_digest", "photometric_interpretation", "recipe", "recipe_sha256", "applied", "bits", "offset",
        "rescale_slope", "rescale_intercept", "skipped",
    ]

    func cells(_ recipe: RecipeIdentity) -> [String?] {
        var rendered: RenderedFrame?
        var reason: String?
        switch outcome {
        case .written(let frame): rendered = frame
        case .skipped(let sentence): reason = sentence
        }
        return [
            rendered == nil ? nil : path, String(slice.sliceID), String(slice.seriesID), String(slice.patientID),
            slice.dataset, String(slice.sliceIndex), slice.frameNumber.map(String.init), slice.sourcePath,
            FileDigest.hex(slice.digest), slice.photometricInterpretation, recipe.canonicalJSON, recipe.sha256,
            rendered?.applied, rendered.map { String($0.pixels.type.byteCount * 8) },
            rendered?.offset.map(String.init), slice.rescale.map { JSONValue.ecmaScript($0.slope) },
            slice.rescale.map { JSONValue.ecmaScript($0.intercept) }, reason,
        ]
    }

    /// What the file says about itself: a tEXt chunk `Slicehouse` of JSON in ASCII.
    static func note(_ slice: ExportedSlice, _ frame: RenderedFrame, _ recipe: RecipeIdentity) -> PNGNote {
        let value: JSONValue = [
            "applied": .string(frame.applied), "dataset": .string(slice.dataset),
            "frame_number": slice.frameNumber.map { .integer($0) } ?? .null,
            "offset": frame.offset.map { .integer($0) } ?? .null,
            "pixel_digest": .string(FileDigest.hex(slice.digest)), "recipe": recipe.json,
            "recipe_sha256": .string(recipe.sha256),
            "rescale": slice.rescale.map { ["slope": .number($0.slope), "intercept": .number($0.intercept)] } ?? .null,
            "slice_id": .string(String(slice.sliceID)), "source": slice.sourcePath.map(JSONValue.string) ?? .null,
        ]
        return PNGNote(key: "Slicehouse", text: ascii(value.text))
    }

    /// JSON may write any UTF-16 unit as `\\u` and four hexadecimal digits.
    private static func ascii(_ text: String) -> String {
        var result = ""
        for unit in text.utf16 {
            if unit < 0x7F {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }
}
