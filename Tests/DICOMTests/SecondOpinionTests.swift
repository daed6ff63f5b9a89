import Foundation
import TestSupport
import Testing

@testable import DICOM

/// Headers beside those of DCMTK and pydicom: the same attributes, value representations and values.
///
/// `SLICEHOUSE_REAL_DATA` names further folders, separated by colons.
@Suite("Headers beside DCMTK and pydicom") struct SecondOpinionTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let realData = (environment["SLICEHOUSE_REAL_DATA"] ?? "").split(separator: ":").map(String.init)
    private static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pydicom"

    /// Where DCMTK says otherwise, and why we do not follow.
    private static let dcmtkDiffers: [String: String] = [
        "GH626.dcm": "zeros behind the data set are attributes for it",
        "rtplan_truncated.dcm": "it keeps half of the sequence in which the file ends",
        "MR-JPEGLosslessSV1.dcm": "it leaves UN where its private dictionary has the attribute",
        "adb1_1.dcm": "as above", "adb1_2.dcm": "as above", "adb1_3.dcm": "as above", "adb1_4.dcm": "as above",
        "adb1_5.dcm": "as above", "adb1_6.dcm": "as above", "adb1_7.dcm": "as above",
    ]

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `DCMTK reads the same header in every file that it survives`() throws {
        var count = 0
        for path in try files() {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            guard let file = try? DICOMFile(bytes: bytes), let theirs = try? byDCMTK(bytes) else { continue }
            count += 1
            let name = URL(filePath: path).lastPathComponent
            guard Self.dcmtkDiffers[name] == nil else { continue }
            let ours = DICOMHeader(elements: file.header.elements.filter { $0.tag < .pixelData })
            #expect(ours == theirs, "\(name)")
        }
        #expect(count > 80)
    }

    /// DCMTK over the bytes before the pixels; not where sequences nest so deep that it would overflow its stack.
    private func byDCMTK(_ bytes: [UInt8]) throws -> DICOMHeader? {
        let contents = try DICOMContents(bytes: bytes, stopBeforePixels: true, selection: nil, fileByteCount: nil)
        guard !contents.structure.warnings.contains(where: { $0.code == .nestingTooDeep }) else { return nil }
        var end = contents.bytes.count
        if let pixels = contents.structure.pixelData {
            end = pixels.valueOffset - (contents.encoding.isExplicit && pixels.vr.hasLongLength ? 12 : 8)
        }
        let header = try DCMTKReference.header(
            contents.bytes, in: contents.dataSetStart..<end, encoding: contents.encoding)
        return DICOMHeader(elements: header.elements.filter { $0.tag < .pixelData })
    }

    /// Attribute by attribute; texts are compared as texts, integers as integers, bytes by their count.
    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `pydicom reads the same attributes`() throws {
        let out = FileManager.default.temporaryDirectory.appending(path: "dicom-headers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: out) }
        try Oracle.run(Self.python, ["--headers", out.path] + Self.realData)
        var count = 0
        for entry in try FileManager.default.contentsOfDirectory(atPath: out.path).sorted() {
            let lines = try String(contentsOf: out.appending(path: entry), encoding: .utf8).split(separator: "\n")
            guard let path = lines.first.map(String.init) else { continue }
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            guard let file = try? DICOMFile(bytes: bytes) else { continue }
            count += 1
            compare(file, Set(lines.dropFirst().map(String.init)), name: URL(filePath: path).lastPathComponent)
        }
        #expect(count > 80)
    }

    /// Files in which pydicom sees other attributes, and why.
    private static let pydicomDiffers: [String: String] = [
        "rtplan_truncated.dcm": "it keeps half of the sequence in which the file ends",
        "GH1339.dcm": "it finds no attribute at all, for want of the delimiter behind the fragments",
    ]

    private func compare(_ file: DICOMFile, _ theirs: Set<String>, name: String) {
        guard Self.pydicomDiffers[name] == nil else { return }
        let ours = Set(Self.lines(of: file.header, path: ""))
        let missing = theirs.subtracting(ours).sorted()
        let more = ours.subtracting(theirs).sorted()
        #expect(missing.isEmpty && more.isEmpty, "\(name): pydicom \(missing.prefix(3)), here \(more.prefix(3))")
    }

    /// "path VR value" of what both dictionaries know: standard attributes outside private sequences.
    static func lines(of header: DICOMHeader, path: String) -> [String] {
        header.elements.filter { !$0.tag.isPrivate && $0.tag.element != 0 && $0.tag < .pixelData }
            .flatMap { element -> [String] in
                let place = path + element.tag.hexadecimal
                guard element.vr == .SQ else { return ["\(place) \(text(of: element.value))"] }
                guard case .items(let items) = element.value else { return ["\(place) 0 items"] }
                return ["\(place) \(items.count) items"]
                    + items.enumerated().flatMap { lines(of: $1, path: "\(place)[\($0)].") }
            }
    }

    private static func text(of value: DICOMValue) -> String {
        switch value {
        case .empty: ""
        case .strings(let values):
            values.map { DICOMText.trimmed($0).split { $0.isWhitespace || $0 == "\u{FFFD}" }.joined(separator: " ") }
                // Empty groups at the end of a name.
                .map { $0.hasSuffix("=") ? String($0.dropLast()) : $0 }.joined(separator: "\\")
        case .signed(let values): values.map(\.description).joined(separator: "\\")
        case .unsigned(let values): values.map(\.description).joined(separator: "\\")
        case .reals(let values): "\(values.count) reals"
        case .tags(let values): values.map(\.number.description).joined(separator: "\\")
        case .bytes(let bytes): "\((bytes.count + 1) / 2 * 2) bytes"
        case .items(let items): "\(items.count) items"
        }
    }

    private func files() throws -> [String] {
        let folders = [try Oracle.testFiles(of: Self.python)] + Self.realData
        return folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
                .map { folder + "/" + $0 }
        }.filter {
            let type = try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType
            return type == .typeRegular
        }
    }
}

/// Runs `Tests/dicom-oracle`.
enum Oracle {
    static func run(_ python: String, _ arguments: [String]) throws {
        _ = try output(python, arguments)
    }

    /// The folder of pydicom's own test files.
    static func testFiles(of python: String) throws -> String {
        try output(python, ["--where"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func output(_ python: String, _ arguments: [String]) throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let output = try ChildProcess.output(python, [script.appending(path: "dicom-oracle").path] + arguments)
        return String(decoding: output, as: UTF8.self)
    }
}
