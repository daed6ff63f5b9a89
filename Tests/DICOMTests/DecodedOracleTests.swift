import Foundation
import Imaging
import Testing

@testable import DICOM

/// Every file with pixels that pydicom decodes (with GDCM, pylibjpeg, pyjpegls) is decoded here, to the same array: bit
/// for bit where the transfer syntax is lossless, within 1 where it is lossy. What came out is the table of
/// docs/transfer-syntaxes.md; `SLICEHOUSE_RECORD=1` writes it anew.
///
/// `SLICEHOUSE_REAL_DATA` names further folders, separated by colons.
@Suite("Frames beside pydicom") struct DecodedOracleTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing =
        "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pydicom and its decoders"
    private static let realData = (environment["SLICEHOUSE_REAL_DATA"] ?? "").split(separator: ":").map(String.init)

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `pydicom's test files give pydicom's arrays`() throws {
        let outcomes = try outcomes(folders: [])
        #expect(outcomes.count > 80)
        try OutcomeTable(outcomes).expectInDocument(section: "pydicom")
    }

    @Test(.enabled(if: !python.isEmpty && !realData.isEmpty, "SLICEHOUSE_REAL_DATA or \(isMissing)"))
    func `real files give pydicom's arrays`() throws {
        let outcomes = try outcomes(folders: Self.realData)
        try OutcomeTable(outcomes).expectInDocument(section: "real")
    }

    private func outcomes(folders: [String]) throws -> [DecodingOutcome] {
        let out = FileManager.default.temporaryDirectory.appending(path: "dicom-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: out) }
        try Oracle.run(Self.python, [out.path] + folders)
        let lines = try String(contentsOf: out.appending(path: "index.tsv"), encoding: .utf8).split(separator: "\n")
        return try lines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let outcome = try outcome(fields, in: out)
            outcome.expectExplained()
            return outcome
        }
    }

    private func outcome(_ fields: [String], in out: URL) throws -> DecodingOutcome {
        let path = URL(filePath: fields[0])
        let expected =
            fields[4] == "-" ? nil : [UInt8](try Data(contentsOf: out.appending(path: fields[4])))
        var outcome = DecodingOutcome(
            name: path.lastPathComponent, syntaxUID: fields[1], isDecodedByPydicom: expected != nil)
        do {
            let file = try DICOMFile(bytes: [UInt8](try Data(contentsOf: path)))
            let source = try file.frameSource()
            let frames = try (0..<source.frameCount).map { try source.frame($0) }
            outcome.difference = try expected.map { try Self.difference(frames, $0) }
        } catch let error as DICOMError {
            outcome.refusal = error
        }
        return outcome
    }

    /// The largest difference of two samples; infinite where the arrays have other sizes.
    private static func difference(_ frames: [PixelBuffer], _ expected: [UInt8]) throws -> Double {
        let bytes = frames.flatMap { $0.bytes }
        guard bytes != expected else { return 0 }
        guard bytes.count == expected.count, let first = frames.first else { return .infinity }
        func values(_ bytes: [UInt8]) throws -> [Double] {
            try PixelBuffer(
                type: first.type, rows: first.rows * frames.count, columns: first.columns,
                samplesPerPixel: first.samplesPerPixel, bytes: bytes
            ).doubles()
        }
        return zip(try values(bytes), try values(expected)).map { abs($0 - $1) }.max() ?? 0
    }
}

/// What became of one file here and in pydicom.
struct DecodingOutcome {
    let name: String
    let syntaxUID: String
    let isDecodedByPydicom: Bool
    /// Against pydicom's array, where both decode it.
    var difference: Double?
    var refusal: DICOMError?

    private static let lossySyntaxes = ["50", "51", "81", "91", "93", "203"].map { "1.2.840.10008.1.2.4." + $0 }

    /// Files that we decode and pydicom does not, each with its reason.
    static let onlyHere: [String: String] = [
        "JPEG-lossy.dcm": "12-bit JPEG whose decoder pydicom's packages refuse",
        "MR1_JPLY": "12-bit JPEG whose decoder pydicom's packages refuse",
        "NM1_JPLY": "12-bit JPEG whose decoder pydicom's packages refuse",
        "GH340.dcm": "no transfer syntax is named; it is recognised from the bytes",
        "badVR.dcm": "its number of frames is no number; the whole frames that are there are given",
    ]

    /// Refused here though pydicom decodes them. There are none.
    static let onlyPydicom: [String: String] = [:]

    var syntaxName: String {
        syntaxUID.isEmpty ? "not named" : DICOMTransferSyntax(uid: syntaxUID).name
    }

    /// The column of the table.
    enum Kind: Int, CaseIterable { case equal, withinOne, onlyHere, rejectedByBoth, wrong }

    var kind: Kind {
        switch (difference, refusal) {
        case (0?, _): .equal
        case (let difference?, _): difference <= 1 && Self.lossySyntaxes.contains(syntaxUID) ? .withinOne : .wrong
        case (nil, nil): .onlyHere
        case (nil, _?): isDecodedByPydicom ? .wrong : .rejectedByBoth
        }
    }

    /// A line of the list of exceptions; `nil` for what both decode alike.
    var exception: String? {
        switch kind {
        case .equal, .withinOne: nil
        case .onlyHere: "| `\(name)` | decoded here only | \(Self.onlyHere[name] ?? "?") |"
        case .rejectedByBoth: "| `\(name)` | `\(refusal?.code.rawValue ?? "")` | \(refusal?.reason ?? "") |"
        case .wrong:
            "| `\(name)` | \(difference.map { "differs by \($0)" } ?? "refused here only") | "
                + "\(Self.onlyPydicom[name] ?? "?") |"
        }
    }

    func expectExplained() {
        switch kind {
        case .equal, .withinOne, .rejectedByBoth: break
        case .onlyHere: #expect(Self.onlyHere[name] != nil, "\(name) (\(syntaxName)) is decoded, and not by pydicom")
        case .wrong:
            #expect(Self.onlyPydicom[name] != nil, "\(exception ?? name) \(syntaxName) \(refusal?.description ?? "")")
        }
    }
}

/// Counts by transfer syntax, and the exceptions, as a part of docs/transfer-syntaxes.md.
struct OutcomeTable {
    private let outcomes: [DecodingOutcome]

    init(_ outcomes: [DecodingOutcome]) { self.outcomes = outcomes }

    private var text: String {
        let bySyntax = Dictionary(grouping: outcomes) { $0.syntaxName }
        let rows = bySyntax.sorted { ($0.value[0].syntaxUID, $0.key) < ($1.value[0].syntaxUID, $1.key) }
            .map { row($0.key, $0.value) }
        let head = ["| transfer syntax | files | equal | within 1 | decoded here only | rejected by both |"]
        var lines = head + ["|---|---:|---:|---:|---:|---:|"] + rows + [row("all", outcomes)]
        let exceptions = Set(outcomes.compactMap(\.exception)).sorted()
        if !exceptions.isEmpty { lines += ["", "| file | outcome | why |", "|---|---|---|"] + exceptions }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ outcomes: [DecodingOutcome]) -> String {
        let counts = DecodingOutcome.Kind.allCases.dropLast().map { kind in outcomes.count { $0.kind == kind } }
        return "| \(name) | \(outcomes.count) | " + counts.map(\.description).joined(separator: " | ") + " |"
    }

    /// Compares with the document, or writes the section there.
    func expectInDocument(section: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = root.appending(path: "docs/transfer-syntaxes.md")
        let content = try String(contentsOf: document, encoding: .utf8)
        let (begin, end) = ("<!-- \(section) -->\n", "\n<!-- end of \(section) -->")
        let start = try #require(content.range(of: begin)).upperBound
        let stop = try #require(content.range(of: end, range: start..<content.endIndex)).lowerBound
        if ProcessInfo.processInfo.environment["SLICEHOUSE_RECORD"] == "1" {
            try content.replacingCharacters(in: start..<stop, with: text)
                .write(to: document, atomically: true, encoding: .utf8)
        } else {
            #expect(String(content[start..<stop]) == text, "SLICEHOUSE_RECORD=1 writes docs/transfer-syntaxes.md anew")
        }
    }
}
