internal import CanonicalJSON
internal import Foundation
package import Imaging
internal import Tables
internal import Warehouse

/// A sample recipe with the name that people call it by.
package struct NamedRecipe: Sendable {
    package let name: String
    package let recipe: SampleRecipe

    /// SHA-256 of the canonical JSON: the identity of the recipe.
    package var sha256: [UInt8] { FileDigest.sha256(Array(recipe.canonicalJSON.utf8)) }
}

/// The recipes of `etl/recipes`, and those in files of users.
package struct RecipeLibrary: Sendable {
    private let folder: String

    /// - Parameter home: The folder that holds `etl/`.
    package init(home: String) { folder = home + "/etl/recipes" }

    /// Names of the recipes that come with the program, sorted.
    package var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }.sorted()
    }

    /// A recipe by its name, or a file of YAML or JSON by its path.
    ///
    /// **Throws** `notFound`, naming those there are; `badOption` with what is wrong in the file.
    package func recipe(_ name: String) throws(TrainingError) -> NamedRecipe {
        let isPath = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json")
        let path = isPath ? name : "\(folder)/\(name).yaml"
        guard isPath || names.contains(name) else {
            let advice = SQLLibrary.nearest(to: name, among: names).map { "did you mean \($0)?" }
            throw TrainingError(
                .notFound, "--recipe \(name)",
                "there is no recipe of this name; "
                    + (advice ?? "there are \(names.joined(separator: ", ")), and files of your own"))
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TrainingError(.inputOutput, path, "the recipe cannot be read; check the path")
        }
        let stem = (path.split(separator: "/").last ?? "").split(separator: ".").first ?? "recipe"
        do {
            let json = try YAMLDocument.decode(YAMLTree.self, from: Array(data)).json
            return NamedRecipe(name: String(stem), recipe: try SampleRecipe(json: json))
        } catch {
            let text = "\(error)"
            throw TrainingError(.badOption, "--recipe \(name)", text.hasSuffix(".") ? String(text.dropLast()) : text)
        }
    }
}

/// YAML as JSON: a scalar is null, a truth value, a number or a string, whichever it is first.
private struct YAMLTree: Decodable {
    let json: JSONValue

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Key.self) {
            json = .object(
                Dictionary(
                    try members.allKeys.map { ($0.stringValue, try members.decode(YAMLTree.self, forKey: $0).json) },
                    uniquingKeysWith: { first, _ in first }))
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var list: [JSONValue] = []
            while !elements.isAtEnd { list.append(try elements.decode(YAMLTree.self).json) }
            json = .array(list)
            return
        }
        let scalar = try decoder.singleValueContainer()
        if scalar.decodeNil() {
            json = .null
        } else if let flag = try? scalar.decode(Bool.self) {
            json = .boolean(flag)
        } else if let number = try? scalar.decode(Double.self) {
            json = .number(number)
        } else {
            json = .string(try scalar.decode(String.self))
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}
