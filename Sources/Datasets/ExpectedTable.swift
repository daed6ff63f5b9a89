/// A table of labels that belongs to a layout, here or in another folder.
package struct ExpectedTable: Sendable, Hashable {
    package let dataset: DatasetIdentity
    /// `label_source.name`, any of them: RSNA 2019 has a table for each stage, and nobody both.
    package let sourceNames: [String]

    package init(dataset: DatasetIdentity, sourceNames: [String]) {
        self.dataset = dataset
        self.sourceNames = sourceNames
    }

    func named(_ name: String) -> ExpectedTable {
        ExpectedTable(dataset: dataset.named(name), sourceNames: sourceNames)
    }
}
