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

    /// What a file name announces, whatever its case and spelling (the README of 1.0.0 has `hemmorhage`).
    static func kind(of file: SourceFile) -> Kind? {
        guard file.fileExtension == "csv" else { return nil }
        let name = file.name.lowercased()
        return name.contains("diagnosis") ? .diagnosis : name.contains("demographics") ? .demographics : nil
    }

    /// All five kinds of haemorrhage: a ward's own list of diagnoses is not taken for the published one.
    private static func isWhole(_ header: CSVHeader, _ kind: Kind) -> Bool {
        let layout = kind == .diagnosis ? PhysioNetICH.sliceTable : PhysioNetICH.patientTable
        func has(_ names: [String]) -> Bool { names.contains { header.column(named: $0) != nil } }
        let kinds = ["Intraventricular", "Intraparenchymal", "Subarachnoid", "Epidural", "Subdural"]
        return has(layout.patientColumns) && layout.sliceColumns.map(has) ?? has(["Gender"])
            && kinds.allSatisfy { has([$0]) }
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
    /// A table that does not say its version is of that whose images lie beside it, else of 1.0.0, whose names it has.
    static func tables(
        of version: Version, in folder: String, listing: some FileListing
    ) async throws -> [PhysioNetICHTable] {
        var tables: [PhysioNetICHTable] = []
        for file in try await listing.files(in: folder, recursive: false) {
            if let table = try await PhysioNetICHTable(file, in: listing) { tables.append(table) }
        }
        guard !tables.isEmpty else { return [] }
        let hasVolumes = try await PhysioNetICHNIfTI.hasVolumes(in: folder, listing: listing)
        let hasPictures = try await PhysioNetICHJPEG.hasPictures(in: folder, listing: listing)
        let fallback: Version = hasVolumes && !hasPictures ? .nifti : .jpeg
        return tables.filter { ($0.version ?? fallback) == version }
    }

    /// Folders with a table of the version that needs no images beside it.
    static func folders(of version: Version, listing: some FileListing) async throws -> Set<String> {
        var folders: Set<String> = []
        for file in try await listing.files(withExtension: "csv") where kind(of: file) != nil {
            let folder = parentFolder(of: file.relativePath)
            guard !folders.contains(folder) else { continue }
            let tables = try await tables(of: version, in: folder, listing: listing)
            if tables.contains(where: \.isWhole) { folders.insert(folder) }
        }
        return folders
    }

    func plan(_ dataset: DatasetIdentity, subject: SeriesReference) -> LabelFilePlan {
        switch kind {
        case .diagnosis:
            LabelFilePlan(
                file: file, dataset: dataset, sourceName: "hemorrhage_diagnosis", vocabulary: PhysioNetICH.vocabulary,
                reader: PhysioNetICH.reader, layout: PhysioNetICH.sliceTable, subject: subject)
        case .demographics:
            LabelFilePlan(
                file: file, dataset: dataset, sourceName: "patient_demographics", vocabulary: PhysioNetICH.vocabulary,
                reader: PhysioNetICH.reader, layout: PhysioNetICH.patientTable, subject: nil)
        }
    }
}
