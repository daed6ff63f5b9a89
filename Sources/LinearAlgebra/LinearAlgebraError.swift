/// Something that LAPACK could not compute, or was not given right.
package struct LinearAlgebraError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// An iteration did not converge.
        case noConvergence = "no_convergence"
        /// NaN or infinity among the entries.
        case notFinite = "not_finite"
        /// Sizes that do not fit together or exceed the 32-bit integers of LAPACK.
        case badShape = "bad_shape"
    }

    package let code: Code
    /// The routine, as LAPACK calls it.
    package let routine: String
    package let reason: String

    package var description: String { "\(routine) failed: \(reason)." }

    /// Makes an error of LAPACK's `info`; `nil` for 0.
    ///
    /// A negative `info` counts the argument that is wrong; LAPACKE looks for NaN itself and says so this way too.
    init?(info: Int32, routine: String, unconverged: String) {
        guard info != 0 else { return nil }
        self.routine = routine
        if info > 0 {
            code = .noConvergence
            reason = "\(unconverged) (\(info)); the entries may be too large or too small for doubles"
        } else {
            code = .notFinite
            reason = "argument \(-info) holds a value that is not a number"
        }
    }

    init(_ code: Code, _ routine: String, _ reason: String) {
        self.code = code
        self.routine = routine
        self.reason = reason
    }
}
