internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// What is odd about outlines once they lie on the slices of their series; told of the file that has them.
struct PlacementOddities: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let origin: LabelOrigin

    private static let outside = "contour_outside_image"
    private static let negative = "contour_volume_negative"

    /// Brings the findings of the file up to date. Returns how many are new.
    func refresh(_ marks: [PlacedMark]) async throws -> Int {
        guard let sourceID = origin.sourceFileID else { return 0 }
        let writer = FindingWriter(connection: connection, context: context)
        let standing = try await writer.standing(
            where: "source_file_id = \(sourceID) AND check_name IN \(list: [Self.outside, Self.negative])")
        return try await writer.replace(standing, with: findings(marks, sourceID: sourceID))
    }

    private func findings(_ marks: [PlacedMark], sourceID: Int64) -> [Finding] {
        let outside = marks.reduce(0) { $0 + $1.outsideContours }
        let negative = marks.count { $0.isNegative }
        var found: [Finding] = []
        if outside > 0 {
            found.append(
                finding(
                    Self.outside, outside, sourceID,
                    "\(outside) contours have points outside of their image: what lies on the image is marked, and "
                        + "diameter and volume are of the whole outline."))
        }
        if negative > 0 {
            found.append(
                finding(
                    Self.negative, negative, sourceID,
                    "Exclusions of \(negative) nodules are larger than their inclusions; no volume is stored of them."))
        }
        return found
    }

    private func finding(_ check: String, _ count: Int, _ sourceID: Int64, _ sentence: String) -> Finding {
        Finding(
            check: check, severity: .warning, subject: .sourceFile(sourceID), sentence: sentence,
            detail: ["count": .integer(count)])
    }
}
