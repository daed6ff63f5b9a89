/// The folder above a relative path; `""` is the ingested root itself.
func parentFolder(of path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
}

/// A name below a relative folder.
func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder + "/" + name
}
