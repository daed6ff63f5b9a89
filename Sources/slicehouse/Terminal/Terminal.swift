import Glibc
import SQLInterface

/// Results go to standard output, everything else to standard error.
enum Terminal {
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// Columns of the terminal behind a descriptor; `nil` where there is none.
    static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A line on standard error; control characters that a name brought with it are escaped.
    static func say(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }
        write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
    }

    /// Text on standard output, as it is.
    static func put(_ text: String, newline: Bool = true) {
        write(newline ? text + "\n" : text, to: STDOUT_FILENO)
    }

    /// Rows on standard output.
    static func put(_ rows: RowSet, as format: RowFormat) {
        let text = TextTable(format: format, columnLimit: columns(of: STDOUT_FILENO)).text(rows)
        if !text.isEmpty { put(text) }
    }

    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { end(descriptor, problem: errno) }
            written += count
        }
    }

    /// A reader that went away (`| head`) ends the program quietly, as it does every other one.
    private static func end(_ descriptor: Int32, problem: Int32) -> Never {
        guard problem != EPIPE else { exit(0) }
        if descriptor == STDOUT_FILENO {
            let reason = unsafe String(cString: strerror(problem))
            write(
                "slicehouse: the output cannot be written (\(reason)); what was done stays done.\n", to: STDERR_FILENO)
        }
        exit(74)
    }
}
