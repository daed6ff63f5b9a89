/// PhysioNet CT-ICH 1.0.0: `Patients_CT/NNN/{brain,bone}/n.jpg`, masks as `brain/n_HGE_Seg.jpg`, two tables.
///
/// Brain and bone are two renderings of one acquisition: two series, `bone` the companion of `brain`. Labels and masks
/// belong to `brain`. A folder that holds nothing but the tables will do; what they say of absent images waits.
package struct PhysioNetICHJPEG: DatasetAdapter {
    package static let name = "physionet-ct-ich-jpeg"
    package static let layout =
        "a folder Patients_CT with numbered folders that hold brain/1.jpg or bone/1.jpg, or one of the tables "
        + "hemorrhage_diagnosis.csv and patient_demographics.csv"
    package let anchor: String
    package let dataset = DatasetIdentity(
        name: PhysioNetICH.datasetName, version: "1.0.0", adapter: name, patientKeyKind: .research)

    package static let brain = PhysioNetICH.reference("brain")
    package static let bone = PhysioNetICH.reference("bone")
    package static let mask = PhysioNetICH.reference("masks")

    /// Folders that hold `Patients_CT`, below which lie numbered folders with `brain` or `bone` in them, or a table of
    /// this version.
    package static func detect(in listing: some FileListing) async throws -> [PhysioNetICHJPEG] {
        var anchors = try await PhysioNetICHTable.folders(of: .jpeg, listing: listing)
        for folder in try await listing.folders(named: "Patients_CT") {
            let anchor = parentFolder(of: folder)
            if try await hasPictures(in: anchor, listing: listing) { anchors.insert(anchor) }
        }
        return anchors.sorted().map { PhysioNetICHJPEG(anchor: $0) }
    }

    static func hasPictures(in anchor: String, listing: some FileListing) async throws -> Bool {
        let adapter = PhysioNetICHJPEG(anchor: anchor)
        return try await listing.files(in: join(anchor, "Patients_CT"), recursive: true).contains {
            adapter.place(of: $0) != nil
        }
    }

    package func plan(_ listing: some FileListing) async throws -> DatasetPlan {
        var plan = DatasetPlan()
        plan.expectedTables = PhysioNetICHTable.expected(of: dataset)
        let tables = try await PhysioNetICHTable.tables(of: .jpeg, in: anchor, listing: listing)
        plan.labelFiles = tables.map { $0.plan(dataset, subject: Self.brain) }
        guard try await Self.hasPictures(in: anchor, listing: listing) else { return plan }
        var slices: [Key: [PlannedFile]] = [:]
        for file in try await listing.files(in: anchor, recursive: true) {
            if let place = place(of: file) {
                let planned = PlannedFile(file: file, reader: .jpeg, instanceNumber: place.number)
                slices[Key(patient: place.patient, reference: place.reference), default: []].append(planned)
            } else if isOwn(file) {
                plan.ignored.append(IgnoredFile(file: file, reason: "documentation of the data set"))
            }
        }
        plan.series = series(slices)
        plan.findings = missingRenderings(slices)
        return plan
    }

    private struct Key: Hashable {
        let patient: String
        let reference: SeriesReference
    }

    private struct Place {
        let patient: String
        let reference: SeriesReference
        let number: Int
    }

    /// Patient, series and slice number that the path of an image says; `nil` for anything else.
    private func place(of file: SourceFile) -> Place? {
        guard let parts = file.components(below: anchor), parts.count == 4, parts[0] == "Patients_CT",
            ["jpg", "jpeg"].contains(file.fileExtension)
        else { return nil }
        let patient = PhysioNetICH.patientKey(String(parts[1]))
        let isMask = file.stem.hasSuffix("_HGE_Seg")
        let digits = isMask ? String(file.stem.dropLast("_HGE_Seg".count)) : file.stem
        guard let number = Int(digits), number > 0 else { return nil }
        switch (parts[2], isMask) {
        case ("brain", false): return Place(patient: patient, reference: Self.brain, number: number)
        case ("brain", true): return Place(patient: patient, reference: Self.mask, number: number)
        case ("bone", false): return Place(patient: patient, reference: Self.bone, number: number)
        default: return nil
        }
    }

    private func isOwn(_ file: SourceFile) -> Bool {
        guard PhysioNetICH.isDocumentation(file), let parts = file.components(below: anchor) else { return false }
        return parts.count == 1 || parts[0] == "Patients_CT"
    }

    private func series(_ slices: [Key: [PlannedFile]]) -> [SeriesPlan] {
        let order = [Self.brain: 0, Self.bone: 1, Self.mask: 2]
        let keys = slices.keys.sorted {
            ($0.patient, order[$0.reference] ?? 3) < ($1.patient, order[$1.reference] ?? 3)
        }
        return keys.map { key in
            let isMask = key.reference == Self.mask
            return SeriesPlan(
                dataset: dataset, patientKey: key.patient, reference: key.reference, role: isMask ? .mask : .image,
                modality: isMask ? nil : "CT", companionOf: key.reference == Self.brain ? nil : Self.brain,
                mask: isMask ? PhysioNetICH.mask : nil,
                files: (slices[key] ?? []).sorted { ($0.instanceNumber ?? 0) < ($1.instanceNumber ?? 0) })
        }
    }

    /// Slices that one window shows and the other does not (in the published set: patient 084, slice 36).
    private func missingRenderings(_ slices: [Key: [PlannedFile]]) -> [LayoutFinding] {
        let patients = Set(slices.keys.map(\.patient)).sorted()
        return patients.flatMap { patient -> [LayoutFinding] in
            let brain = numbers(slices[Key(patient: patient, reference: Self.brain)])
            let bone = numbers(slices[Key(patient: patient, reference: Self.bone)])
            return brain.symmetricDifference(bone).sorted().map { number in
                let present = brain.contains(number) ? "brain" : "bone"
                let absent = brain.contains(number) ? "bone" : "brain"
                return LayoutFinding(
                    check: "missing_companion_slice", patientKey: patient, reference: PhysioNetICH.reference(present),
                    sentence: "Patient \(patient) has slice \(number) in the \(present) window only; "
                        + "its \(absent) rendering is not in this copy.")
            }
        }
    }

    private func numbers(_ files: [PlannedFile]?) -> Set<Int> {
        Set((files ?? []).compactMap(\.instanceNumber))
    }
}
