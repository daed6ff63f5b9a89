internal import BatchStream
internal import CanonicalJSON
internal import Glibc
internal import Imaging

typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Answers across the C border: texts by `strdup`, errors as JSON.
enum Reply {
    static func text(_ text: String) -> UnsafeMutablePointer<CChar>? { unsafe strdup(text) }

    static func json(_ value: JSONValue) -> UnsafeMutablePointer<CChar>? { unsafe text(value.text) }

    /// The value of the body, or nil with the error told.
    static func trying<R>(_ error: ErrorPlace, _ body: () throws -> R) -> R? {
        unsafe error.pointee = nil
        do { return try body() } catch let failure {
            unsafe error.pointee = json(["code": .string(code(of: failure)), "message": .string("\(failure)")])
            return nil
        }
    }

    private static func code(of error: any Error) -> String {
        switch error {
        case let error as StreamError: error.code.rawValue
        case let error as ImagingError: error.code.rawValue
        default: StreamError.Code.database.rawValue
        }
    }
}

extension String {
    init(_ text: UnsafePointer<CChar>) { self = unsafe String(cString: text) }
}
