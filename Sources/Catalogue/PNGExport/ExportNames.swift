internal import Warehouse

/// Names of exported files, below the folder of the export.
///
/// Where the names of a data set are public, the tree of the source is mirrored: `DATASET/PATH.png` for the only frame
/// of a file, `DATASET/PATH/0007.png` for the seventh of several; files of several roots get a folder for each. Elsewhere
/// names are made of ids, which are digests: `DATASET/patient-ID/study-ID/series-ID/0007.png`, counted along the series.
struct ExportNames: Sendable {
    /// Data sets that were read from more than one folder.
    let datasetsOfSeveralRoots: Set<String>
    let usesIDs: Bool

    func path(of slice: ExportedSlice) -> String {
        var parts = [slice.datasetVersion.isEmpty ? slice.dataset : "\(slice.dataset)-\(slice.datasetVersion)"]
        guard !usesIDs, let source = slice.sourcePath else {
            parts += [
                "patient-" + hexadecimal(slice.patientID), "study-" + hexadecimal(slice.studyID),
                "series-" + hexadecimal(slice.seriesID), number(slice.sliceIndex + 1) + ".png",
            ]
            return parts.map(safe).joined(separator: "/")
        }
        if datasetsOfSeveralRoots.contains(parts[0]), let root = slice.sourceRoot {
            parts.append("root-" + FileDigest.hex(Array(FileDigest.sha256(Array(root.utf8)).prefix(4))))
        }
        parts += source.split(separator: "/").map(String.init)
        if slice.isOneOfMany { parts.append(number(slice.frameNumber ?? slice.sliceIndex + 1)) }
        // A file that was replaced in place gives its path to the slice that is read from it now.
        let version = slice.sourceIsCurrent ? "" : "-was-" + FileDigest.hex(Array(slice.digest.prefix(4)))
        return parts.map(safe).joined(separator: "/") + version + ".png"
    }

    /// A name that stays in its folder.
    private func safe(_ name: String) -> String {
        name == "." || name == ".." ? "_" : name.replacing("/", with: "_")
    }

    private func number(_ value: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private func hexadecimal(_ id: Int64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
