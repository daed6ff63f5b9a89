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
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        let builder = XMLTreeBuilder()
        parser.delegate = builder
        guard parser.parse(), let root = builder.root else {
            throw .xml("it is not well-formed; copy the file again", line: max(1, parser.lineNumber))
        }
        return root
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
