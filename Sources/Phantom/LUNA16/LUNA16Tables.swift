internal import Imaging

/// The tables of the look-alike, as text.
struct LUNA16Tables {
    let cohort: LUNA16Cohort

    private struct Row {
        let uid: String
        let point: SIMD3<Double>
        let diameter: Double
    }

    var files: [(name: String, text: String)] {
        get throws {
            let rows = try nodules()
            return [
                ("annotations.csv", annotations(rows)), ("candidates.csv", try candidates(rows, doubled: false)),
                ("candidates_V2.csv", try candidates(rows, doubled: true)),
                ("annotations_with_malignancy.csv", malignancy(rows)),
                ("sampleSubmission.csv", "seriesuid,coordX,coordY,coordZ,probability\n\(rows[0].uid),1,2,3,0.5\n"),
            ]
        }
    }

    private func nodules() throws -> [Row] {
        try cohort.scans.flatMap { scan in
            let geometry = try scan.geometry()
            return scan.stack.nodules.map { nodule in
                Row(
                    uid: scan.uid,
                    point: geometry.world(
                        column: nodule.centre.x, row: nodule.centre.y, slice: nodule.centre.z),
                    diameter: 2 * nodule.radius)
            }
        }
    }

    private func place(_ row: Row) -> String { "\(row.uid),\(row.point.x),\(row.point.y),\(row.point.z)" }

    private func annotations(_ rows: [Row]) -> String {
        "seriesuid,coordX,coordY,coordZ,diameter_mm\n"
            + rows.map { "\(place($0)),\($0.diameter)\n" }.joined()
    }

    /// Every nodule is a candidate, in the second version a few twice; the rest are points in the lungs.
    private func candidates(_ rows: [Row], doubled: Bool) throws -> String {
        var text = "seriesuid,coordX,coordY,coordZ,class\n"
        for (index, row) in rows.enumerated() {
            text += "\(place(row)),1\n"
            if doubled, index % 5 == 0 { text += "\(row.uid),\(row.point.x + 1),\(row.point.y),\(row.point.z),1\n" }
        }
        for scan in cohort.scans {
            var random = SeededGenerator(seed: cohort.options.seed, key: UInt64(scan.number), 0x63_61)
            let geometry = try scan.geometry()
            for _ in 0..<cohort.options.candidatesPerSeries {
                let point = geometry.world(
                    column: Double(random.index(below: scan.stack.size)),
                    row: Double(random.index(below: scan.stack.size)),
                    slice: Double(random.index(below: scan.stack.sliceCount)))
                text += "\(scan.uid),\(point.x),\(point.y),\(point.z),0\n"
            }
        }
        return text
    }

    /// Without the nodules of one series of one, and without three others: 1,182 rows of 600 series.
    private func malignancy(_ rows: [Row]) -> String {
        var text = "seriesuid,coordX,coordY,coordZ,diameter_mm,mal_bool,mal_details,bboxLowX,bboxLowY,bboxLowZ,"
        text += "bboxHighX,bboxHighY,bboxHighZ,len_mal_details\n"
        let firstOfMany = cohort.scans[310].uid
        var omitted = 0
        let kept = rows.filter { row in
            if row.uid == cohort.scans[0].uid { return false }
            guard row.uid == firstOfMany, omitted < 3 else { return true }
            omitted += 1
            return false
        }
        let readers = [(408, 3), (763, 4), (8, 5), (1, 6), (2, 7)].flatMap { Array(repeating: $0.1, count: $0.0) }
        for (index, (row, count)) in zip(kept, readers).enumerated() {
            // 378 of the 1,182 rows, spread over them.
            let isMalignant = (index + 1) * 378 / 1_182 > index * 378 / 1_182
            let details = (0..<count).map { isMalignant && $0 < 2 ? 4 : 1 + ($0 + index) % 3 }
            let half = row.diameter / 2
            let corners = [-half, half].flatMap { side in
                [row.point.x + side, row.point.y + side, row.point.z + side].map(\.description)
            }
            text += "\(place(row)),\(row.diameter),\(isMalignant ? "True" : "False"),\"\(details)\","
            text += corners.joined(separator: ",") + ",\(count)\n"
        }
        return text
    }
}
