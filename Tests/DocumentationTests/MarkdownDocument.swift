import Foundation
import Testing

/// As much of Markdown as the tests ask about: code, headings, links, tables.
struct MarkdownDocument: CustomTestStringConvertible {
    struct Block {
        /// The words after the fence, e.g. `["sh", "executable"]`.
        let info: [String]
        let text: String
    }

    let path: String
    let lines: [String]
    var testDescription: String { path }

    init(path: String) throws {
        self.path = path
        lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var blocks: [Block] {
        var found: [Block] = []
        var open: (info: [String], lines: [String])?
        for line in lines {
            if line.hasPrefix("```") {
                if let block = open {
                    found.append(Block(info: block.info, text: block.lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (line.dropFirst(3).split(separator: " ").map(String.init), [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return found
    }

    /// Lines outside code blocks.
    var prose: [String] {
        var isCode = false
        return lines.filter { line in
            if line.hasPrefix("```") { isCode.toggle() }
            return !isCode && !line.hasPrefix("```")
        }
    }

    /// What is set as code: the lines of blocks, and spans between backticks.
    var code: [String] {
        let spans = prose.flatMap { line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        }
        return blocks.flatMap { $0.text.split(separator: "\n").map(String.init) } + spans
    }

    var headings: [String] {
        prose.filter { $0.hasPrefix("#") }.map { String($0.drop { $0 == "#" || $0 == " " }) }
    }

    /// Targets of links: `[text](target)`.
    var links: [String] {
        prose.flatMap { line in line.matches(of: #/\]\(([^)\s]+)\)/#).map { String($0.1) } }
    }
}
