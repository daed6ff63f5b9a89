internal import DICOM
package import Datasets
internal import SQLInterface
internal import Warehouse

/// What a series that was derived inside the warehouse belongs to: the patient and study of its source.
///
/// Its files carry the patient's stored key, which must not become a pseudonym of a pseudonym, and no path from which
/// an adapter could tell the data set.
package struct Derivation: Sendable, Hashable {
    let datasetName: String
    let datasetVersion: String
    let adapter: String
    let patientKeyKind: PatientKeyKind
    let patientKey: String
    let studyKey: String
    let studyInstanceUID: String?
    let source: SeriesSource

    package init(
        datasetName: String, datasetVersion: String, adapter: String, isClinical: Bool, patientKey: String,
        studyKey: String, studyInstanceUID: String?, source: SeriesSource
    ) {
        self.datasetName = datasetName
        self.datasetVersion = datasetVersion
        self.adapter = adapter
        patientKeyKind = isClinical ? .clinical : .research
        self.patientKey = patientKey
        self.studyKey = studyKey
        self.studyInstanceUID = studyInstanceUID
        self.source = source
    }

    var dataset: DatasetIdentity {
        DatasetIdentity(
            name: datasetName, version: datasetVersion, adapter: adapter, patientKeyKind: patientKeyKind)
    }
}

/// Puts files of derived series where their sources lie, whatever folder they come from.
///
/// Asked are, in this order: the run that was told of them; the warehouse, which holds the series or its source already;
/// the file itself, whose source has not come yet.
struct DerivationIndex: Sendable {
    /// The same images in two data sets give derived series of one UID, which differ in their source.
    private struct Key: Hashable {
        let seriesUID: String
        let sourceID: Int64?
    }

    private let told: [String: Derivation]
    private var derivations: [Key: Derivation] = [:]
    /// Clinical data sets that files went to by nothing but their own word.
    private(set) var homesByWord: Set<DatasetIdentity> = []

    init(
        of instances: [PlannedInstance], settings: IngestSettings, on connection: any WarehouseConnection
    ) async throws {
        told = settings.derivations
        var open: [Key: PlannedInstance] = [:]
        for instance in instances {
            guard let key = Self.key(of: instance), told[key.seriesUID] == nil, open[key] == nil else { continue }
            open[key] = instance
        }
        let places = StoredPlacesOfSeries(connection: connection)
        let stored = try await places.stored(Set(open.keys.map(\.seriesUID)).sorted())
        for (key, instance) in open.sorted(by: { $0.key.seriesUID < $1.key.seriesUID }) {
            let own = stored.filter { $0.key == key.seriesUID }
            if let home = own.first(where: { $0.derivedFrom != nil && $0.derivedFrom == key.sourceID }) {
                derivations[key] = home.derivation(from: SeriesSource(seriesID: home.derivedFrom))
            } else if let source = instance.source, let home = try await places.source(source.seriesID) {
                derivations[key] = home.derivation(from: source)
            } else if let home = own.first(where: { $0.derivedFrom != nil }) {
                derivations[key] = home.derivation(from: SeriesSource(seriesID: home.derivedFrom))
            } else if let record = instance.record, let source = instance.source {
                derivations[key] = try await derivation(
                    record, source, waiting: own.first, settings: settings, places: places)
            }
        }
    }

    /// Of a series whose source is not here under its id: another pseudonym key or data set, or not here at all.
    ///
    /// - Parameter waiting: the series itself, which came before its source and stays where it is.
    private mutating func derivation(
        _ record: DerivationRecord, _ source: SeriesSource, waiting: StoredPlacesOfSeries.Place?,
        settings: IngestSettings, places: StoredPlacesOfSeries
    ) async throws -> Derivation? {
        if let waiting { return waiting.derivation(from: source) }
        if let home = try await places.source(holding: source.imageUID, inDataset: record.datasetName) {
            return home.derivation(from: SeriesSource(seriesID: home.seriesID, imageUID: source.imageUID))
        }
        guard let own = Derivation(record, source, settings: settings) else { return nil }
        if own.patientKeyKind == .clinical { homesByWord.insert(own.dataset) }
        return own
    }

    private static func key(of instance: PlannedInstance) -> Key? {
        instance.seriesInstanceUID.map { Key(seriesUID: $0, sourceID: instance.source?.seriesID) }
    }

    /// The instance where it belongs, with the data set that it then is in.
    func placed(_ instance: PlannedInstance) -> (instance: PlannedInstance, dataset: DatasetIdentity?) {
        guard let key = Self.key(of: instance), let derivation = told[key.seriesUID] ?? derivations[key] else {
            return (instance, nil)
        }
        return (instance.placed(by: derivation), derivation.dataset)
    }
}

extension Derivation {
    /// By the word of a file; `nil` where that names a person, in a run that stores pseudonyms.
    fileprivate init?(_ record: DerivationRecord, _ source: SeriesSource, settings: IngestSettings) {
        guard !record.isClinical || record.isNameless || settings.keepIdentifiers else { return nil }
        self.init(
            datasetName: settings.datasetName ?? record.datasetName, datasetVersion: record.datasetVersion,
            adapter: record.adapter, isClinical: record.isClinical, patientKey: record.patientKey,
            studyKey: record.studyKey, studyInstanceUID: record.studyInstanceUID, source: source)
    }
}

extension PlannedInstance {
    fileprivate func placed(by derivation: Derivation) -> PlannedInstance {
        PlannedInstance(
            file: file, patientKey: derivation.patientKey, patientIsNamed: true,
            reference: SeriesReference(studyKey: derivation.studyKey, seriesKey: reference.seriesKey),
            studyInstanceUID: derivation.studyInstanceUID, seriesInstanceUID: seriesInstanceUID, role: role,
            modality: modality, reader: reader, dataset: derivation.dataset.planKey,
            source: derivation.source)
    }
}
