import TestSupport
import Warehouse

/// A copy of what the program reads beside its data (migrations, queries, vocabularies, sources), with sources of a test.
struct DeclaredHome {
    /// Reads its sources there.
    let program: Program

    /// - Parameter sources: Files of `etl/sources` by name without `.yaml`; the copy is `home` in `folder`.
    init(in folder: TemporaryFolder, sources: [String: String]) throws {
        let library = try SQLLibrary.locate().home
        for name in ["migrations", "sql", "etl"] { try folder.copy(library + "/" + name, to: "home/" + name) }
        for (name, text) in sources { try folder.write(text, to: "home/etl/sources/\(name).yaml") }
        program = try Program(home: folder).with("SLICEHOUSE_HOME", folder.path("home"))
    }

    /// A table of labels about clinical images; its name is that of the data set that holds these.
    static let ward = """
        source: dicom
        version: "1"
        detect:
          - {table: ward.csv, columns: [image, epidural]}
        labels:
          - file: ward.csv
            name: ward
            vocabulary: ct-ich
            reader: {key: R7, kind: human}
            level: slice
            key: {column: image, pattern: '^([0-9.]+)$'}
            image: $1
        """
}
