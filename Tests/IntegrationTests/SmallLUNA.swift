import Phantom
import TestSupport

/// LUNA16 of few and small volumes below `luna`, its published tables whole.
enum SmallLUNA {
    static func write(to folder: TemporaryFolder, _ change: (inout LUNA16Options) -> Void = { _ in }) throws {
        var options = LUNA16Options()
        options.matrixSize = 32
        options.slices = 6
        options.candidatesPerSeries = 2
        change(&options)
        _ = try LUNA16Phantom(options).write(to: folder.path("luna"))
    }

    static func folder(_ change: (inout LUNA16Options) -> Void = { _ in }) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write(to: folder, change)
        return folder
    }
}
