internal import SQLInterface
internal import Warehouse

/// Slices that a MetaImage file gave and gives no more, though the file to which they point is the same.
///
/// Header and voxels may be two files, of which the slices point to one: where the other one changed alone, its digest
/// does not say that the slices are others. Theirs, `slice_source.sha256`, becomes that of both files together, with
/// which their keys begin, so that no file holds them until it gives them again.
struct ReleasedVoxels: Sendable {
    let connection: any WarehouseConnection

    /// - Parameters:
    ///   - sourceID: the file to which the slices point.
    ///   - sha256: its digest.
    ///   - held: slices that it gives now.
    func release(from sourceID: Int64, sha256: [UInt8], butThoseOf held: Set<Int64>, patientID: Int64) async throws {
        let rows = try await connection.rows(
            """
            SELECT slice_source.slice_id, slice.slice_key FROM slice_source
            JOIN slice ON slice.patient_id = slice_source.patient_id AND slice.slice_id = slice_source.slice_id
            WHERE slice_source.source_file_id = \(sourceID) AND slice_source.patient_id = \(patientID)
                AND slice_source.sha256 = \(sha256)
            """)
        for row in rows {
            let sliceID: Int64 = try row.get("slice_id")
            guard !held.contains(sliceID), let digest = Self.digest(ofKey: try row.get("slice_key")) else { continue }
            try await connection.execute(
                """
                UPDATE slice_source SET sha256 = \(digest)
                WHERE patient_id = \(patientID) AND slice_id = \(sliceID) AND source_file_id = \(sourceID)
                """)
        }
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
