package import CanonicalJSON
package import Imaging
internal import SQLInterface

/// What a frozen training set says of itself.
package struct TrainingSetInfo: Sendable {
    package enum SampleKind: String, Sendable, CaseIterable {
        case slice, context, crop, volume, image

        /// Whether the slices of a sample are listed in `training_sample_slice`.
        package var hasSliceList: Bool { self == .context || self == .crop || self == .volume }
    }

    package enum TargetKind: String, Sendable, CaseIterable {
        case none, mask, labels, grade, spheres
    }

    package let id: Int64
    package let name: String
    package let version: Int
    package let sampleKind: SampleKind
    package let targetKind: TargetKind
    package let parameters: JSONValue
    package let samplingPlan: JSONValue?
    package let classWeights: JSONValue?
    package let sampleCount: Int
    package let digest: [UInt8]
    package let recipe: SampleRecipe
    /// Samples of each fold of the split; a fold may have none.
    package let folds: [(name: String, count: Int)]

    /// Reads `name@version`, or the latest version of `name`.
    ///
    /// **Throws** `notFound`, `unusableSet` (invalidated, or made by a later program), `incompleteSet`.
    package init(reading title: String, from connection: any StreamConnection) throws {
        let parts = title.split(separator: "@", maxSplits: 1).map(String.init)
        let version = parts.count == 2 ? Int64(parts[1]) : 0
        guard let name = parts.first, let version, version > 0 || parts.count == 1 else {
            throw StreamError(.notFound, "There is no training set \(title): write NAME or NAME@VERSION.")
        }
        let found = try connection.result(StreamStatements.trainingSet(name: name, version: version)).rows.first
        guard let found else {
            throw StreamError(
                .notFound, "There is no training set \(title); slicehouse training-set list shows those there are.")
        }
        var row = StreamRow(found)
        id = try row.integer()
        self.name = name
        self.version = try row.int()
        let full = "\(name)@\(self.version)"
        guard let sampleKind = SampleKind(rawValue: try row.text()),
            let targetKind = TargetKind(rawValue: try row.text())
        else { throw StreamError.unusable(full, "it was made by a later version of Slicehouse; upgrade this one") }
        self.sampleKind = sampleKind
        self.targetKind = targetKind
        parameters = try JSONValue(parsing: try row.text())
        samplingPlan = try row.optionalText().map { try JSONValue(parsing: $0) }
        classWeights = try row.optionalText().map { try JSONValue(parsing: $0) }
        sampleCount = try row.int()
        digest = try row.blob()
        if let reason = row.optionalText() {
            throw StreamError.unusable(full, "it was invalidated (\(reason)); create a new version")
        }
        recipe = try SampleRecipe(parsing: try row.text())
        folds = try connection.result(StreamStatements.folds(set: id)).rows.map { values in
            var row = StreamRow(values)
            return (try row.text(), try row.int())
        }
        let stored = folds.reduce(0) { $0 + $1.count }
        guard stored == sampleCount else {
            throw StreamError.incomplete(
                full, "it was frozen with \(sampleCount) samples, and the warehouse has \(stored)")
        }
    }

    package var title: String { "\(name)@\(version)" }

    /// The folds that class weights and plan were computed from; nil where there are none, or each fold has its own.
    var trainingFolds: [String]? {
        parameters["train_fold"]?.string.map { $0.split(separator: "+").map(String.init) }
    }
}

/// The values of a row, read from left to right.
struct StreamRow {
    private var values: ArraySlice<SQLValue>

    init(_ values: [SQLValue]) { self.values = values[...] }

    private mutating func next() -> SQLValue { values.popFirst() ?? .null }

    private func unexpected() -> StreamError {
        StreamError(
            .database, "The warehouse holds a value of another type than expected; run slicehouse migrate and verify.")
    }

    mutating func integer() throws(StreamError) -> Int64 {
        guard let number = optionalInteger() else { throw unexpected() }
        return number
    }

    mutating func optionalInteger() -> Int64? {
        if case .integer(let number) = next() { number } else { nil }
    }

    mutating func int() throws(StreamError) -> Int { Int(try integer()) }

    mutating func real() -> Double? {
        switch next() {
        case .real(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }

    mutating func optionalText() -> String? {
        if case .text(let text) = next() { text } else { nil }
    }

    mutating func text() throws(StreamError) -> String {
        guard let text = optionalText() else { throw unexpected() }
        return text
    }

    mutating func optionalBlob() -> [UInt8]? {
        if case .blob(let bytes) = next() { bytes } else { nil }
    }

    mutating func blob() throws(StreamError) -> [UInt8] {
        guard let bytes = optionalBlob() else { throw unexpected() }
        return bytes
    }

    mutating func boolean() -> Bool {
        switch next() {
        case .boolean(let flag): flag
        case .integer(let number): number != 0
        default: false
        }
    }
}
