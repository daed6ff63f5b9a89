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
/// Asked are, in this order: the run that was told of them; the warehouse, which holds the series or its source
/// already; the file itself, whose source has not come yet. A place that ``HomeAdmission`` refuses is passed over.
struct DerivationIndex: Sendable {
    /// The same images in two data sets give derived series of one UID, which differ in their source.
    private struct Key: Hashable {
        let seriesUID: String
        let sourceID: Int64?
    }

    private let told: [String: Derivation]
    private var derivations: [Key: Derivation] = [:]

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
        var admission = HomeAdmission(settings: settings, connection: connection)
        for (key, instance) in open.sorted(by: { $0.key.seriesUID < $1.key.seriesUID }) {
            let own = stored.filter { $0.key == key.seriesUID }
            for home in try await Self.homes(of: instance, stored: own, settings: settings, places: places)
            where try await admission.admits(home.derivation.dataset, instance.record, isStored: home.isStored) {
                derivations[key] = home.derivation
                break
            }
        }
    }

    /// A place for a derived series, and whether it lies there already.
    private typealias Home = (derivation: Derivation, isStored: Bool)

    /// Where a series may belong, the surest first; nowhere, where it was not derived by the house.
    private static func homes(
        of instance: PlannedInstance, stored: [StoredPlacesOfSeries.Place], settings: IngestSettings,
        places: StoredPlacesOfSeries
    ) async throws -> [Home] {
        func own(_ place: StoredPlacesOfSeries.Place) -> Home {
            (place.derivation(from: SeriesSource(seriesID: place.derivedFrom)), true)
        }
        let tied = stored.filter { $0.derivedFrom != nil }
        guard let source = instance.source else { return tied.map(own) }
        var homes = tied.filter { $0.derivedFrom == source.seriesID }.map(own)
        if let home = try await places.source(source.seriesID) { homes.append((home.derivation(from: source), false)) }
        homes += tied.filter { $0.derivedFrom != source.seriesID }.map(own)
        guard let record = instance.record else { return homes }
        // It came before its source and stays where it is.
        homes += stored.filter { $0.derivedFrom == nil }.map { ($0.derivation(from: source), true) }
        homes += try await places.sources(holding: source.imageUID, first: record.datasetName).map {
            ($0.derivation(from: SeriesSource(seriesID: $0.seriesID, imageUID: source.imageUID)), false)
        }
        if let word = Derivation(record, source, settings: settings) { homes.append((word, false)) }
        return homes
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
