internal import Domains
internal import Tables

/// One place that has the layout of a declared source.
package struct DeclaredAdapter: Sendable {
    package let source: DeclaredSource
    package let anchor: String

    /// Every place in the listing that has the layout.
    package static func detect(
        _ source: DeclaredSource, in listing: some FileListing
    ) async throws -> [DeclaredAdapter] {
        var anchors: Set<String> = []
        for detection in source.detections { anchors.formUnion(try await self.anchors(of: detection, in: listing)) }
        return anchors.sorted().map { DeclaredAdapter(source: source, anchor: $0) }
    }

    private static func anchors(
        of detection: DeclaredSource.Detection, in listing: some FileListing
    ) async throws -> Set<String> {
        var anchors: Set<String> = []
        switch detection {
        case .table(let glob, let columns):
            for file in try await tables(named: glob, in: listing) {
                let parts = file.relativePath.split(separator: "/")
                guard parts.count > glob.depth, glob.matches(Array(parts.suffix(glob.depth + 1))),
                    try await hasColumns(columns, file, in: listing)
                else { continue }
                anchors.insert(parts.dropLast(glob.depth + 1).joined(separator: "/"))
            }
        case .folder(let name, let names):
            for folder in try await listing.folders(named: name) {
                let files = try await listing.files(in: folder, recursive: false)
                guard let names else {
                    if !files.isEmpty { anchors.insert(parentFolder(of: folder)) }
                    continue
                }
                if files.contains(where: { names.groups(of: $0.nameWithoutExtension) != nil }) {
                    anchors.insert(parentFolder(of: folder))
                }
            }
        }
        return anchors
    }

    /// Files that may be the table: label tables are read whatever their names end in.
    private static func tables(named glob: PathGlob, in listing: some FileListing) async throws -> [SourceFile] {
        guard let ending = glob.fileExtension else { return try await listing.files(in: "", recursive: true) }
        return try await listing.files(withExtension: ending)
    }

    /// As much of a table as its reader looks at to find the delimiter.
    private static let headByteCount = 64 << 10

    private static func hasColumns(
        _ columns: [String], _ file: SourceFile, in listing: some FileListing
    ) async throws -> Bool {
        let head = try await listing.contents(of: file, limit: headByteCount)
        guard let header = CSVHeader(beginning: head, isWhole: head.count < headByteCount) else { return false }
        return columns.allSatisfy { header.column(named: $0) != nil }
    }

    package func plan(_ listing: some FileListing) async throws -> DatasetPlan {
        var plan = DatasetPlan()
        plan.expectedTables = source.expectedTables
        let files = try await listing.files(in: anchor, recursive: true)
        for file in files {
            guard let parts = file.components(below: anchor) else { continue }
            if let series = image(file, parts) ?? mask(file, parts) {
                plan.series.append(series)
            } else if let labels = source.labels.first(where: { $0.file.matches(parts) }) {
                plan.labelFiles.append(
                    LabelFilePlan(
                        file: file, dataset: source.dataset, sourceName: labels.name, vocabulary: labels.vocabulary,
                        reader: labels.reader, layout: labels.layout, subject: nil,
                        hasImagesElsewhere: source.images.isEmpty && source.folders.isEmpty))
            } else if let ignored = source.ignored.first(where: { $0.files.matches(parts) }) {
                plan.ignored.append(IgnoredFile(file: file, reason: ignored.reason))
            }
        }
        plan.folders = source.folders.map {
            FolderClaim(
                folder: join(anchor, $0.folder), dataset: source.dataset, patientIDPrefix: $0.patientPrefix)
        }
        plan.unmatched = unmatched(in: files, besides: plan)
        return plan
    }

    /// The image files that are here, where a table is and no image is found.
    private func unmatched(in files: [SourceFile], besides plan: DatasetPlan) -> UnmatchedImages? {
        guard let table = plan.labelFiles.first?.file, !plan.series.contains(where: { $0.role == .image }) else {
            return nil
        }
        let isInFolder = files.contains { file in plan.folders.contains { file.components(below: $0.folder) != nil } }
        let found = files.filter { file in
            UnmatchedImages.isDICOM(file)
                ? !source.folders.isEmpty
                : !source.images.isEmpty && FileReader(fileExtension: file.fileExtension) != nil
        }
        guard !isInFolder, !found.isEmpty else { return nil }
        return UnmatchedImages(
            dataset: source.dataset, table: table,
            patterns: source.images.map(\.files.source) + source.folders.map { $0.folder + "/" }, files: found)
    }

    private func image(_ file: SourceFile, _ parts: [Substring]) -> SeriesPlan? {
        source.images.lazy.compactMap { rule in series(rule, file, parts) { _ in (.image, nil, nil) } }.first
    }

    private func mask(_ file: SourceFile, _ parts: [Substring]) -> SeriesPlan? {
        source.masks.lazy.compactMap { rule in
            series(rule.images, file, parts) { groups in
                let study = rule.images.study.filled(groups: groups) ?? ""
                let image = rule.of.filled(groups: groups).map { SeriesReference(studyKey: study, seriesKey: $0) }
                return (.mask, image, rule.plan)
            }
        }.first
    }

    private func series(
        _ rule: DeclaredSource.Images, _ file: SourceFile, _ parts: [Substring],
        _ role: ([String]) -> (SeriesRole, SeriesReference?, MaskPlan?)
    ) -> SeriesPlan? {
        guard rule.files.matches(parts), let reader = FileReader(fileExtension: file.fileExtension),
            let groups = rule.names.groups(of: file.nameWithoutExtension),
            let patient = rule.patient.filled(groups: groups), let study = rule.study.filled(groups: groups),
            let series = rule.series.filled(groups: groups)
        else { return nil }
        let (role, image, mask) = role(groups)
        return SeriesPlan(
            dataset: source.dataset, patientKey: patient,
            reference: SeriesReference(studyKey: study, seriesKey: series), role: role, modality: rule.modality,
            companionOf: image, mask: mask, files: [PlannedFile(file: file, reader: reader, instanceNumber: 1)])
    }
}

extension FileReader {
    /// By the name alone; what the bytes say is checked when the file is read.
    fileprivate init?(fileExtension: String) {
        switch fileExtension {
        case "jpg", "jpeg": self = .jpeg
        case "png": self = .png
        case "nii", "nii.gz": self = .nifti
        case "mha": self = .metaImage
        default: return nil
        }
    }
}

extension SourceFile {
    /// `10_left` of `10_left.jpeg`, `scan.1` of `scan.1.nii.gz`.
    var nameWithoutExtension: String {
        fileExtension.isEmpty ? name : String(name.dropLast(fileExtension.count + 1))
    }
}
