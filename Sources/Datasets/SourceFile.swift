/// One file of a run, as the scan found it.
package struct SourceFile: Sendable, Hashable {
    /// 1-based number within the run, in byte order of the relative path; messages name files by it.
    package let number: Int
    /// Path below the folder that is being ingested, components joined by `/`.
    package let relativePath: String

    package init(number: Int, relativePath: String) {
        self.number = number
        self.relativePath = relativePath
    }

    /// The last path component.
    package var name: String {
        relativePath.split(separator: "/").last.map(String.init) ?? relativePath
    }

    /// The last path component without its extensions (`049.nii.gz` → `049`).
    package var stem: String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.first.map(String.init) ?? name
    }

    /// The extension in lower case, `nii.gz` as one.
    package var fileExtension: String {
        let lower = name.lowercased()
        if lower.hasSuffix(".nii.gz") { return "nii.gz" }
        return lower.split(separator: ".").dropFirst().last.map(String.init) ?? ""
    }

    /// Path components of the folder, relative to `anchor`; `nil` when the file lies elsewhere.
    package func components(below anchor: String) -> [Substring]? {
        let parts = relativePath.split(separator: "/")
        let base = anchor.split(separator: "/")
        guard parts.count > base.count, parts.prefix(base.count).elementsEqual(base) else { return nil }
        return Array(parts.dropFirst(base.count))
    }
}
