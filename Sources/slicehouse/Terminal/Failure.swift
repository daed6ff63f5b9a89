import Analysis
import ArgumentParser
import Catalogue
import Datasets
import Glibc
import ImageFiles
import Imaging
import Ingestion
import LinearAlgebra
import Phantom
import SQLInterface
import Training
import Warehouse

/// How a run ends: a sentence on standard error, and an exit code that a script can act on.
enum Failure {
    static let someRejected = ExitCode(65)
    static let usage = ExitCode(64)
    static let inputOutput = ExitCode(74)
    static let tryAgain = ExitCode(75)
    static let interrupted = ExitCode(130)
    static let ourFault = ExitCode(1)

    static func exit(_ error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Glibc.exit(code.rawValue)
        case is CancellationError:
            Terminal.say("Interrupted.")
            Glibc.exit(interrupted.rawValue)
        default: break
        }
        if let code = code(of: error) {
            Terminal.say("slicehouse: \(error)")
            Glibc.exit(code.rawValue)
        }
        Slicehouse.exit(withError: error)
    }

    /// `nil` for errors that the argument parser words itself.
    private static func code(of error: any Error) -> ExitCode? {
        switch error {
        case let error as IngestionError: code(of: error.code)
        case let error as WarehouseError: code(ofWarehouse: error)
        case let error as any DatabaseFailure: code(of: error.kind)
        case let error as PhantomError:
            error.code == .invalidOption || error.code == .directoryNotEmpty ? usage : inputOutput
        case is CatalogueError: usage
        case let error as AnalysisError: code(of: error.code)
        case let error as TrainingError: code(of: error.code)
        // Pixels or a recipe that do not fit each other.
        case is ImagingError, is LinearAlgebraError: someRejected
        case is ImageFileError: inputOutput
        case is CommandError: usage
        case is SQLDecodingError: ourFault
        default: nil
        }
    }

    private static func code(of code: IngestionError.Code) -> ExitCode {
        switch code {
        case .notFound, .unreadable, .inputOutput: inputOutput
        case .badOption, .pseudonymKey, .wrongKey, .unknownAdapter, .vocabulary, .source: usage
        }
    }

    private static func code(of code: AnalysisError.Code) -> ExitCode {
        switch code {
        case .notFound, .badOption, .memory: usage
        case .unsuitable, .damaged: someRejected
        case .inputOutput: inputOutput
        }
    }

    private static func code(of code: TrainingError.Code) -> ExitCode {
        switch code {
        // What was asked for does not fit what is there; nothing was rejected.
        case .notFound, .exists, .badOption, .unsuitable: usage
        case .changed, .incomplete: someRejected
        case .inputOutput: inputOutput
        }
    }

    private static func code(ofWarehouse error: WarehouseError) -> ExitCode {
        switch error.code {
        case .badLocation, .queryUnknown, .parameterUnknown, .parameterInvalid, .notInitialised, .schemaOutdated,
            .schemaNewer:
            usage
        default: error.underlying == nil ? ourFault : code(of: error.kind)
        }
    }

    private static func code(of kind: DatabaseFailureKind) -> ExitCode {
        switch kind {
        case .connection, .locked, .conflict, .resources, .cancelled: tryAgain
        case .diskFull, .inputOutput, .notADatabase, .databaseMissing, .readOnly, .permission, .authentication:
            inputOutput
        case .undefinedName, .syntax, .invalidData: usage
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .misuse, .other: ourFault
        }
    }
}

/// Something a user typed that cannot be done, in one sentence.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
