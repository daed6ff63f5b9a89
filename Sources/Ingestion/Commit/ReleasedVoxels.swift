internal import SQLInterface
internal import Warehouse

/// Slices that a MetaImage file gave and gives no more, though the file to which they point is the same.
///
/// Header and voxels may be two files, of which the slices point to one: where the other one changed alone, its digest
/// does not say that the slices are others. Theirs, `slice_source.sha256`, becomes that of both files together, with
/// which their keys begin, so that no file holds them until it gives them again.
struct ReleasedVoxels: Sendable {
    let connection: any WarehouseConnection

    /// What a file gives now.
    struct Given: Sendable {
        /// The file to which the slices point, and its digest.
        let sourceID: Int64
        let sha256: [UInt8]
        let sliceIDs: Set<Int64>
        let patientID: Int64
        /// Variant 0.
        let seriesID: Int64
        /// Two files of which the slices point to the voxels, which another header may share.
        let isPair: Bool
    }

    /// Releases slices of the same series, and of others (each content that `--masks-for` meets makes one) those of
    /// another content: one file may be given with several targets. Outside published data sets the content says whose
    /// a volume is, so that the others may be another patient's.
    func release(butFor given: Given) async throws {
        let ofPatient: SQL = given.isPair ? "AND slice_source.patient_id = \(given.patientID)" : ""
        let rows = try await connection.rows(
            """
            SELECT slice_source.patient_id, slice_source.slice_id, slice.slice_key,
                CASE WHEN series.series_id = \(given.seriesID) OR series.conflict_of = \(given.seriesID)
                    THEN 1 ELSE 0 END AS is_own
            FROM slice_source
            JOIN slice ON slice.patient_id = slice_source.patient_id AND slice.slice_id = slice_source.slice_id
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            WHERE slice_source.source_file_id = \(given.sourceID) AND slice_source.sha256 = \(given.sha256)
                \(sql: ofPatient)
            """)
        let stored = try rows.map { row in
            Stored(
                patientID: try row.get("patient_id"), sliceID: try row.get("slice_id"),
                digest: Self.digest(ofKey: try row.get("slice_key")), isOwn: try row.get("is_own", as: Int.self) == 1)
        }
        let contents = Set(stored.filter { given.sliceIDs.contains($0.sliceID) }.map(\.digest))
        for slice in stored where !given.sliceIDs.contains(slice.sliceID) {
            let isReleased = slice.isOwn || (!given.isPair && !contents.contains(slice.digest))
            guard isReleased, let digest = slice.digest else { continue }
            try await connection.execute(
                """
                UPDATE slice_source SET sha256 = \(digest)
                WHERE patient_id = \(slice.patientID) AND slice_id = \(slice.sliceID)
                    AND source_file_id = \(given.sourceID)
                """)
        }
    }

    private struct Stored {
        let patientID: Int64
        let sliceID: Int64
        let digest: [UInt8]?
        let isOwn: Bool
    }

    /// The digest in a key of the form `sha256:DIGEST@n#k`; `nil` for others.
    private static func digest(ofKey key: String) -> [UInt8]? {
        let prefix = "sha256:"
        guard key.hasPrefix(prefix) else { return nil }
        let digits = Array(key.dropFirst(prefix.count).prefix(64))
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
            UInt8(String(digits[place...(place + 1)]), radix: 16)
        }
        return bytes.count == 32 ? bytes : nil
    }
}
