/// PhysioNet CT-ICH 1.3.1: `ct_scans/NNN.nii`, `masks/NNN.nii` and two tables beside them.
///
/// A folder that holds nothing but the tables will do; what they say of absent volumes waits.
package struct PhysioNetICHNIfTI: DatasetAdapter {
    package static let name = "physionet-ct-ich-nifti"
    package static let layout =
        "a folder ct_scans with NIfTI volumes and, beside it, a folder masks or the table "
        + "hemorrhage_diagnosis_raw_ct.csv, or this table or Patient_demographics.csv alone"
    package let anchor: String
    package let dataset = DatasetIdentity(
        name: PhysioNetICH.datasetName, version: "1.3.1", adapter: name, patientKeyKind: .research)

    package static let image = PhysioNetICH.reference("ct_scans")
    package static let mask = PhysioNetICH.reference("masks")

    /// Of the 75 published volumes; a copy that has these but neither masks nor tables is no chance.
    private static let tellingCount = 60

    /// Folders that hold `ct_scans` with volumes and, beside it, `masks` or the table of slice labels, or a table of
    /// this version. Volumes alone are enough where they are nearly all of the published ones and nothing else.
    package static func detect(in listing: some FileListing) async throws -> [PhysioNetICHNIfTI] {
        var anchors = try await PhysioNetICHTable.folders(of: .nifti, listing: listing)
        for folder in try await listing.folders(named: "ct_scans") {
            let anchor = parentFolder(of: folder)
            let volumes = try await Self.volumes(directlyIn: folder, listing: listing)
            let besides = try await listing.files(in: anchor, recursive: false)
            let masks = try await Self.volumes(directlyIn: join(anchor, "masks"), listing: listing)
            let hasTable = besides.contains { PhysioNetICHTable.kind(of: $0) == .diagnosis }
            let isTelling = arePublished(volumes) && Set(volumes.map(\.nameWithoutExtension)).count >= tellingCount
            if !volumes.isEmpty, hasTable || !masks.isEmpty || isTelling { anchors.insert(anchor) }
        }
        return anchors.sorted().map { PhysioNetICHNIfTI(anchor: $0) }
    }

    static func hasVolumes(in anchor: String, listing: some FileListing) async throws -> Bool {
        try await !volumes(directlyIn: join(anchor, "ct_scans"), listing: listing).isEmpty
    }

    private static func volumes(directlyIn folder: String, listing: some FileListing) async throws -> [SourceFile] {
        try await listing.files(in: folder, recursive: false).filter(isVolume)
    }

    private static func arePublished(_ volumes: [SourceFile]) -> Bool {
        volumes.allSatisfy { PhysioNetICH.isPublished($0.nameWithoutExtension) }
    }

    /// Masks without volumes are of the data set where a table of this very version says so, and their numbers.
    private func hasOwnMasks(beside tables: [PhysioNetICHTable], listing: some FileListing) async throws -> Bool {
        guard tables.contains(where: { $0.isWhole && $0.version == .nifti }) else { return false }
        let masks = try await Self.volumes(directlyIn: join(anchor, "masks"), listing: listing)
        return !masks.isEmpty && Self.arePublished(masks)
    }

    package func plan(_ listing: some FileListing) async throws -> DatasetPlan {
        var plan = DatasetPlan()
        plan.expectedTables = PhysioNetICHTable.expected(of: dataset)
        let tables = try await PhysioNetICHTable.tables(of: .nifti, in: anchor, listing: listing)
        plan.labelFiles = tables.map { $0.plan(dataset, subject: Self.image) }
        let hasVolumes = try await Self.hasVolumes(in: anchor, listing: listing)
        let hasMasks = try await hasOwnMasks(beside: tables, listing: listing)
        guard hasVolumes || hasMasks else { return plan }
        let files = try await listing.files(in: anchor, recursive: true)
        let scans = volumes(of: files, in: "ct_scans")
        let masks = volumes(of: files, in: "masks")
        for key in Set(scans.keys).union(masks.keys).sorted() {
            appendSeries(of: key, scan: scans[key], mask: masks[key], to: &plan)
        }
        let used = Set(plan.series.flatMap(\.files).map(\.file.number))
        for file in files where !used.contains(file.number) { classify(file, into: &plan) }
        return plan
    }

    private func appendSeries(of key: String, scan: SourceFile?, mask: SourceFile?, to plan: inout DatasetPlan) {
        if let scan {
            plan.series.append(series(of: key, Self.image, role: .image, file: scan))
        }
        if let mask {
            plan.series.append(series(of: key, Self.mask, role: .mask, file: mask))
        }
        guard scan == nil || mask == nil else { return }
        let (check, missing) = scan == nil ? ("missing_volume", "volume") : ("missing_mask", "mask")
        plan.findings.append(
            LayoutFinding(
                check: check, patientKey: key, reference: scan == nil ? Self.mask : Self.image,
                sentence: "Patient \(key) has no \(missing) file in this copy of the data set."))
    }

    private func series(
        of key: String, _ reference: SeriesReference, role: SeriesRole, file: SourceFile
    ) -> SeriesPlan {
        SeriesPlan(
            dataset: dataset, patientKey: key, reference: reference, role: role, modality: role == .mask ? nil : "CT",
            companionOf: role == .mask ? Self.image : nil, mask: role == .mask ? PhysioNetICH.mask : nil,
            files: [PlannedFile(file: file, reader: .nifti, instanceNumber: 1)])
    }

    /// Volumes in one folder of the layout by patient key; of two forms of one volume the first by name counts.
    private func volumes(of files: [SourceFile], in folder: String) -> [String: SourceFile] {
        let own = files.filter { file in
            guard let parts = file.components(below: anchor) else { return false }
            return parts.count == 2 && parts[0] == folder && isVolume(file)
        }
        return Dictionary(own.map { (PhysioNetICH.patientKey($0.stem), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func classify(_ file: SourceFile, into plan: inout DatasetPlan) {
        guard let parts = file.components(below: anchor) else { return }
        let isInside = parts.count > 1 && ["ct_scans", "masks"].contains(parts[0])
        if isInside, isVolume(file) {
            plan.ignored.append(IgnoredFile(file: file, reason: "second form of a volume that was read"))
        } else if isInside || parts.count == 1, PhysioNetICH.isDocumentation(file) {
            plan.ignored.append(IgnoredFile(file: file, reason: "documentation of the data set"))
        }
    }
}

private func isVolume(_ file: SourceFile) -> Bool {
    ["nii", "nii.gz"].contains(file.fileExtension)
}
