internal import Foundation
internal import ImageFiles
internal import Tables

/// The `index.csv` of earlier exports into the same folder: its pictures stay, and so do their lines.
///
/// **Cost** eight bytes for each picture of the new export.
struct EarlierIndex {
    private let folder: String
    private let path: String
    private var replaced: Set<Int> = []

    /// `nil` where there is none, or one of other columns.
    init?(folder: String) {
        self.folder = folder
        path = folder + "/index.csv"
        guard let reader = try? CSVReader(path: path), let names = reader.header?.names,
            names == ExportedPicture.columns
        else { return nil }
    }

    /// Notes that the picture of this path is written anew.
    mutating func replace(_ path: String) { replaced.insert(path.hashValue) }

    /// Lines of pictures that are still there and were not written anew, in their order.
    ///
    /// - Returns: how many pictures of another recipe than this one were written anew.
    func forEachKept(
        by recipe: RecipeIdentity, _ body: ([String?]) throws(ImageFileError) -> Void
    ) throws(ImageFileError) -> Int {
        guard let reader = try? CSVReader(path: path),
            let recipeColumn = ExportedPicture.columns.firstIndex(of: "recipe_sha256")
        else { return 0 }
        var overwritten = 0
        while let row = try? reader.next() {
            let cells = row.strings
            guard let picture = cells.first, !picture.isEmpty else { continue }
            if replaced.contains(picture.hashValue) {
                if cells.count > recipeColumn, cells[recipeColumn] != recipe.sha256 { overwritten += 1 }
            } else if FileManager.default.fileExists(atPath: folder + "/" + picture) {
                try body(cells.map { $0.isEmpty ? nil : $0 })
            }
        }
        return overwritten
    }
}
