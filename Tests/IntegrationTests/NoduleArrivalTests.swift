import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// One scan of LIDC-IDRI of which some slices come later.
private struct PartialScan {
    let folder: TemporaryFolder
    private let late: [String]

    /// - Parameters:
    ///   - late: indices of the slices that lie aside until `complete`.
    ///   - edit: what becomes of the lines of the reading.
    init(late: Set<Int>, _ edit: ([String]) -> [String] = { $0 }) throws {
        folder = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 1
        _ = try LIDCPhantom(options).write(to: folder.path("lidc"))
        let files = folder.files(below: "lidc")
        let reading = try #require(files.first { $0.hasSuffix("/69.xml") })
        let text = String(decoding: try folder.read(reading), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try folder.write(edit(lines).joined(separator: "\n"), to: reading)
        let slices = files.filter { $0.hasSuffix(".dcm") }
        self.late = late.sorted().map { slices[$0] }
        for name in self.late { try folder.move(name, to: "aside/" + name) }
    }

    func complete() throws {
        for name in late { try folder.move("aside/" + name, to: name) }
    }

    /// Leaves of one nodule of a reader only the outlines on these slices.
    static func keep(_ slices: [Int], of nodule: String, in lines: [String]) -> [String] {
        let places = slices.map { "<imageZposition>\(-340 + 2.5 * Double($0))</imageZposition>" }
        var isInside = false
        return lines.filter { line in
            if line.contains("<noduleID>\(nodule)</noduleID>") { isInside = true }
            if line.hasPrefix("</unblindedReadNodule>") { isInside = false }
            return !isInside || !line.hasPrefix("<roi>") || places.contains { line.contains($0) }
        }
    }

    /// Gives one nodule of a reader five times.
    static func repeating(_ nodule: String, in lines: [String]) -> [String] {
        guard let start = lines.firstIndex(where: { $0.contains("<noduleID>\(nodule)</noduleID>") }),
            let end = lines[start...].firstIndex(where: { $0.hasPrefix("</unblindedReadNodule>") })
        else { return lines }
        var result = lines
        for _ in 0..<4 { result.insert(contentsOf: lines[start...end], at: end + 1) }
        return result
    }
}

/// Nodules of several readers, of a series whose slices come in two parts.
@Suite("Nodules of slices that come later") struct NoduleArrivalTests {
    /// Five readings of one outline are more than four readers; the two nodules that touch lie on slices 6 to 12.
    @Test(arguments: TestEngine.available)
    func `what cannot be told apart is counted anew with the slices that arrive`(
        engine: WarehouseEngine
    ) async throws {
        let scan = try PartialScan(late: Set(6...12)) { PartialScan.repeating("0-0", in: $0) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: scan.folder)
            func told() async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'ambiguous_nodule'").map {
                    String(try $0.get("sentence", as: String.self).prefix { $0 != " " })
                }
            }
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await told() == ["1"])
            try scan.complete()
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await told() == ["2"])
            #expect(try await place.count("SELECT count(*) FROM annotation_unresolved") == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
