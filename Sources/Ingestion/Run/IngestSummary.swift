/// What a run did. Each file that was seen is in exactly one of the other counts.
package struct IngestSummary: Sendable, Equatable {
    package var runID: Int64?
    package var seen = 0
    package var stored = 0
    package var known = 0
    package var labelSource = 0
    package var ignored = 0
    package var rejected = 0

    package var seriesStored = 0
    package var slicesStored = 0
    /// Stored slices whose pixels were missing or damaged, and written anew.
    package var slicesMended = 0
    package var labelsStored = 0
    package var labelsUnresolved = 0
    /// Of the stored labels of tables, those that the rules do not understand.
    package var labelsQuarantined = 0
    package var masksStored = 0
    /// Points, spheres and contours that readers marked, and what was derived from several of them.
    package var marksStored = 0
    package var marksUnresolved = 0
    /// Other sources of labels or marks count than before, such as a version that a table was changed back to.
    package var sourcesChanged = false
    package var rejectedRows = 0
    /// Files of which some frames went into quarantine; they count among the stored or known ones, too.
    package var incomplete = 0
    package var findings = 0
    /// Files and rows of tables of this folder that stand rejected, by this run or an earlier one.
    package var standingFiles = 0
    package var standingRows = 0
    /// Rejections of files, and of rows of tables, that were closed since the file is no longer there as it was.
    package var goneFiles = 0
    package var goneRows = 0
    package var rejectedByCode: [String: Int] = [:]
    package var ignoredByReason: [String: Int] = [:]
    package var sourceBytes: Int64 = 0
    package var seconds = 0.0

    package init() {}

    /// In = out: nothing that was seen is lost.
    package var isBalanced: Bool { seen == stored + known + labelSource + ignored + rejected }
    /// Files, frames of files, or rows went into quarantine.
    package var hasRejections: Bool { rejected > 0 || rejectedRows > 0 || incomplete > 0 }

    mutating func ignore(_ reason: String) {
        ignored += 1
        ignoredByReason[reason, default: 0] += 1
    }

    mutating func reject(_ code: String) {
        rejected += 1
        rejectedByCode[code, default: 0] += 1
    }
}
