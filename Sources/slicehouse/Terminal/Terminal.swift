import Glibc
import Synchronization

/// Results go to standard output, everything else to standard error.
enum Terminal {
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// A line on standard error.
    static func say(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Text on standard output, as it is.
    static func put(_ text: String, newline: Bool = true) {
        write(newline ? text + "\n" : text, to: STDOUT_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            // A reader that went away (`| head`) ends the program, as it does every other one.
            guard count > 0 else { exit(errno == EPIPE ? 0 : 74) }
            written += count
        }
    }
}
