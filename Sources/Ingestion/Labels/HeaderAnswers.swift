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

    /// Text by path; the empty text where the attribute has no value.
    private typealias Values = [String: String]

    private struct Series {
        let patientID: Int64
        let sliceCount: Int
        var common: Values = [:]
        var slices: [Int64: Values] = [:]
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
        func coalesced(_ own: Values) -> String? {
            rule.domain.coalesced { attribute in
                rule.paths[attribute].flatMap { own[$0] ?? series.common[$0] }
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
        if series.slices.count < series.sliceCount, let common = coalesced([:]) { texts.insert(common) }
        return texts.sorted().enumerated().map { occurrence, text in
            HeaderAnswer(
                patientID: series.patientID, seriesID: id, sliceID: nil, domain: rule.domain.name,
                occurrence: occurrence, rawValue: text)
        }
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
        for row in try await connection.rows(commonQuery(ids)) {
            found[try row.get("series_id")]?.common[try row.get("path")] = try row.get("value", as: String?.self) ?? ""
        }
        if rules.contains(where: { $0.level == .slice }) {
            for row in try await connection.rows(
                "SELECT series_id, slice_id FROM slice WHERE series_id IN \(list: ids)")
            {
                found[try row.get("series_id")]?.slices[try row.get("slice_id")] = [:]
            }
        }
        for row in try await connection.rows(sliceQuery(ids)) {
            let value = try row.get("value", as: String?.self) ?? ""
            found[try row.get("series_id")]?.slices[try row.get("slice_id"), default: [:]][try row.get("path")] = value
        }
        return found
    }

    private var paths: [String] { Set(rules.flatMap { $0.paths.values }).sorted() }

    /// Of several values of one path (items of a sequence) the first stands for all.
    private func commonQuery(_ ids: [Int64]) -> SQL {
        """
        SELECT header_value.series_id, header_value.path, header_value.value FROM series
        JOIN header_value ON header_value.patient_id = series.patient_id AND header_value.series_id = series.series_id
        WHERE series.series_id IN \(list: ids) AND header_value.path IN \(list: paths)
            AND header_value.value_ordinal = 0
        """
    }

    private func sliceQuery(_ ids: [Int64]) -> SQL {
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
