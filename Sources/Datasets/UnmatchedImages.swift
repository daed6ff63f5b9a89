/// Image files beside a table of a layout, where none is an image of the layout: their folder has another name, say.
package struct UnmatchedImages: Sendable {
    package let dataset: DatasetIdentity
    package let table: SourceFile
    /// Where the layout has its images, below its anchor.
    package let patterns: [String]
    package let files: [SourceFile]

    package init(dataset: DatasetIdentity, table: SourceFile, patterns: [String], files: [SourceFile]) {
        self.dataset = dataset
        self.table = table
        self.patterns = patterns
        self.files = files
    }

    static func isDICOM(_ file: SourceFile) -> Bool { ["dcm", "dicom"].contains(file.fileExtension) }

    /// Those that no layout takes; `nil` where that is none.
    ///
    /// - Parameter folders: whose DICOM files belong to a data set.
    package func besides(_ claimed: Set<SourceFile>, in folders: [FolderClaim]) -> UnmatchedImages? {
        let rest = files.filter { file in
            !claimed.contains(file)
                && !(Self.isDICOM(file) && folders.contains { file.components(below: $0.folder) != nil })
        }
        guard !rest.isEmpty else { return nil }
        return UnmatchedImages(dataset: dataset, table: table, patterns: patterns, files: rest)
    }

    /// Says so to the user, without a path below the folder.
    package var sentence: String {
        let lie = files.count == 1 ? "1 image file lies" : "\(files.count) image files lie"
        return "\(lie) beside the table \(table.name) of \(dataset.name), and by folder and name none is an image "
            + "of it (\(patterns.joined(separator: ", "))): they are read as a plain folder, and the labels wait. Rename the "
            + "folder, or add it to the source in etl/sources, and ingest again."
    }
}
