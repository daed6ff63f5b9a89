package import Imaging

/// What a series is for.
package enum SeriesRole: String, Sendable {
    case image
    case mask
    /// A scout view: an image that is not part of the volume.
    case localizer
    /// A DICOM object without pixels (structured report, presentation state, …): header only.
    case object
}

/// How the pixels of a planned file are read.
package enum FileReader: String, Sendable {
    case dicom, nifti, jpeg, png
    case metaImage = "meta_image"
}

/// One file of a planned series.
package struct PlannedFile: Sendable {
    package let file: SourceFile
    package let reader: FileReader
    /// The number by which labels of the data set name the (first) slice of this file; DICOM files carry their own.
    package let instanceNumber: Int?
    /// The file that holds the voxels, where `file` is only their header.
    package let data: SourceFile?

    package init(file: SourceFile, reader: FileReader, instanceNumber: Int? = nil, data: SourceFile? = nil) {
        self.file = file
        self.reader = reader
        self.data = data
        self.instanceNumber = instanceNumber
    }
}

/// A series named within its patient, before any row exists.
package struct SeriesReference: Sendable, Hashable {
    package let studyKey: String
    package let seriesKey: String

    package init(studyKey: String, seriesKey: String) {
        self.studyKey = studyKey
        self.seriesKey = seriesKey
    }
}

/// The series from which another one was derived, as the files of that one name it.
package struct SeriesSource: Sendable, Hashable {
    /// Content key; `nil` where only an image is named.
    package let seriesID: Int64?
    /// SOP Instance UID of one of its images.
    package let imageUID: String?

    package init(seriesID: Int64?, imageUID: String? = nil) {
        self.seriesID = seriesID
        self.imageUID = imageUID
    }
}

/// One series as it will be stored: identity, role, and its files in order of path.
package struct SeriesPlan: Sendable {
    package let dataset: DatasetIdentity
    /// The patient key as it is stored: already a pseudonym where the data set is clinical.
    package let patientKey: String
    /// False where the source named no patient and the key had to be derived from something else.
    package let patientIsNamed: Bool
    /// It is beside the images that it marks, and its own header names another patient.
    package var namesOtherPatient = false
    package let reference: SeriesReference
    package let studyInstanceUID: String?
    package let seriesInstanceUID: String?
    package let role: SeriesRole
    package let modality: String?
    /// The image series that this rendering or mask belongs to.
    package let companionOf: SeriesReference?
    package let mask: MaskPlan?
    /// The series of the same patient that this one was derived from, stored or not.
    package let source: SeriesSource?
    package let files: [PlannedFile]

    package init(
        dataset: DatasetIdentity, patientKey: String, patientIsNamed: Bool = true, reference: SeriesReference,
        studyInstanceUID: String? = nil, seriesInstanceUID: String? = nil, role: SeriesRole = .image,
        modality: String? = nil, companionOf: SeriesReference? = nil, mask: MaskPlan? = nil,
        source: SeriesSource? = nil, files: [PlannedFile]
    ) {
        self.dataset = dataset
        self.patientKey = patientKey
        self.patientIsNamed = patientIsNamed
        self.reference = reference
        self.studyInstanceUID = studyInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.role = role
        self.modality = modality
        self.companionOf = companionOf
        self.mask = mask
        self.source = source
        self.files = files
    }
}

/// How the grey levels of a mask file become marked voxels, and what was marked by whom.
package struct MaskPlan: Sendable, Hashable {
    /// One thing that the mask marks.
    package struct Region: Sendable, Hashable {
        /// E.g. `haemorrhage`.
        package let target: String
        /// `nil` for what suits the format of the file.
        package let rule: MaskRule?

        package init(target: String, rule: MaskRule? = nil) {
            self.target = target
            self.rule = rule
        }
    }

    package let regions: [Region]
    package let reader: LabelReader

    package init(regions: [Region], reader: LabelReader) {
        self.regions = regions
        self.reader = reader
    }

    /// A mask of one thing in two levels.
    package init(target: String, reader: LabelReader) {
        self.init(regions: [Region(target: target)], reader: reader)
    }
}

extension SeriesPlan {
    func named(_ name: String) -> SeriesPlan {
        SeriesPlan(
            dataset: dataset.named(name), patientKey: patientKey, patientIsNamed: patientIsNamed,
            reference: reference, studyInstanceUID: studyInstanceUID, seriesInstanceUID: seriesInstanceUID,
            role: role, modality: modality, companionOf: companionOf, mask: mask,
            source: source, files: files)
    }
}

extension SeriesPlan {
    /// Plans with those of one series joined: two copies of a data set below one folder are one data set.
    package static func merged(_ plans: [SeriesPlan]) -> [SeriesPlan] {
        struct Identity: Hashable {
            let dataset: String
            let version: String
            let patientKey: String
            let reference: SeriesReference
        }
        var places: [Identity: Int] = [:]
        var merged: [SeriesPlan] = []
        for plan in plans {
            let identity = Identity(
                dataset: plan.dataset.name, version: plan.dataset.version, patientKey: plan.patientKey,
                reference: plan.reference)
            if let place = places[identity] {
                merged[place] = merged[place].adding(plan.files)
            } else {
                places[identity] = merged.count
                merged.append(plan)
            }
        }
        return merged
    }

    private func adding(_ more: [PlannedFile]) -> SeriesPlan {
        SeriesPlan(
            dataset: dataset, patientKey: patientKey, patientIsNamed: patientIsNamed, reference: reference,
            studyInstanceUID: studyInstanceUID, seriesInstanceUID: seriesInstanceUID, role: role, modality: modality,
            companionOf: companionOf, mask: mask, files: files + more)
    }
}
