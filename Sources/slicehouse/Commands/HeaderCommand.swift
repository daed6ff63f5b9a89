import ArgumentParser
import CanonicalJSON
import DICOM
import Foundation
import SQLInterface

struct HeaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "header",
        abstract: "Show the stored header of a series, slice or object, like dcmdump; --json gives DICOM JSON.",
        discussion: """
            EXAMPLES
              slicehouse header 1.2.840.113619.2.5.1762583153
              slicehouse header 1.2.840.113619.2.5.1762583153 --json
            """)

    @Argument(help: "Series Instance UID, SOP Instance UID, or series_id.")
    var subject: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let rows = try await database.rows(
            """
            SELECT series_header.header AS common, slice_header.header AS own
            FROM series
            JOIN series_header ON series_header.patient_id = series.patient_id
                AND series_header.series_id = series.series_id
            LEFT JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
                AND slice.sop_instance_uid = \(subject)
            LEFT JOIN slice_header ON slice_header.patient_id = slice.patient_id
                AND slice_header.slice_id = slice.slice_id
            WHERE series.series_instance_uid = \(subject) OR slice.slice_id IS NOT NULL
                OR series.series_id = \(Int64(subject))
            ORDER BY series.variant LIMIT 1
            """)
        guard let row = rows.first else {
            throw CommandError(
                "No stored header belongs to this UID or id; see slicehouse series for what is stored.")
        }
        var members = try JSONValue(parsing: try row.get("common")).object ?? [:]
        if let own: String = try row.get("own") {
            members.merge(try JSONValue(parsing: own).object ?? [:]) { _, own in own }
        }
        Terminal.put(format.json ? JSONValue.object(members).text : dump(members, indent: ""))
    }

    private func dump(_ members: [String: JSONValue], indent: String) -> String {
        members.sorted { $0.key < $1.key }.map { tag, attribute in
            let vr = attribute["vr"]?.string ?? "UN"
            let keyword =
                UInt32(tag, radix: 16).map(DICOMTag.init(number:)).flatMap(DICOMDictionary.keyword) ?? "Unknown"
            let head = "\(indent)(\(tag.prefix(4)),\(tag.suffix(4))) \(vr) "
            guard vr == "SQ" else { return head + "[\(value(attribute))] # \(keyword)" }
            let items = (attribute["Value"]?.array ?? []).map { dump($0.object ?? [:], indent: indent + "  ") }
            return ([head + "(\(items.count) items) # \(keyword)"] + items).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func value(_ attribute: JSONValue) -> String {
        (attribute["Value"]?.array ?? []).map { value in
            value.string ?? value["Alphabetic"]?.string ?? (value == .null ? "" : value.text)
        }.joined(separator: "\\")
    }
}
