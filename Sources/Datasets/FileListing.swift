/// What an adapter may ask about the files of a run.
///
/// The listing of a run lives in a temporary database, so that its size does not matter; tests use an array.
package protocol FileListing: Sendable {
    /// Folders (relative paths, `""` for the root) whose last component is `name`, in byte order.
    func folders(named name: String) async throws -> [String]
    /// Files directly in `folder`, or at any depth below it, in byte order of the path.
    func files(in folder: String, recursive: Bool) async throws -> [SourceFile]
    /// Files anywhere whose name ends in `.` and this, in any case, in byte order of the path.
    func files(withExtension fileExtension: String) async throws -> [SourceFile]
    /// The file at a path below the root; `nil` where there is none.
    func file(at relativePath: String) async throws -> SourceFile?
    /// The bytes of a file, or its first `limit` bytes.
    func contents(of file: SourceFile, limit: Int?) async throws -> [UInt8]
}
