internal import ImageFiles
internal import Imaging

/// LUNA16: `subset0` … `subset9` with MetaImage volumes named by series, lung masks, and tables of nodules.
///
/// Setio et al., "Validation, comparison, and combination of algorithms for automatic detection of pulmonary nodules in
/// computed tomography images: the LUNA16 challenge" (2017). The files name no patient: each series stands for one, as
/// the folds of the challenge do. Any part of the download will do; what tables say of scans that are not there waits.
package struct LUNA16: DatasetAdapter {
    package static let name = "luna16"
    package static let layout =
        "folders subset0 to subset9 that hold MetaImage volumes, or a table with the columns of LUNA16"
    package let anchor: String
    package let dataset = DatasetIdentity(name: name, version: "1", adapter: name, patientKeyKind: .research)

    static let studyKey = "ct"
    static let masks = SeriesReference(studyKey: studyKey, seriesKey: "lungs")
    /// A program drew the lungs: 3 and 4 are the two lungs, 5 is the trachea.
    static let lungs = MaskPlan(
        regions: [
            MaskPlan.Region(target: "lung", rule: .values([3, 4])),
            MaskPlan.Region(target: "trachea", rule: .values([5])),
        ], reader: LabelReader(key: "luna16-lung-segmentation", kind: .algorithm))

    /// Tables that the images have, by the names of either version.
    private static let tables = [["annotations"], ["candidates", "candidates_V2"]]

    /// Folders that hold `subsetN` with volumes in it, or a table with the columns of LUNA16.
    package static func detect(in listing: some FileListing) async throws -> [LUNA16] {
        var anchors: Set<String> = []
        for number in 0...9 {
            for folder in try await listing.folders(named: "subset\(number)") {
                let files = try await listing.files(in: folder, recursive: false)
                if files.contains(where: { $0.fileExtension == "mhd" }) { anchors.insert(parentFolder(of: folder)) }
            }
        }
        for file in try await listing.files(withExtension: "csv")
        where try await LUNA16Table(file, in: listing) != nil {
            anchors.insert(parentFolder(of: file.relativePath))
        }
        let outermost = anchors.filter { anchor in
            !anchors.contains { $0 != anchor && ($0.isEmpty || anchor.hasPrefix($0 + "/")) }
        }
        return outermost.sorted().map { LUNA16(anchor: $0) }
    }

    package func plan(_ listing: some FileListing) async throws -> DatasetPlan {
        var plan = DatasetPlan()
        var foldOfPatient: [String: String] = [:]
        let files = try await listing.files(in: anchor, recursive: true)
        for file in files where file.fileExtension == "mhd" {
            let series = try await series(of: file, in: listing)
            plan.series.append(series)
            if series.role == .image, let fold = fold(of: file) { foldOfPatient[series.patientKey] = fold }
        }
        let used = Set(plan.claimedFiles)
        for file in files where !used.contains(file) {
            if file.fileExtension == "csv" {
                try await classifyTable(file, in: listing, into: &plan)
            } else if let reason = reasonToIgnore(file) {
                plan.ignored.append(IgnoredFile(file: file, reason: reason))
            }
        }
        plan.expectedTables = Self.tables.map { ExpectedTable(dataset: dataset, sourceNames: $0) }
        plan.folds = OfficialFolds(
            dataset: dataset, splitName: "luna16-subsets", folds: (0...9).map { "subset\($0)" },
            foldOfPatient: foldOfPatient)
        return plan
    }

    // MARK: Volumes

    private func series(of file: SourceFile, in listing: some FileListing) async throws -> SeriesPlan {
        let uid = String(file.name.dropLast(".mhd".count))
        let image = SeriesReference(studyKey: Self.studyKey, seriesKey: uid)
        let isMask = file.components(below: anchor)?.dropLast().contains { $0.hasPrefix("seg-lungs") } ?? false
        let voxels = try await dataFile(of: file, in: listing)
        return SeriesPlan(
            dataset: dataset, patientKey: uid, reference: isMask ? Self.masks : image,
            seriesInstanceUID: isMask ? nil : uid, role: isMask ? .mask : .image, modality: isMask ? nil : "CT",
            companionOf: isMask ? image : nil, mask: isMask ? Self.lungs : nil,
            files: [PlannedFile(file: file, reader: .metaImage, instanceNumber: 1, data: voxels)])
    }

    /// The file that the header names; a header that cannot be read is refused later, with its reason.
    private func dataFile(of file: SourceFile, in listing: some FileListing) async throws -> SourceFile? {
        let head = try? await listing.contents(of: file, limit: FileKind.prefixByteCount)
        guard case .named(let name)? = head.flatMap({ try? MetaImageHeader(prefix: $0) })?.dataFile else { return nil }
        return try await listing.file(at: join(parentFolder(of: file.relativePath), name))
    }

    private func fold(of file: SourceFile) -> String? {
        guard let folder = file.components(below: anchor)?.dropLast().last, folder.hasPrefix("subset"),
            let number = Int(folder.dropFirst("subset".count)), (0...9).contains(number)
        else { return nil }
        return "subset\(number)"
    }

    // MARK: Tables

    private func classifyTable(
        _ file: SourceFile, in listing: some FileListing, into plan: inout DatasetPlan
    ) async throws {
        guard let table = try await LUNA16Table.find(file, in: listing, below: anchor) else {
            plan.ignored.append(IgnoredFile(file: file, reason: "a table without the columns of LUNA16"))
            return
        }
        guard let layout = table.layout else {
            plan.ignored.append(IgnoredFile(file: file, reason: "predictions in the form of the challenge, not labels"))
            return
        }
        plan.markFiles.append(
            MarkFilePlan(
                file: file, dataset: dataset, sourceName: file.stem, vocabulary: "lung-nodule",
                format: .points(layout)))
    }

    /// Why a file is left aside; `nil` where it is not ours to say.
    private func reasonToIgnore(_ file: SourceFile) -> String? {
        if ["raw", "zraw"].contains(file.fileExtension) { return "voxels whose MetaImage header is not beside them" }
        return ["txt", "md", "py", "pdf", "json"].contains(file.fileExtension) ? "documentation of the data set" : nil
    }
}
