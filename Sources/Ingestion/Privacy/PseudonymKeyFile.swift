internal import Glibc

/// The file that holds the pseudonym key: named by `SLICEHOUSE_PSEUDONYM_KEY`, else in the user's configuration folder,
/// where it is made on first need.
package struct PseudonymKeyFile: Sendable {
    package let path: String
    /// Whether a missing file may be made: only at the default place, never where a user named one.
    private let mayCreate: Bool

    static let minimumByteCount = 32

    package init(environment: [String: String]) {
        if let named = environment["SLICEHOUSE_PSEUDONYM_KEY"], !named.isEmpty {
            path = named
            mayCreate = false
        } else {
            let home = environment["XDG_CONFIG_HOME"] ?? (environment["HOME"] ?? ".") + "/.config"
            path = home + "/slicehouse/pseudonym.key"
            mayCreate = true
        }
    }

    /// A user named the file.
    package var isNamed: Bool { !mayCreate }

    package var exists: Bool { unsafe access(path, F_OK) == 0 }

    /// Reads the key, or makes a new one.
    ///
    /// **Throws** `pseudonymKey` when the file is missing though it was named, is readable by others, or is too short.
    package func open() throws -> (pseudonymizer: Pseudonymizer, isNew: Bool) {
        if !exists {
            guard mayCreate else {
                throw problem(
                    "the key file does not exist; make one with: head -c 32 /dev/urandom > FILE && chmod 600 FILE")
            }
            try create()
            return (Pseudonymizer(key: try read()), true)
        }
        return (Pseudonymizer(key: try read()), false)
    }

    /// The key of a run, where there is one already and identifiers are not kept.
    func pseudonymizer(for settings: IngestSettings) throws -> Pseudonymizer? {
        guard !settings.keepIdentifiers, exists else { return nil }
        return try open().pseudonymizer
    }

    private func read() throws -> [UInt8] {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw problem("it cannot be looked at (\(SystemProblem().text))") }
        guard status.st_mode & 0o077 == 0 else {
            throw problem("other users may read the pseudonym key; run: chmod 600 on it")
        }
        do {
            let bytes = try FileBytes.read(path)
            guard bytes.count >= Self.minimumByteCount else {
                throw problem(
                    "the pseudonym key has \(bytes.count) bytes; at least \(Self.minimumByteCount) are needed")
            }
            return bytes
        } catch let failure as FileBytes.Failure {
            throw problem(failure.reason)
        }
    }

    private func create() throws {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        makeFolders(path.hasPrefix("/") ? "/" + folder : folder)
        var generator = SystemRandomNumberGenerator()
        let key = (0..<Self.minimumByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // O_EXCL: of two first runs at once, one makes the key and the other reads it.
        let descriptor = createExclusively(path)
        if descriptor < 0, errno == EEXIST { return }
        guard descriptor >= 0 else { throw problem("the pseudonym key cannot be made (\(SystemProblem().text))") }
        defer { close(descriptor) }
        let written = unsafe key.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard written == key.count, fsync(descriptor) == 0 else {
            throw problem("the pseudonym key cannot be written (\(SystemProblem().text))")
        }
    }

    private func createExclusively(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    }

    private func makeFolders(_ folder: String) {
        var path = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            path += "/" + part
            unsafe mkdir(path, 0o700)
        }
    }

    private func problem(_ reason: String) -> IngestionError {
        IngestionError(code: .pseudonymKey, subject: path, reason: reason)
    }
}
