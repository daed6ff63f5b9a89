internal import SQLInterface

extension MissingTables {
    /// What holds for a row of `label_source` that marks something, on series that are here or not.
    static let hasMarks: SQL = """
        EXISTS (
            SELECT 1 FROM annotation WHERE annotation.label_source_id = label_source.label_source_id)
        OR EXISTS (
            SELECT 1 FROM annotation_unresolved
            WHERE annotation_unresolved.label_source_id = label_source.label_source_id)
        """
}
