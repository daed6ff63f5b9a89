import DICOM
import SQLInterface
import Warehouse

/// An attribute to count: one, or several of which the first with a value counts.
struct CountedAttribute {
    /// What heads its table: `(0010,0040) PatientSex`.
    let title: String
    /// In order of choice; those of one choice are the blocks of one private attribute.
    let choices: [[DICOMPath.Key]]

    private var keys: [DICOMPath.Key] { choices.flatMap(\.self) }

    /// The parameters of `attribute_counts`.
    var settings: [String: String] {
        var settings: [String: String] = [:]
        let numbered = choices.enumerated().flatMap { choice, keys in keys.map { (choice: choice + 1, key: $0) } }
        for (index, item) in numbered.enumerated() {
            settings["path_\(index + 1)"] = item.key.path
            settings["choice_\(index + 1)"] = String(item.choice)
            settings["creator_\(index + 1)"] = item.key.creator
            settings["creator_path_\(index + 1)"] = item.key.creatorPath
        }
        return settings
    }

    /// Whether the answers count private attributes that the allow-list removed, and with them who made them.
    func removedNamesNoMaker(in rows: RowSet) -> Bool {
        guard keys.contains(where: { $0.creator != nil }) else { return false }
        return rows.contains { (try? $0.get("value_class", as: String.self)) == "removed" }
    }

    static let removedSentence =
        "removed counts the private attributes of this tag that the allow-list took out, whoever made them: the name of "
        + "the maker was taken out with them."

    /// The rows with the attribute in front, for output that holds several.
    func labelling(_ rows: RowSet) -> RowSet {
        RowSet(columns: ["attribute"] + rows.columns, rows: rows.rows.map { [.text(title)] + $0 })
    }
}

/// Finds the attributes that a user means, and counts their values.
struct AttributeCounts {
    let query: NamedQuery
    let connection: any WarehouseConnection

    /// Choices that the query has parameters for.
    private static let choiceLimit = 4
    /// Attributes listed for a part of a keyword.
    private static let listLimit = 50

    /// One attribute for a keyword, tag, path or `A|B`; every stored one whose keyword contains a part.
    func attributes(named name: String) async throws -> [CountedAttribute] {
        let choices = name.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
        guard !choices.contains("") else {
            throw CommandError("--attribute \"\(name)\": an attribute is missing; write PatientSex or (0010,0040).")
        }
        let paths = choices.map { try? DICOMPath($0) }
        guard paths.contains(where: { $0 == nil }) else {
            return [try await attribute(named: choices, paths: paths.compactMap(\.self))]
        }
        guard choices.count == 1 else {
            let wrong = zip(choices, paths).first { $0.1 == nil }?.0 ?? name
            throw CommandError(Self.unknown(wrong))
        }
        return try await stored(containing: choices[0])
    }

    static func unknown(_ name: String) -> String {
        "\(name): no stored attribute has this in its keyword, and it is no tag or path; "
            + "write PatientSex, (0010,0040) or a part of a keyword."
    }

    func rows(
        of attribute: CountedAttribute, dataset: String?, fromShare: Double, limit: Int
    ) async throws -> RowSet {
        var settings = attribute.settings
        settings["from_share"] = String(fromShare)
        if limit > 0 { settings["row_limit"] = String(limit) }
        if let dataset { settings["dataset_name"] = dataset }
        let counts = try query.sql(setting: settings)
        return try await connection.transaction(.snapshot) {
            // With the 4 MB of a fresh server the values of a large warehouse are sorted on disk.
            if connection.engine == .postgresql { try await connection.execute("SET LOCAL work_mem TO '64MB'") }
            return try await connection.rows(counts)
        }
    }

    // MARK: Finding

    private func attribute(named names: [String], paths: [DICOMPath]) async throws -> CountedAttribute {
        var choices: [[DICOMPath.Key]] = []
        for path in paths { choices.append(try await blocks(of: path.key)) }
        let count = choices.map(\.count).reduce(0, +)
        guard count <= Self.choiceLimit else {
            throw CommandError(
                "\(names.joined(separator: "|")): \(count) attributes or private blocks at once; "
                    + "at most \(Self.choiceLimit) can be counted together.")
        }
        let titles = zip(names, paths).map { name, path in
            path.key.creator == nil ? title(ofPath: path.key.path) : name
        }
        return CountedAttribute(title: titles.joined(separator: " | "), choices: choices)
    }

    /// A private attribute in every block that its creator reserved somewhere.
    private func blocks(of key: DICOMPath.Key) async throws -> [DICOMPath.Key] {
        guard let creator = key.creator else { return [key] }
        let rows = try await connection.rows(
            """
            SELECT path FROM header_value
            WHERE path > \(key.creatorPrefix) AND path < \(key.creatorPrefix + "g") AND value = \(creator)
            UNION
            SELECT path FROM header_slice_value
            WHERE path > \(key.creatorPrefix) AND path < \(key.creatorPrefix + "g") AND value = \(creator)
            ORDER BY path
            """)
        let places = try rows.map { try $0.get("path", as: String.self) }.filter {
            $0.utf8.count == key.creatorPrefix.utf8.count + 2
        }
        return places.isEmpty ? [key] : places.map(key.inBlock)
    }

    private func stored(containing part: String) async throws -> [CountedAttribute] {
        let rows = try await connection.rows(
            """
            SELECT path FROM header_value UNION SELECT path FROM header_slice_value UNION SELECT path FROM header_removed
            ORDER BY path
            """)
        let paths = try rows.map { try $0.get("path", as: String.self) }.filter { path in
            let name = DICOMPath.name(ofPath: path).split(separator: ".").last ?? ""
            return path == part || name.lowercased().contains(part.lowercased())
        }
        if paths.count > Self.listLimit {
            throw CommandError(
                "\(part): \(paths.count) stored attributes have this in their keyword; write more of it.")
        }
        return paths.map { CountedAttribute(title: title(ofPath: $0), choices: [[DICOMPath.Key(path: $0)]]) }
    }

    private func title(ofPath path: String) -> String {
        let tags = path.split(separator: ".").map { digits in
            digits.utf8.count == 8 ? "(\(digits.prefix(4)),\(digits.suffix(4)))" : String(digits)
        }
        return "\(tags.joined(separator: ".")) \(DICOMPath.name(ofPath: path))"
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
