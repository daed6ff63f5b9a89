/// The file that keeps a folder out of every ingest: pictures that were made here are no images of patients.
package enum FolderMark {
    package static let name = ".slicehouse-ignore"
    private static let text = "Made from a warehouse; not to be ingested as images of patients.\n"

    /// Marks a folder that is there.
    package static func mark(_ folder: String) throws(ImageFileError) {
        try AtomicOutput.write(Array(text.utf8), to: folder + "/" + name)
    }
}
