package import CanonicalJSON
package import Imaging
internal import Warehouse

/// A recipe as the warehouse names it: canonical JSON and its SHA-256.
package struct RecipeIdentity: Sendable, Equatable {
    package let json: JSONValue
    package let canonicalJSON: String
    /// Lower-case hexadecimal.
    package let sha256: String

    package init(_ json: JSONValue) {
        self.json = json
        canonicalJSON = json.text
        sha256 = FileDigest.hex(FileDigest.sha256(Array(canonicalJSON.utf8)))
    }

    package init(_ recipe: RenderRecipe) { self.init(recipe.json) }
}
