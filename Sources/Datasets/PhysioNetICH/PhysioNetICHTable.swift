internal import Tables

/// One of the two tables of PhysioNet CT-ICH, known by its name and, where it comes without images, by its columns.
struct PhysioNetICHTable {
    enum Kind: Sendable {
        /// A row is a slice.
        case diagnosis
        /// A row is a patient.
        case demographics
    }

    enum Version: Sendable {
        /// 1.0.0.
        case jpeg
        /// 1.3.1.
        case nifti
    }

    let file: SourceFile
    let kind: Kind
    /// The version that name and columns say; `nil` where those of both versions are alike.
    let version: Version?
    /// It has the columns of the published table, so that no image has to say what it is.
    let isWhole: Bool

    /// `nil` where the name is that of no table of the data set.
    init?(_ file: SourceFile, in listing: some FileListing) async throws {
        guard let kind = Self.kind(of: file) else { return nil }
        // Names of columns, one of which holds a line break, and those of a second row below merged cells.
        let head = try await listing.contents(of: file, limit: 4_096)
        let header = try? CSVReader(bytes: head, options: CSVOptions(headerRows: .detect)).header
        self.file = file
        self.kind = kind
        isWhole = header.map { Self.isWhole($0, kind) } ?? false
        version =
            switch kind {
            // 1.0.0 has `hemorrhage_diagnosis.csv`, 1.3.1 the numbers of the raw volumes.
            case .diagnosis: file.name.lowercased().contains("raw_ct") ? .nifti : nil
            case .demographics: header.flatMap(Self.version)
            }
    }

    /// Names of both versions without their extension, and the spelling in the README of 1.0.0.
    private static let kinds: [String: Kind] = [
        "hemorrhage_diagnosis": .diagnosis, "hemmorhage_diagnosis": .diagnosis,
        "hemorrhage_diagnosis_raw_ct": .diagnosis, "patient_demographics": .demographics,
    ]

    /// What a published name announces, in any case; a ward's own list may have any other name.
    static func kind(of file: SourceFile) -> Kind? {
        let name = file.name.lowercased()
        return name.hasSuffix(".csv") ? kinds[String(name.dropLast(4))] : nil
    }

    /// All five kinds of haemorrhage: a ward's own list of the same name is not taken for the published one.
    private static func isWhole(_ header: CSVHeader, _ kind: Kind) -> Bool {
        let layout = kind == .diagnosis ? PhysioNetICH.sliceTable : PhysioNetICH.patientTable
        func has(_ names: [String]) -> Bool { names.contains { header.column(named: $0) != nil } }
        return has(layout.patientColumns) && layout.sliceColumns.map(has) ?? has(["Gender"])
            && PhysioNetICH.kinds.allSatisfy { has([$0]) }
    }

    private static func version(of demographics: CSVHeader) -> Version? {
        if demographics.column(named: "Condition on file") != nil { return .jpeg }
        let isMerged = demographics.groups.contains { !$0.isEmpty }
        return isMerged || demographics.column(named: "Note1") != nil ? .nifti : nil
    }
}

extension PhysioNetICHTable {
    /// The tables of one version directly in a folder.
    ///
    /// A table without a column of the published one counts only beside images of the data set, where it is refused
    /// with the reason. A table that does not say its version is of that whose images lie beside it, else of 1.0.0,
    /// whose names it has.
    static func tables(
        of version: Version, in folder: String, listing: some FileListing
    ) async throws -> [PhysioNetICHTable] {
        let tables = try await read(try await listing.files(in: folder, recursive: false), listing: listing)
        return tables.isEmpty ? [] : try await tables.of(version, in: folder, listing: listing)
    }

    /// Folders with a table of the version that needs no images beside it. Each table is read once.
    static func folders(of version: Version, listing: some FileListing) async throws -> Set<String> {
        let files = try await listing.files(withExtension: "csv").filter { kind(of: $0) != nil }
        var folders: Set<String> = []
        for (folder, files) in Dictionary(grouping: files, by: { parentFolder(of: $0.relativePath) }) {
            let whole = try await read(files, listing: listing).filter(\.isWhole)
            guard !whole.isEmpty else { continue }
            if try await !whole.of(version, in: folder, listing: listing).isEmpty { folders.insert(folder) }
        }
        return folders
    }

    private static func read(_ files: [SourceFile], listing: some FileListing) async throws -> [PhysioNetICHTable] {
        var tables: [PhysioNetICHTable] = []
        for file in files {
            if let table = try await PhysioNetICHTable(file, in: listing) { tables.append(table) }
        }
        return tables
    }

    static func expected(of dataset: DatasetIdentity) -> [ExpectedTable] {
        [diagnosisName, demographicsName].map { ExpectedTable(dataset: dataset, sourceNames: [$0]) }
    }

    private static let diagnosisName = "hemorrhage_diagnosis"
    private static let demographicsName = "patient_demographics"

    func plan(_ dataset: DatasetIdentity, subject: SeriesReference) -> LabelFilePlan {
        switch kind {
        case .diagnosis:
            LabelFilePlan(
                file: file, dataset: dataset, sourceName: Self.diagnosisName, vocabulary: PhysioNetICH.vocabulary,
                reader: PhysioNetICH.reader, layout: PhysioNetICH.sliceTable, subject: subject)
        case .demographics:
            LabelFilePlan(
                file: file, dataset: dataset, sourceName: Self.demographicsName, vocabulary: PhysioNetICH.vocabulary,
                reader: PhysioNetICH.reader, layout: PhysioNetICH.patientTable, subject: nil)
        }
    }
}

extension [PhysioNetICHTable] {
    /// Those of one version, in the folder in which all lie.
    fileprivate func of(
        _ version: PhysioNetICHTable.Version, in folder: String, listing: some FileListing
    ) async throws -> [PhysioNetICHTable] {
        let hasVolumes = try await PhysioNetICHNIfTI.hasVolumes(in: folder, listing: listing)
        let hasPictures = try await PhysioNetICHJPEG.hasPictures(in: folder, listing: listing)
        let fallback: PhysioNetICHTable.Version = hasVolumes && !hasPictures ? .nifti : .jpeg
        return filter { ($0.version ?? fallback) == version && ($0.isWhole || hasVolumes || hasPictures) }
    }
}
