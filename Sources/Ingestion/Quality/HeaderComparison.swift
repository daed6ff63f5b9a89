internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Says where a file whose pixels are known has another header than the one that is stored with them.
///
/// Identity is pixels, so the first header stays; that another one exists should not be lost. The finding ends when the
/// file is read again and says what is stored.
struct HeaderComparison: Sendable {
    let connection: any WarehouseConnection
    let sourceIDs: [Int: Int64]

    static let check = "header_differs"

    func findings(of draft: SeriesDraft) async throws -> [Finding] {
        try await findingsOfAttributes(draft) + findingsOfVolumes(draft)
    }

    private func findingsOfAttributes(_ draft: SeriesDraft) async throws -> [Finding] {
        var findings: [Finding] = []
        var stored: [Int: [Int64: HeaderAccumulator.Header]] = [:]
        for file in draft.files {
            guard let header = file.header, !header.isEmpty, let place = file.places.first,
                let sliceID = draft.sliceID(of: place), let seriesID = draft.seriesID(of: place.variant),
                let sourceID = sourceIDs[file.entry.file.number]
            else { continue }
            if stored[place.variant] == nil {
                stored[place.variant] = try await StoredSlices(connection: connection).headers(
                    seriesID: seriesID, patientID: draft.identity.patientID)
            }
            guard let first = stored[place.variant]?[sliceID] else { continue }
            let paths = Set(header.keys).union(first.keys).filter { header[$0] != first[$0] }.sorted()
            if !paths.isEmpty { findings.append(finding(paths, sourceID: sourceID)) }
        }
        return findings
    }

    /// A mask lies where its file says now, see ``MaskGrids``.
    private func findingsOfVolumes(_ draft: SeriesDraft) async throws -> [Finding] {
        guard draft.plan.mask == nil else { return [] }
        var findings: [Finding] = []
        for file in draft.files {
            guard let header = file.volume, let sliceID = draft.sliceID(of: header.place),
                let seriesID = draft.seriesID(of: header.place.variant),
                let sourceID = sourceIDs[file.entry.file.number]
            else { continue }
            let words = try await header.differences(
                fromSeries: seriesID, slice: sliceID, patientID: draft.identity.patientID, on: connection)
            if !words.isEmpty { findings.append(finding(of: words, sourceID: sourceID)) }
        }
        return findings
    }

    /// A warning, since marks are laid into the grid that is stored.
    private func finding(of words: [String], sourceID: Int64) -> Finding {
        Finding(
            check: Self.check, severity: .warning, subject: .sourceFile(sourceID),
            sentence: "The voxels of this file are stored already, from a file whose header differs in "
                + words.joined(separator: ", ") + "; the header that came first stays, and marks are placed by it. "
                + "Where this one is right, ingest the files into a new warehouse.",
            detail: ["attributes": .strings(words)])
    }

    private func finding(_ paths: [String], sourceID: Int64) -> Finding {
        Finding(
            check: Self.check, severity: .info, subject: .sourceFile(sourceID),
            sentence: "The pixels of this file are stored already, from a file whose header differs in "
                + "\(paths.count) attributes; the header that came first stays.",
            detail: ["paths": .strings(paths)])
    }
}
