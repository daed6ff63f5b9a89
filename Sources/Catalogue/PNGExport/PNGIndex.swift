internal import Foundation
internal import ImageFiles
internal import Tables

/// `index.csv` of an export, in the order of the selection, whatever the order in which pictures are done; lines of
/// earlier exports into the same folder follow.
struct PNGIndex {
    private let output: AtomicOutput
    private let recipe: RecipeIdentity
    private var writer = CSVWriter()
    private var waiting: [Int: [ExportedPicture]] = [:]
    private var nextChunk = 0
    private var earlier: EarlierIndex?
    private(set) var summary: PNGExport.Summary

    /// A folder that is new is marked, so that no ingest takes its pictures for images of patients; one that holds other
    /// things is not.
    ///
    /// **Throws** `unwritable`, also where an `index.csv` stands there that no export wrote.
    init(folder: String, recipe: RecipeIdentity) throws(ImageFileError) {
        let manager = FileManager.default
        let isNew = (try? manager.contentsOfDirectory(atPath: folder).isEmpty) ?? true
        earlier = EarlierIndex(folder: folder)
        guard earlier != nil || !manager.fileExists(atPath: folder + "/index.csv") else {
            throw ImageFileError(
                code: .unwritable, format: .png,
                reason: "an index.csv stands there that no export of pictures wrote; name another folder")
        }
        output = try AtomicOutput(path: folder + "/index.csv")
        if isNew { try FolderMark.mark(folder) }
        self.recipe = recipe
        summary = PNGExport.Summary(recipe: recipe)
        writer.append(ExportedPicture.columns)
    }

    /// Takes the pictures of one chunk; chunks are numbered from 0 without gaps.
    mutating func add(_ pictures: [ExportedPicture], chunk: Int) throws(ImageFileError) {
        waiting[chunk] = pictures
        while let ready = waiting.removeValue(forKey: nextChunk) {
            for picture in ready {
                writer.append(picture.cells(recipe))
                summary.add(picture)
                earlier?.replace(picture.path)
            }
            nextChunk += 1
        }
        try output.write(writer.takeBytes())
    }

    mutating func finish() throws(ImageFileError) {
        try output.write(writer.takeBytes())
        if let earlier {
            summary.overwritten = try earlier.forEachKept(by: recipe) { [output] cells throws(ImageFileError) in
                var line = CSVWriter()
                line.append(cells)
                try output.write(line.takeBytes())
            }
        }
        try output.finish()
    }
}
