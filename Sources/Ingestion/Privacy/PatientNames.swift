internal import Datasets

/// What the warehouse calls a patient of a clinical data set: one name for what files and what tables say.
struct PatientNames: Sendable {
    /// `nil` where identifiers are kept.
    let pseudonymizer: Pseudonymizer?

    /// A patient without an identifier is as many patients as there are studies: joining them would be a guess.
    func key(identifier: String?, issuer: String?, study: String) -> String {
        guard let identifier else { return "unnamed:" + study }
        guard let pseudonymizer else { return kept(identifier, issuer: issuer) }
        return pseudonymizer.patientKey(issuer: issuer, identifier: identifier)
    }

    /// The identifier with who issued it as HL7 writes both (data type CX): `123^^^HOSP`. Two hospitals may have a 123.
    private func kept(_ identifier: String, issuer: String?) -> String {
        // A derived file has the stored key as its Patient ID.
        guard let issuer, !issuer.isEmpty, !identifier.hasSuffix("^^^" + issuer) else { return identifier }
        return identifier + "^^^" + issuer
    }

    /// The key of a patient whom a table names, without the spaces that headers lose, too.
    func key(_ patient: WrittenPatient) -> String {
        let identifier = String(patient.identifier.trimmingSpaces())
        return key(
            identifier: identifier.isEmpty ? nil : identifier,
            issuer: patient.issuer.map { String($0.trimmingSpaces()) }, study: patient.study ?? "")
    }
}
