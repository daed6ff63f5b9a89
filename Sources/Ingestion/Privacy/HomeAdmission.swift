internal import DICOM
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Which data sets derived files may join: those where identifiers are treated as the run treats them.
///
/// A series with identifiers never comes to lie among pseudonyms because its images do. Nor does one file that must not
/// go where it belongs stop a run: it is then a file like any other.
struct HomeAdmission: Sendable {
    private let guardian: IdentifierGuard
    private let keepsIdentifiers: Bool
    /// By the name of a clinical data set.
    private var answers: [String: Bool] = [:]

    init(settings: IngestSettings, connection: any WarehouseConnection) {
        guardian = IdentifierGuard(connection: connection, settings: settings)
        keepsIdentifiers = settings.keepIdentifiers
    }

    /// - Parameters:
    ///   - record: What the file says of its source.
    ///   - isStored: The very series lies there already; a run without identifiers may bring it again.
    mutating func admits(
        _ home: DatasetIdentity, _ record: DerivationRecord?, isStored: Bool
    ) async throws -> Bool {
        // Published headers are stored as they are.
        guard home.patientKeyKind == .clinical else { return keepsIdentifiers || record?.isClinical != true }
        if isStored, !keepsIdentifiers { return true }
        if let answer = answers[home.name] { return answer }
        let answer = try await guardian.refused(among: [home.name]).isEmpty
        answers[home.name] = answer
        return answer
    }
}
