import DICOM
import Foundation
import Imaging

/// Times our reader in one process on one core, for Benchmarks/decode.py.
///
///     DecodeBenchmark header|pixels REPETITIONS FILE...
///
/// Prints one line a file: seconds per reading, the least of the repetitions, and a tab, and the path. Each reading
/// opens the file anew, as a caller would.
@main
struct DecodeBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, let repetitions = Int(arguments[2]), ["header", "pixels"].contains(arguments[1])
        else {
            FileHandle.standardError.write(Data("usage: DecodeBenchmark header|pixels REPETITIONS FILE...\n".utf8))
            exit(64)
        }
        keepFreedMemory()
        for path in arguments.dropFirst(3) {
            let seconds =
                try (0..<repetitions).map { _ in try time(path, decodes: arguments[1] == "pixels") }.min() ?? 0
            print(seconds, path, separator: "\t")
        }
    }

    /// A process that has let go of something large keeps what it frees; one that has not gives every frame's memory back
    /// to the kernel, and times its page faults. Benchmarks/decode.py does the same before it times the others.
    private static func keepFreedMemory() {
        let large = [UInt8](repeating: 1, count: 24 << 20)
        precondition(large[large.count / 2] == 1, "it is used")
    }

    private static func time(_ path: String, decodes: Bool) throws -> Double {
        let start = ContinuousClock.now
        let bytes = try read(path, limit: decodes ? .max : headByteCount)
        let file = try DICOMFile(bytes: bytes, stopBeforePixels: !decodes)
        var sum = file.header.elements.count
        if decodes {
            let frames = try file.frameSource()
            for index in 0..<frames.frameCount { sum += try frames.frame(index).bytes.count }
        }
        guard sum > 0 else { throw CocoaError(.fileReadCorruptFile) }
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// What an ingest reads of a file to learn its header.
    private static let headByteCount = 32 << 10

    private static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { throw CocoaError(.fileReadNoSuchFile) }
        defer { close(descriptor) }
        var status = stat()
        unsafe fstat(descriptor, &status)
        let size = min(Int(status.st_size), limit)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = unsafe max(Foundation.read(descriptor, buffer.baseAddress, size), 0)
        }
    }
}
