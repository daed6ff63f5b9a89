internal import Glibc

/// An array of a `.npy` file, read entry by entry from where it lies.
///
/// **Source** NumPy Enhancement Proposal 1: magic `\x93NUMPY`, version, length of a header (a Python dictionary), entries.
final class ArrayFile: Sendable {
    private let path: String
    /// Nil where the file is opened for each entry.
    private let kept: Int32?
    private let first: Int
    private let mapping: FileMapping?
    private let proof: FileProof?

    /// - Parameters:
    ///   - mappings: Where the file stays mapped for later epochs.
    ///   - staysOpen: A process may have 1,024 files open, so that of many arrays none keeps its own, nor is mapped.
    ///   - proof: What the file has to show before its first entry is given.
    /// **Throws** `unusableSet` for a file that is absent, or no C-ordered array of so many bytes.
    init(
        path: String, expecting byteCount: Int, mappings: FileMappings, staysOpen: Bool, proof: FileProof? = nil
    ) throws(StreamError) {
        self.path = path
        self.proof = proof
        let descriptor = try Self.open(path)
        do throws(StreamError) {
            first = try Self.start(of: descriptor, path, expecting: byteCount)
        } catch {
            close(descriptor)
            throw error
        }
        kept = staysOpen ? descriptor : nil
        mapping = staysOpen ? mappings.mapping(of: descriptor, path, byteCount: first + byteCount) : nil
        if !staysOpen { close(descriptor) }
    }

    deinit {
        if let kept { close(kept) }
    }

    /// Reads entry `index`, of as many bytes as `target` has.
    ///
    /// **Throws** `unusableSet` where the file is gone, `corruptPixels` where it is not what was baked, ends before the
    /// entry or the disk fails.
    func read(_ index: Int, into target: UnsafeMutableRawBufferPointer) throws(StreamError) {
        let descriptor = if let kept { kept } else { try Self.open(path) }
        defer { if kept == nil { close(descriptor) } }
        if let proof, !proof.holds(for: descriptor) {
            throw StreamError(
                .corruptPixels,
                "The baked file \(Self.name(path)) is damaged: its SHA-256 is not that of its manifest; bake the "
                    + "training set again with --verify.")
        }
        let place = first + index * target.count
        if let mapping, unsafe mapping.copy(from: place, into: target, of: descriptor) { return }
        guard unsafe Self.fill(target, from: descriptor, at: place) == target.count else {
            throw StreamError(
                .corruptPixels,
                "The baked file \(Self.name(path)) changed while it was read; bake the training set again.")
        }
    }

    /// Where the entries begin.
    private static func start(
        of descriptor: Int32, _ path: String, expecting byteCount: Int
    ) throws(StreamError) -> Int {
        // The header's length is at most 65,535 bytes.
        var head = [UInt8](repeating: 0, count: 10 + 65_535)
        let count = unsafe head.withUnsafeMutableBytes { unsafe fill($0, from: descriptor, at: 0) }
        let first = 10 + (Int(head[8]) | Int(head[9]) << 8)
        var status = stat()
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]
        guard count >= first, head.starts(with: magic), unsafe fstat(descriptor, &status) == 0,
            Int(status.st_size) == first + byteCount
        else { throw problem(path, "it is no array of \(byteCount) bytes") }
        guard String(decoding: head[10..<first], as: UTF8.self).contains("'fortran_order': False") else {
            throw problem(path, "it is not in C order")
        }
        return first
    }

    /// How many bytes there were, up to as many as fit.
    private static func fill(_ target: UnsafeMutableRawBufferPointer, from descriptor: Int32, at start: Int) -> Int {
        var done = 0
        while done < target.count {
            let count = unsafe pread(
                descriptor, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(start + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    private static func open(_ path: String) throws(StreamError) -> Int32 {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else { return descriptor }
        let reason = unsafe String(cString: strerror(errno))
        throw problem(path, "it cannot be opened (\(reason))")
    }

    private static func name(_ path: String) -> String { path.split(separator: "/").suffix(2).joined(separator: "/") }

    private static func problem(_ path: String, _ reason: String) -> StreamError {
        StreamError(
            .unusableSet, "The baked file \(name(path)) cannot be used: \(reason); bake the training set again.")
    }
}
