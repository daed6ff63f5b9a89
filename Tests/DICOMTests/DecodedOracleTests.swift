import Foundation
import Imaging
import Testing

@testable import DICOM

/// Every file that pydicom decodes (with GDCM, pylibjpeg, pyjpegls) is decoded here, to the same array: bit for bit where
/// the transfer syntax is lossless, within 1 where it is lossy. There are no exceptions among pydicom's test files.
///
/// `SLICEHOUSE_REAL_DATA` names further folders, separated by colons.
@Suite("Frames beside pydicom") struct DecodedOracleTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing =
        "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pydicom and its decoders"
    private static let realData = (environment["SLICEHOUSE_REAL_DATA"] ?? "").split(separator: ":").map(String.init)
    private static let lossySyntaxes = ["50", "51", "81", "91", "93", "203"].map { "1.2.840.10008.1.2.4." + $0 }

    /// Files that pydicom decodes and we do not, by name, each with its reason.
    private static let refused: [String: String] = [:]

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `pydicom's test files give pydicom's arrays`() throws {
        let count = try compare(folders: [])
        #expect(count > 60)
    }

    @Test(.enabled(if: !python.isEmpty && !realData.isEmpty, "SLICEHOUSE_REAL_DATA or \(isMissing)"))
    func `real files give pydicom's arrays`() throws {
        #expect(try compare(folders: Self.realData) > 0)
    }

    /// Returns how many files were compared.
    private func compare(folders: [String]) throws -> Int {
        let out = FileManager.default.temporaryDirectory.appending(path: "dicom-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: out) }
        try runOracle([out.path] + folders)
        let lines = try String(contentsOf: out.appending(path: "index.tsv"), encoding: .utf8).split(separator: "\n")
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let expected = [UInt8](try Data(contentsOf: out.appending(path: fields[4])))
            let name = URL(filePath: fields[0]).lastPathComponent
            if Self.refused[name] == nil { try compare(fields, expected, name: name) }
        }
        return lines.count
    }

    private func compare(_ fields: [String], _ expected: [UInt8], name: String) throws {
        let file = try DICOMFile(bytes: [UInt8](try Data(contentsOf: URL(filePath: fields[0]))))
        let source: any DICOMFrameSource
        var decoded: [PixelBuffer] = []
        do {
            source = try file.frameSource()
            decoded = try (0..<source.frameCount).map { try source.frame($0) }
        } catch {
            Issue.record("\(name) (\(fields[1])) is refused: \(error)")
            return
        }
        let bytes = decoded.flatMap { $0.bytes }
        guard bytes != expected else { return }
        guard Self.lossySyntaxes.contains(fields[1]), bytes.count == expected.count, let first = decoded.first else {
            Issue.record("\(name) (\(fields[1]), \(fields[2]), \(fields[3])) differs from pydicom")
            return
        }
        func values(_ bytes: [UInt8]) throws -> [Double] {
            try PixelBuffer(
                type: first.type, rows: first.rows * decoded.count, columns: first.columns,
                samplesPerPixel: first.samplesPerPixel, bytes: bytes
            ).doubles()
        }
        let largest = zip(try values(bytes), try values(expected)).map { abs($0 - $1) }.max() ?? 0
        #expect(largest <= 1, "\(name) (\(fields[1]))")
    }

    private func runOracle(_ arguments: [String]) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: Self.python)
        process.arguments = [script.appending(path: "dicom-oracle").path] + arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
