import ArgumentParser
import CanonicalJSON
import Catalogue
import DICOM
import Foundation
import SQLInterface

struct HeaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "header",
        abstract: "Show the header of a DICOM file, or a stored one, like dcmdump; --json gives DICOM JSON.",
        discussion: """
            A file is read as it is, identifiers included. What is stored is found by Series or SOP Instance UID, \
            series_id or slice_id; of a multi-frame file all frames share one header. JSON is that of PS3.18 annex F, \
            with DS, IS, SV and UV as text, and bytes beyond 1 KiB by length and SHA-256.

            EXAMPLES
              slicehouse header export/IM000001
              slicehouse header 1.2.840.113619.2.5.1762583153
              slicehouse header 1.2.840.113619.2.5.1762583153 --json
            """)

    @Argument(help: "File; or Series Instance UID, SOP Instance UID, series_id or slice_id.")
    var subject: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        if let file = try fileHeaders() {
            Terminal.put(format.json ? file.header.json : dump(file))
            for warning in file.warnings { Terminal.say("slicehouse: \(subject): \(warning.code.sentence)") }
            return
        }
        let members = try await storedHeader()
        Terminal.put(format.json ? JSONValue.object(members).text : HeaderDump.text(members))
    }

    // MARK: Files

    /// `nil` where the subject names no file.
    private func fileHeaders() throws -> DICOMFile? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: subject, isDirectory: &isFolder) else { return nil }
        guard !isFolder.boolValue, let bytes = FileManager.default.contents(atPath: subject) else {
            throw CommandError("\(subject): it is a folder or cannot be read; name a file.")
        }
        do {
            return try DICOMFile(bytes: Array(bytes))
        } catch {
            Terminal.say("slicehouse: \(subject): \(error)")
            throw Failure.someRejected
        }
    }

    private func dump(_ file: DICOMFile) -> String {
        let meta = (try? JSONValue(parsing: file.fileMeta.json).object) ?? [:]
        let header = (try? JSONValue(parsing: file.header.json).object) ?? [:]
        return HeaderDump.text(meta.merging(header) { _, own in own })
    }

    // MARK: Warehouse

    private func storedHeader() async throws -> [String: JSONValue] {
        let rows = try await database.rows(
            """
            WITH found AS (\(sql: NamedPlace(subject).query))
            SELECT series_header.header AS common, slice_header.header AS own FROM found
            JOIN series ON series.patient_id = found.patient_id AND series.series_id = found.series_id
            JOIN series_header ON series_header.patient_id = found.patient_id
                AND series_header.series_id = found.series_id
            LEFT JOIN slice_header ON slice_header.patient_id = found.patient_id
                AND slice_header.slice_id = found.slice_id
            ORDER BY series.variant, found.slice_id IS NULL, found.slice_id LIMIT 1
            """)
        guard let row = rows.first else {
            throw CommandError(
                "\(subject): there is no such file, and no stored header belongs to this UID or id; "
                    + "see slicehouse series for what is stored.")
        }
        return try merged(row)
    }

    private func merged(_ row: Row) throws -> [String: JSONValue] {
        var members = try JSONValue(parsing: try row.get("common")).object ?? [:]
        if let own: String = try row.get("own") {
            members.merge(try JSONValue(parsing: own).object ?? [:]) { _, own in own }
        }
        return members
    }
}
