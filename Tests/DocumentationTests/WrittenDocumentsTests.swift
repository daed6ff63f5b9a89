import Foundation
import TestSupport
import Testing

/// What people wrote by hand names only things that exist.
@Suite struct WrittenDocumentsTests {
    /// Asked of the program once for all documents.
    private static let verbs = Task { try await Verb.all() }

    @Test(arguments: try Repository.documents())
    func `make targets exist`(document: MarkdownDocument) throws {
        let targets = Set(
            try Repository.text("Makefile").split(separator: "\n").flatMap { line -> [Substring] in
                guard let rule = line.firstMatch(of: #/^([a-z][a-z -]*):/#) else { return [] }
                return rule.1.split(separator: " ")
            })
        for line in document.code {
            for match in line.matches(of: #/(?:^|[\s;(])make ([a-z][a-z-]*)/#) {
                #expect(targets.contains(match.1), "\(document.path) names make \(match.1)")
            }
        }
    }

    @Test(arguments: try Repository.documents())
    func `verbs and their options exist`(document: MarkdownDocument) async throws {
        let verbs = try await Self.verbs.value
        let help = try Repository.text("docs/commands.md")
        for line in document.code {
            // A comment may speak of the program.
            for match in line.prefix(while: { $0 != "#" }).matches(of: #/(?:^|[\s(])slicehouse ([a-z][a-z-]*)([^|;]*)/#)
            {
                guard match.1 != "help" else { continue }
                let verb = verbs.first { $0.name == match.1 }
                #expect(verb != nil, "\(document.path) names slicehouse \(match.1)")
                expectSubverb(match.2, of: verb, in: document)
                for option in match.2.matches(of: #/--[a-z][a-z-]*/#) {
                    #expect(help.contains(option.0), "\(document.path) names the option \(option.0)")
                }
            }
        }
    }

    /// The word after a verb that has verbs below it. `domains` has one that is meant when none is named.
    private func expectSubverb(_ rest: Substring, of verb: Verb?, in document: MarkdownDocument) {
        guard let verb, !verb.subverbs.isEmpty, verb.name != "domains",
            let word = rest.split(separator: " ").first, word.first?.isLetter == true
        else { return }
        #expect(verb.subverbs.contains(String(word)), "\(document.path) names slicehouse \(verb.name) \(word)")
    }

    @Test(arguments: try Repository.documents())
    func `named queries exist`(document: MarkdownDocument) throws {
        let names = Set(
            try Repository.files(below: "sql", suffix: ".sql").compactMap { path in
                path.split(separator: "/").last.map { String($0.dropLast(".sql".count)) }
            })
        for line in document.code {
            for match in line.matches(of: #/slicehouse sql ([a-z_]+)(?!\.sql|[a-z_])/#) {
                #expect(names.contains(String(match.1)), "\(document.path) names the query \(match.1)")
            }
        }
    }

    @Test(arguments: try Repository.documents())
    func `links lead to files`(document: MarkdownDocument) throws {
        let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
        for link in document.links where !link.contains("://") && !link.hasPrefix("#") {
            let file = link.split(separator: "#")[0]
            let path = folder.isEmpty ? String(file) : folder + "/" + file
            #expect(Repository.exists(path), "\(document.path) → \(link)")
        }
    }

    /// `Package.swift` holds the arrows; the table of docs/architecture.md repeats them with reasons.
    @Test func `docs/architecture.md gives the imports of every module`() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "Sources").path)
        let arrows = try Self.arrows(in: "Package.swift", among: Set(folders))
        let rows = try MarkdownDocument(path: "docs/architecture.md").lines.filter { $0.hasPrefix("| `") }
        for folder in folders.sorted() {
            let row = try #require(rows.first { $0.contains("`\(folder)`") }, "\(folder) is not described")
            guard let imports = arrows[folder] else { continue }
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            let described = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(Set(described.filter { !$0.isEmpty }) == imports, "\(folder)")
        }
    }

    /// `make fuzz` has a manifest of its own for the same modules.
    @Test func `Fuzz/Package.swift gives each module the imports that it has`() throws {
        let folders = Set(
            try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "Sources").path))
        let arrows = try Self.arrows(in: "Package.swift", among: folders)
        let fuzzed = try Self.arrows(in: "Fuzz/Package.swift", among: folders).filter { folders.contains($0.key) }
        #expect(fuzzed.count >= 4)
        for (module, imports) in fuzzed { #expect(imports == arrows[module], "\(module)") }
    }

    /// What each Swift module depends on of ours, from the text of a manifest.
    private static func arrows(in manifest: String, among folders: Set<String>) throws -> [String: Set<String>] {
        let manifest = try Repository.text(manifest)
        let pattern = #/(?:module\(|executableTarget\(\s*name:)\s*"(\w+)"(?:,\s*(?:dependencies:\s*)?\[([^\]]*)\])?/#
        var arrows: [String: Set<String>] = [:]
        for match in manifest.matches(of: pattern) {
            let names = (match.2 ?? "").matches(of: #/"(\w+)"/#).map { String($0.1) }
            arrows[String(match.1)] = Set(names).intersection(folders)
        }
        return arrows
    }

    @Test func `the change log names the schema version of the migrations`() throws {
        for engine in ["postgresql", "sqlite"] {
            let last = try #require(try Repository.files(below: "migrations/\(engine)", suffix: ".sql").last)
            let version = try #require(Int(last.split(separator: "/")[2].prefix(4)))
            #expect(try Repository.text("CHANGELOG.md").contains("Schema version \(version)"))
        }
    }
}
