/// `phantom.json`: what was made and how, so that a test knows what to expect. It names no patient.
///
/// One JSON object: `generator`, `parameters` (as resolved), `counts`, `defects` (name → path below the folder).
struct DICOMManifest {
    let options: DICOMPhantomOptions
    let counts: TreeCounts
    let defects: [PhantomDefect: String]

    /// `files` counts everything but the manifest itself.
    func json(files: Int) -> String {
        let listed = defects.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "    \(Self.quoted($0.key.rawValue)): \(Self.quoted($0.value))" }.joined(separator: ",\n")
        return """
            {
              "generator": "slicehouse phantom dicom",
              "parameters": {
                "seed": "\(options.seed)",
                "patients": \(options.patientCount),
                "studies_per_patient": \(options.studiesPerPatient),
                "slices_per_series": \(options.slicesPerSeries.map(String.init) ?? "null"),
                "matrix_size": \(options.matrixSize),
                "gantry_tilt": \(options.gantryTilt.map { DecimalString.text($0) } ?? "null"),
                "defects": \(options.includesDefects)
              },
              "counts": {
                "series": \(counts.series),
                "slices": \(counts.slices),
                "files": \(files)
              },
              "defects": {
            \(listed)
              }
            }

            """
    }

    /// A JSON string (RFC 8259 section 7).
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
