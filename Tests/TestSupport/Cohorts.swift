internal import Foundation
internal import Phantom

/// Synthetic folders that several tests read and none changes; each is made once per run.
package enum Cohorts {
    /// A clinical export with defects beside both trees of CT-ICH: everything that a run can meet, as small as it can be.
    package static func mixed() async throws -> TemporaryFolder {
        try await cache.folder("mixed") { folder in try await writeMixed(to: folder) }
    }

    /// The mixed cohort, and scans with the marks of several readers: every step of a run has something to do.
    package static func everything() async throws -> TemporaryFolder {
        try await cache.folder("everything") { folder in
            try await writeMixed(to: folder)
            var scans = LIDCOptions()
            scans.patientCount = 2
            scans.matrixSize = 64
            scans.slices = 8
            _ = try LIDCPhantom(scans).write(to: folder.path("lidc"))
        }
    }

    private static func writeMixed(to folder: TemporaryFolder) async throws {
        var export = DICOMPhantomOptions()
        export.patientCount = 2
        export.slicesPerSeries = 5
        export.matrixSize = 16
        export.includesDefects = true
        _ = try await DICOMPhantom(export).write(to: folder.path("export"))
        var cohort = PhysioNetICHOptions()
        cohort.matrixSize = 16
        cohort.patients = [49, 58, 84]
        _ = try await PhysioNetICHPhantom(cohort).write(to: folder.path("ich"))
    }

    /// All 82 patients of both versions of CT-ICH.
    package static func wholeICH() async throws -> TemporaryFolder {
        try await cache.folder("ich") { folder in
            var cohort = PhysioNetICHOptions()
            cohort.matrixSize = 48
            _ = try await PhysioNetICHPhantom(cohort).write(to: folder.path("ich"))
        }
    }

    /// A few patients of both versions, as large as a decoder needs to show what it does.
    package static func smallICH() async throws -> TemporaryFolder {
        try await cache.folder("small-ich") { folder in
            var cohort = PhysioNetICHOptions()
            cohort.matrixSize = 48
            cohort.patients = [49, 58]
            _ = try await PhysioNetICHPhantom(cohort).write(to: folder.path("ich"))
        }
    }

    /// A clinical export without defects.
    package static func export() async throws -> TemporaryFolder {
        try await cache.folder("export") { folder in
            var export = DICOMPhantomOptions()
            export.patientCount = 3
            export.slicesPerSeries = 6
            export.matrixSize = 24
            _ = try await DICOMPhantom(export).write(to: folder.path("export"))
        }
    }

    /// Whether a folder is one of these.
    static func hold(_ folder: TemporaryFolder) -> Bool { folder.path.hasPrefix(CohortCache.cohorts + "/") }

    private static let cache = CohortCache()
}

/// Folders by name; a second test that asks for one waits for the first to have made it.
private actor CohortCache {
    private var tasks: [String: Task<TemporaryFolder, any Error>] = [:]

    /// What lives as long as the process is never let go of, so it is removed when the process ends.
    static let cohorts =
        FileManager.default.temporaryDirectory.path(percentEncoded: false)
        + "/slicehouse-cohorts-\(ProcessInfo.processInfo.processIdentifier)"

    init() {
        atexit { try? FileManager.default.removeItem(atPath: CohortCache.cohorts) }
    }

    func folder(
        _ name: String, _ make: @escaping @Sendable (TemporaryFolder) async throws -> Void
    ) async throws -> TemporaryFolder {
        if let task = tasks[name] { return try await task.value }
        let task = Task {
            let folder = try TemporaryFolder(path: Self.cohorts + "/" + name)
            try await make(folder)
            return folder
        }
        tasks[name] = task
        return try await task.value
    }
}
