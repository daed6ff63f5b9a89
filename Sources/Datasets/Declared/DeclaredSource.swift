internal import Domains
internal import Imaging

/// A layout that a file of `etl/sources` describes, so that a folder of images and tables needs no Swift.
///
///     source: my-eyes                    # name of the data set
///     version: "1"
///     description: …                     # optional
///     detect:                            # any of these says that the layout is here
///       - {table: trainLabels.csv, columns: [image, level]}
///       - {folder: train, names: '^\d+_(left|right)$'}
///     images:
///       - files: train/*.jpeg            # `*`, `?`, `**`
///         names: '^(\d+)_(left|right)$'  # the name without its extension, as a whole
///         patient: $1                    # groups of `names`
///         study: fundus
///         series: $2
///         modality: OP
///     masks:
///       - files: masks/*.nii.gz
///         names: '^(.+)$'
///         patient: $1
///         study: ct
///         series: lesion
///         of: ct                         # series that it marks
///         reader: {key: clinic, kind: human}
///         regions: [{target: lesion, values: [1, 2]}]
///     dicom:
///       - {folder: stage_2_train, patient_prefix: ID_}   # read by their headers
///     labels:
///       - file: trainLabels.csv
///         name: trainLabels
///         vocabulary: diabetic-retinopathy
///         reader: {key: clinician, kind: human}
///         level: slice                   # patient, series or slice
///         key: {column: image, pattern: '^(\d+)_(left|right)$'}
///         patient: $1                    # groups of the key, or cells: '{PatientID}'
///         study: fundus
///         series: $2
///         slice: "1"
///         instead_of: oldLabels          # optional: where the other table of this name is absent, nothing is missed
///     ignored:
///       - {files: '*.zip', reason: an archive}
///
/// A long table has one answer a row: `domain: $2` names the column that the vocabulary knows, `value: Label` the column
/// with the answer. Patient keys are kept as they are: the data set is published, and its identifiers are those of
/// nobody. Only a source of labels alone may speak of a clinical data set, which is then named by `source`; its patient
/// keys become those of the images. Every key is checked; an unknown one is an error.
package struct DeclaredSource: Sendable {
    package let name: String
    let version: String
    let detections: [Detection]
    let images: [Images]
    let masks: [Masks]
    let folders: [Folder]
    let labels: [Labels]
    let ignored: [Ignored]

    enum Detection: Sendable {
        case table(PathGlob, columns: [String])
        case folder(String, names: TextPattern?)
    }

    struct Images: Sendable {
        let files: PathGlob
        let names: TextPattern
        let patient: TextTemplate
        let study: TextTemplate
        let series: TextTemplate
        let modality: String?
    }

    struct Masks: Sendable {
        let images: Images
        let of: TextTemplate
        let plan: MaskPlan
    }

    struct Folder: Sendable {
        let folder: String
        let patientPrefix: String
    }

    struct Labels: Sendable {
        let file: PathGlob
        let name: String
        /// Of another table of the source: one of the two is enough.
        let insteadOf: String?
        let vocabulary: String
        let reader: LabelReader
        let layout: LabelLayout
    }

    struct Ignored: Sendable {
        let files: PathGlob
        let reason: String
    }

    /// One for each table, together with those that stand instead of it.
    var expectedTables: [ExpectedTable] {
        labels.filter { $0.insteadOf == nil }.map { table in
            let others = labels.filter { $0.insteadOf == table.name }
            return ExpectedTable(dataset: dataset, sourceNames: [table.name] + others.map(\.name))
        }
    }

    /// Each table of labels with the vocabulary that it asks for.
    package var vocabulariesOfTables: [(table: String, vocabulary: String)] {
        labels.map { ($0.name, $0.vocabulary) }
    }

    var dataset: DatasetIdentity {
        DatasetIdentity(name: name, version: version, adapter: name, patientKeyKind: .research)
    }
}
