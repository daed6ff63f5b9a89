package import SQLInterface

/// What a user means by one word: a series or a slice, by Series or SOP Instance UID, series_id or slice_id.
package struct NamedPlace: Sendable {
    private let word: String

    package init(_ word: String) {
        self.word = word
    }

    /// A query of patient_id, series_id and slice_id, which is NULL where the word names the whole series.
    ///
    /// An object without pixels has its SOP Instance UID in the header of its series.
    package var query: SQL {
        let id = Int64(word) ?? -1
        return """
            SELECT series.patient_id, series.series_id, NULL AS slice_id FROM series
            WHERE series.series_instance_uid = \(word) OR series.series_id = \(id)
            UNION ALL
            SELECT slice.patient_id, slice.series_id, slice.slice_id FROM slice
            WHERE slice.sop_instance_uid = \(word) OR slice.slice_id = \(id)
            UNION ALL
            SELECT header_value.patient_id, header_value.series_id, NULL FROM header_value
            WHERE header_value.path = '00080018' AND header_value.value = \(word)
            """
    }
}
