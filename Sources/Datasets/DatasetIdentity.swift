/// A named version of a collection of images.
///
/// The name comes from the adapter or from the user, never from the path the files lie under.
package struct DatasetIdentity: Sendable, Hashable {
    package let name: String
    package let version: String
    /// The adapter that recognised the layout, e.g. `physionet-ct-ich-nifti`.
    package let adapter: String
    package let patientKeyKind: PatientKeyKind

    package init(name: String, version: String, adapter: String, patientKeyKind: PatientKeyKind) {
        self.name = name
        self.version = version
        self.adapter = adapter
        self.patientKeyKind = patientKeyKind
    }

    /// The same layout under the name a user chose.
    package func named(_ name: String) -> DatasetIdentity {
        DatasetIdentity(name: name, version: version, adapter: adapter, patientKeyKind: patientKeyKind)
    }
}

/// What a patient key is worth to an outsider.
package enum PatientKeyKind: String, Sendable {
    /// A number that a published data set gave, kept as it is (CT-ICH 049).
    case research
    /// A hospital's identifier: only its keyed pseudonym is stored, and file names are hidden too.
    case clinical
}
