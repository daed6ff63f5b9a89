import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Files that cannot be used: a sentence and a quarantine row each, the rest is stored, exit code 65.
@Suite("Bad input")
struct BadInputTests {
    @Test(arguments: TestEngine.available)
    func `each broken file goes to quarantine with a sentence, and the good ones are stored`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try await Self.folderOfBrokenFiles()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let result = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(result.exitCode == 65, "\(result.error)")
            let rows = try await place.rows(
                "SELECT code, sentence FROM rejection WHERE source_file_id IS NOT NULL ORDER BY code")
            let codes = try rows.map { try $0.get("code", as: String.self) }
            #expect(codes.count { $0 == "empty" } == 2, "\(codes)")
            #expect(codes.count { $0 == "broken_link" } == 1, "\(codes)")
            #expect(codes.count { $0.hasPrefix("truncated") } == 5, "\(codes)")
            #expect(codes.count { $0 == "not_as_named" } == 4, "\(codes)")
            #expect(codes.count == Self.brokenCount, "\(codes)")
            for row in rows {
                let sentence: String = try row.get("sentence")
                #expect(result.error.contains(sentence))
                #expect(sentence.hasSuffix(".") && sentence.hasPrefix("File #"))
            }
            // 3 patients, no defects in the export itself.
            #expect(try await place.count("SELECT count(*) FROM slice") ?? 0 > 18)
            #expect(try await place.brokenPromises() == [])
            let again = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(again.exitCode == 0 && again.output.contains("0 rejected"), "\(again.output)")
            #expect(again.output.contains("  standing rejected: \(Self.brokenCount) files of this folder;"))
            #expect(again.output.contains("slicehouse status --rejected") && again.output.contains("--replay-rejected"))
            let json = try await program.run("ingest", "--database", place.url, "--json", folder.path).output
            #expect(try JSONValue(parsing: json)["standing_rejected_files"]?.number == Double(Self.brokenCount))
            let replay = try await program.run("ingest", "--database", place.url, "--replay-rejected", folder.path)
            #expect(replay.exitCode == 65)
            #expect(replay.output.contains("\(Self.brokenCount) rejected"), "\(replay.output)")
            let standing = try await program.run("status", "--database", place.url, "--rejected", "--json")
            #expect(standing.output.split(separator: "\n").count == Self.brokenCount, "\(standing.output)")
            // The folder of clinical data is a token, as the warehouse stores it.
            for line in standing.output.split(separator: "\n") {
                #expect(try JSONValue(parsing: String(line))["folder"]?.string?.hasPrefix("hmac-") == true, "\(line)")
            }
            let text = try await program.run("status", "--database", place.url, "--rejected").output
            #expect(text.contains("folder hmac-") && !text.contains(folder.path), "\(text)")
        }
    }

    private static let brokenCount = 13

    /// A good export with files that are broken in one way each, and some that are none of our business.
    private static func folderOfBrokenFiles() async throws -> TemporaryFolder {
        let export = try await Cohorts.export()
        let cohort = try await Cohorts.smallICH()
        let folder = try TemporaryFolder()
        try folder.copy(export.path("export"), to: "export")
        let image = try folder.read(folder.files().first { $0.contains("/IM") } ?? "")
        let picture = try cohort.read("ich/ct-ich-1.0.0/Patients_CT/049/brain/1.jpg")
        let volume = try cohort.read("ich/ct-ich-1.3.1/ct_scans/049.nii")
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
        try folder.write([UInt8](), to: "broken/zero.dcm")
        try folder.write([UInt8](), to: "broken/zero")
        try folder.write(Array(image.dropLast(100)), to: "broken/half-pixels.dcm")
        try folder.write(Array(image.prefix(180)), to: "broken/half-header.dcm")
        try folder.write(Array(picture.prefix(picture.count / 2)), to: "broken/half.jpg")
        try folder.write(Array(volume.dropLast(5_000)), to: "broken/half.nii")
        try folder.write(Array(volume.prefix(200)), to: "broken/header.nii")
        try folder.write(png, to: "broken/half.png")
        try folder.link("broken/gone.dcm", to: folder.path("nowhere"))
        // What their names say they are not.
        try folder.write([UInt8](repeating: 0, count: 4_096), to: "broken/zeros.DCM")
        try folder.write("Thank you for your order.", to: "letter.dcm")
        try folder.write("%PDF-1.4\n", to: "report.jpg")
        try folder.write("<?xml version=\"1.0\"?><error>Access Denied</error>", to: "049.nii.gz")
        // Not broken, and not images; the first is AppleDouble (RFC 1740).
        try folder.write([0, 5, 0x16, 7, 0, 2, 0, 0] + [UInt8](repeating: 0, count: 16), to: "._letter.dcm")
        try folder.makeFolder("folder.dcm")
        try folder.write("Thank you for your order.", to: "letter.txt")
        try folder.write([UInt8](repeating: 0, count: 4_096), to: "Thumbs.db")
        return folder
    }

    @Test(.enabled(if: getuid() != 0, "root may read everything"))
    func `a file that may not be read is in quarantine until it may`() async throws {
        let export = try await Cohorts.export()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(export.path("export"), to: "export")
        let name = folder.files().first { $0.contains("/IM") } ?? ""
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path(name))
        let program = try Program(home: home)
        try await TestWarehouse.with(.sqlite) { place in
            #expect(try await program.run("ingest", "--database", place.url, folder.path).exitCode == 65)
            #expect(try await place.rows("SELECT code FROM rejection").scalar == "unreadable")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path(name))
            #expect(try await program.run("ingest", "--database", place.url, folder.path).exitCode == 0)
        }
    }

    // MARK: Tables

    struct BadTable: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (String) -> String
        /// Code of the rejection of the whole table, or of a row.
        let code: String
        let isWhole: Bool
    }

    static let tables = [
        BadTable(
            testDescription: "a missing column",
            change: { $0.replacing("SliceNumber", with: "Bild") }, code: "missing_column", isWhole: true),
        BadTable(
            testDescription: "an unterminated quote", change: { $0 + "49,\"1,0,0,0,0,0,1,0\n" },
            code: "unterminated_quote", isWhole: true),
        BadTable(
            testDescription: "a NUL byte", change: { $0 + "49,1\0,0,0,0,0,0,1,0\n" }, code: "nul_byte", isWhole: true),
        BadTable(testDescription: "no bytes", change: { _ in "" }, code: "empty", isWhole: true),
        BadTable(
            testDescription: "a word for a slice number", change: { $0 + "49,seven,0,0,0,0,0,1,0\n" },
            code: "not_a_number", isWhole: false),
    ]

    @Test(arguments: TestEngine.available, tables)
    func `a bad table or row is refused with a sentence, images and other tables are stored`(
        engine: WarehouseEngine, table: BadTable
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich"), to: "ich")
        let name = folder.files().first { $0.hasSuffix("1.0.0/hemorrhage_diagnosis.csv") } ?? ""
        let good = try folder.read(name)
        try folder.write(table.change(String(decoding: good, as: UTF8.self)), to: name)
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let result = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(result.exitCode == 65, "\(result.error)")
            let rejections = try await place.rows("SELECT code, stage, row_number, sentence FROM rejection")
            #expect(rejections.count == 1)
            #expect(try rejections.first?.get("code", as: String.self) == table.code)
            #expect(try rejections.first?.get("stage", as: String.self) == "label")
            #expect(try (rejections.first?.get("row_number", as: Int?.self) == nil) == table.isWhole)
            let sentence = try rejections.first?.get("sentence", as: String.self) ?? "?"
            #expect(result.error.contains(sentence) && !sentence.contains("seven"), "\(sentence)")
            #expect(try await place.count("SELECT count(*) FROM series") == 10)
            let sources = try await place.count("SELECT count(*) FROM label_source")
            #expect(sources == (table.isWhole ? 3 : 4))
            let standing = try await program.run("status", "--database", place.url, "--rejected")
            #expect(standing.output.contains("folder \(folder.path), "), "\(standing.output)")
            #expect(standing.output.contains("physionet-ct-ich@1.0.0") || table.isWhole, "\(standing.output)")
            let query = try await program.run("sql", "rejections", "--database", place.url, "--format", "csv")
            #expect(query.output.contains(",\(folder.path),\(name),"), "\(query.output)")
            let again = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(again.exitCode == 0)
            let what = table.isWhole ? "file" : "table row"
            #expect(again.output.contains("standing rejected: 1 \(what) of this folder;"), "\(again.output)")
            try folder.write(good, to: name)
            let mended = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(mended.exitCode == 0, "\(mended.error)")
            #expect(!mended.output.contains("standing"), "\(mended.output)")
            #expect(try await place.brokenPromises() == [])
        }
    }
}
