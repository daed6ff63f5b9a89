internal import Datasets

/// Says how files are named in the warehouse and in messages.
///
/// Names of folders and files in a hospital export often hold names, numbers and dates. For clinical data sets only a
/// keyed token is stored, and messages give the file's number within the run; whoever holds the key and the folder
/// finds the file again (`status --locate FOLDER`).
struct PathCloak: Sendable {
    private let root: String
    private let pseudonymizer: Pseudonymizer?

    /// - Parameter pseudonymizer: `nil` keeps every name (`--keep-identifiers`, or nothing clinical in the run).
    init(root: String, pseudonymizer: Pseudonymizer?) {
        self.root = root
        self.pseudonymizer = pseudonymizer
    }

    /// `source_file.root`.
    func root(_ kind: PatientKeyKind) -> String {
        kind == .clinical ? pseudonymizer?.pathToken(root) ?? root : root
    }

    /// `source_file.relative_path`.
    func path(_ relativePath: String, _ kind: PatientKeyKind) -> String {
        kind == .clinical ? pseudonymizer?.pathToken(relativePath) ?? relativePath : relativePath
    }

    /// What a message calls a file: `#12`, and its last path component where that is public.
    func label(_ file: SourceFile, _ kind: PatientKeyKind) -> String {
        kind == .clinical && pseudonymizer != nil ? "file #\(file.number)" : "file #\(file.number) (\(file.name))"
    }
}
