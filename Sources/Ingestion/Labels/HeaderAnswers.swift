internal import DICOM
internal import Domains
internal import SQLInterface
internal import Warehouse

/// A label that a header gives: about what, in which domain, and its text.
struct HeaderAnswer: Sendable, Hashable {
    let patientID: Int64
    let seriesID: Int64
    /// `nil` at level series.
    let sliceID: Int64?
    let domain: String
    /// 0, or 1, 2, … where slices of the series say different things.
    let occurrence: Int
    let rawValue: String

    var subjectID: Int64 { sliceID ?? seriesID }
}

/// Reads what the headers of some series answer.
struct HeaderAnswers {
    let connection: any WarehouseConnection
    let rules: [HeaderRule]

    private struct Header {
        /// Text by path; the empty text where the attribute has no value.
        var values: [String: String] = [:]
        var blocks: Set<PrivateBlock> = []
    }

    private struct Series {
        let patientID: Int64
        let sliceCount: Int
        var common = Header()
        var slices: [Int64: Header] = [:]
    }

    func answers(ofSeries ids: [Int64]) async throws -> Set<HeaderAnswer> {
        let series = try await series(ids)
        var answers: Set<HeaderAnswer> = []
        for (id, series) in series {
            for rule in rules { answers.formUnion(self.answers(rule, id, series)) }
        }
        return answers
    }

    private func answers(_ rule: HeaderRule, _ id: Int64, _ series: Series) -> [HeaderAnswer] {
        func coalesced(_ own: Header) -> String? {
            rule.domain.coalesced { attribute in
                rule.keys[attribute].flatMap { text(of: $0, own: own, common: series.common) }
            }?.raw
        }
        if rule.level == .slice {
            return series.slices.compactMap { sliceID, own in
                coalesced(own).map {
                    HeaderAnswer(
                        patientID: series.patientID, seriesID: id, sliceID: sliceID, domain: rule.domain.name,
                        occurrence: 0, rawValue: $0)
                }
            }
        }
        var texts = Set(series.slices.values.compactMap(coalesced))
        if series.slices.count < series.sliceCount, let common = coalesced(Header()) { texts.insert(common) }
        return texts.sorted().enumerated().map { occurrence, text in
            HeaderAnswer(
                patientID: series.patientID, seriesID: id, sliceID: nil, domain: rule.domain.name,
                occurrence: occurrence, rawValue: text)
        }
    }

    /// A private attribute is looked for in the blocks of its creator, the first of which that has it counts.
    private func text(of key: DICOMPath.Key, own: Header, common: Header) -> String? {
        guard key.creator != nil else { return own.values[key.path] ?? common.values[key.path] }
        let paths = own.blocks.union(common.blocks).compactMap { $0.path(of: key) }.sorted()
        return paths.lazy.compactMap { own.values[$0] ?? common.values[$0] }.first
    }

    // MARK: Reading

    private func series(_ ids: [Int64]) async throws -> [Int64: Series] {
        var found: [Int64: Series] = [:]
        for row in try await connection.rows(
            "SELECT patient_id, series_id, slice_count FROM series WHERE series_id IN \(list: ids)")
        {
            let count: Int = try row.get("slice_count")
            found[try row.get("series_id")] = Series(patientID: try row.get("patient_id"), sliceCount: max(1, count))
        }
        if rules.contains(where: { $0.level == .slice }) {
            for row in try await connection.rows(
                "SELECT series_id, slice_id FROM slice WHERE series_id IN \(list: ids)")
            {
                found[try row.get("series_id")]?.slices[try row.get("slice_id")] = Header()
            }
        }
        let paths = paths(in: try await addBlocks(to: &found, ids))
        for row in try await connection.rows(commonQuery(ids, paths)) {
            let value = try row.get("value", as: String?.self) ?? ""
            found[try row.get("series_id")]?.common.values[try row.get("path")] = value
        }
        for row in try await connection.rows(sliceQuery(ids, paths)) {
            let value = try row.get("value", as: String?.self) ?? ""
            let sliceID: Int64 = try row.get("slice_id")
            found[try row.get("series_id")]?.slices[sliceID, default: Header()].values[try row.get("path")] = value
        }
        return found
    }

    private var keys: Set<DICOMPath.Key> { Set(rules.flatMap { $0.keys.values }) }

    private func paths(in blocks: Set<PrivateBlock>) -> [String] {
        let plain = keys.filter { $0.creator == nil }.map(\.path)
        return Set(plain + keys.flatMap { key in blocks.compactMap { $0.path(of: key) } }).sorted()
    }

    /// Adds the private blocks that the rules ask for, and returns them.
    private func addBlocks(to found: inout [Int64: Series], _ ids: [Int64]) async throws -> Set<PrivateBlock> {
        let keys = self.keys.filter { $0.creator != nil }
        var blocks: Set<PrivateBlock> = []
        for prefix in Set(keys.map(\.creatorPrefix)).sorted() {
            for row in try await connection.rows(blockQuery(ids, prefix, keys.compactMap(\.creator))) {
                let block = PrivateBlock(creatorPath: try row.get("path"), creator: try row.get("value"))
                guard keys.contains(where: { block.path(of: $0) != nil }) else { continue }
                blocks.insert(block)
                let seriesID: Int64 = try row.get("series_id")
                if let sliceID: Int64 = try row.get("slice_id") {
                    found[seriesID]?.slices[sliceID, default: Header()].blocks.insert(block)
                } else {
                    found[seriesID]?.common.blocks.insert(block)
                }
            }
        }
        return blocks
    }

    private func blockQuery(_ ids: [Int64], _ prefix: String, _ creators: [String]) -> SQL {
        """
        SELECT header_value.series_id, NULL AS slice_id, header_value.path, header_value.value FROM series
        JOIN header_value ON header_value.patient_id = series.patient_id AND header_value.series_id = series.series_id
        WHERE series.series_id IN \(list: ids) AND header_value.value IN \(list: creators)
            AND header_value.path > \(prefix) AND header_value.path < \(prefix + "g")
        UNION ALL
        SELECT header_slice_value.series_id, header_slice_value.slice_id, header_slice_value.path,
            header_slice_value.value
        FROM series
        JOIN header_slice_value ON header_slice_value.patient_id = series.patient_id
            AND header_slice_value.series_id = series.series_id
        WHERE series.series_id IN \(list: ids) AND header_slice_value.value IN \(list: creators)
            AND header_slice_value.path > \(prefix) AND header_slice_value.path < \(prefix + "g")
        """
    }

    /// Of several values of one path (items of a sequence) the first stands for all.
    private func commonQuery(_ ids: [Int64], _ paths: [String]) -> SQL {
        """
        SELECT header_value.series_id, header_value.path, header_value.value FROM series
        JOIN header_value ON header_value.patient_id = series.patient_id AND header_value.series_id = series.series_id
        WHERE series.series_id IN \(list: ids) AND header_value.path IN \(list: paths)
            AND header_value.value_ordinal = 0
        """
    }

    private func sliceQuery(_ ids: [Int64], _ paths: [String]) -> SQL {
        """
        SELECT header_slice_value.series_id, header_slice_value.slice_id, header_slice_value.path,
            header_slice_value.value
        FROM series
        JOIN header_slice_value ON header_slice_value.patient_id = series.patient_id
            AND header_slice_value.series_id = series.series_id
        WHERE series.series_id IN \(list: ids) AND header_slice_value.path IN \(list: paths)
            AND header_slice_value.value_ordinal = 0
        """
    }
}
