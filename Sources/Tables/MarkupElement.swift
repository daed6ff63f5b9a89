internal import Foundation
internal import FoundationXML

/// An element of an XML document with everything below it.
///
/// Names are local ones: prefixes and namespaces fall away, since publishers of one schema spell them differently. Text
/// is the element's own, without that of its children. Entities outside the document are never loaded.
///
/// **Cost** memory of several times the document; for documents of some megabytes.
package struct MarkupElement: Sendable, Equatable {
    package let name: String
    package fileprivate(set) var text = ""
    package fileprivate(set) var children: [MarkupElement] = []

    package init(name: String) {
        self.name = name
    }

    /// Reads a document and returns its root.
    ///
    /// **Throws** `notXML` with the line where the document is broken; the content is not repeated.
    package static func root(of bytes: [UInt8]) throws(TableError) -> MarkupElement {
        guard let text = utf8(bytes, isWhole: true) else {
            throw .xml("its UTF-16 is broken; copy the file again", line: 1)
        }
        let parser = XMLParser(data: Data(text))
        parser.shouldResolveExternalEntities = false
        let builder = XMLTreeBuilder()
        parser.delegate = builder
        guard parser.parse(), let root = builder.root else {
            throw .xml("it is not well-formed; copy the file again", line: max(1, parser.lineNumber))
        }
        return root
    }

    /// Local names of the elements that begin in the first bytes of a document; what is no XML has none that matter.
    package static func names(in beginning: [UInt8]) -> Set<String> {
        let text = String(decoding: utf8(beginning, isWhole: false) ?? beginning, as: UTF8.self)
        let names = text.split(separator: "<").map { $0.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" } }
        return Set(names.compactMap { $0.split(separator: ":").last.map(String.init) })
    }

    /// UTF-16 with its mark as UTF-8, without the declaration, which would name the encoding; other bytes as they are.
    ///
    /// `nil` where the UTF-16 of a whole document is broken. **Source** XML 1.0, 4.3.3: UTF-16 begins with a mark.
    private static func utf8(_ bytes: [UInt8], isWhole: Bool) -> [UInt8]? {
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
        guard bytes.count.isMultiple(of: 2) || !isWhole else { return nil }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
            let (low, high) = isLittle ? (bytes[place], bytes[place + 1]) : (bytes[place + 1], bytes[place])
            return UInt16(high) << 8 | UInt16(low)
        }
        guard isWhole else { return Array(String(decoding: units, as: UTF16.self).utf8) }
        guard let text = String(validating: units, as: UTF16.self) else { return nil }
        guard text.hasPrefix("<?xml"), let end = text.range(of: "?>") else { return Array(text.utf8) }
        return Array(text[end.upperBound...].utf8)
    }

    /// Children of a name, compared without regard to case: one schema writes `SeriesInstanceUid` beside
    /// `StudyInstanceUID`.
    package func children(_ name: String) -> [MarkupElement] {
        children.filter { $0.name.caseInsensitiveCompare(name) == .orderedSame }
    }

    package func child(_ name: String) -> MarkupElement? {
        children.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }
    }

    /// The text of a child without white space at its ends; `nil` where there is no such child or no text.
    package func text(of name: String) -> String? {
        guard let text = child(name)?.text.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            return nil
        }
        return text
    }
}

/// Builds the tree as the parser goes.
private final class XMLTreeBuilder: NSObject, XMLParserDelegate {
    private(set) var root: MarkupElement?
    private var open: [MarkupElement] = []

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
        qualifiedName qName: String?, attributes attributeDict: [String: String]
    ) {
        let local = elementName.split(separator: ":").last.map(String.init) ?? elementName
        open.append(MarkupElement(name: local))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += string
    }

    func parser(
        _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?
    ) {
        guard let element = open.popLast() else { return }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }
}
