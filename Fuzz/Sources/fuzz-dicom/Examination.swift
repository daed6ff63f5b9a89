internal import DICOM
internal import Imaging

/// One input, read in every way that an ingest reads a file, and what must hold whatever the bytes are.
struct Examination {
    private let bytes: [UInt8]
    /// Larger images are left to the arithmetic of their own tests: here they would only be slow.
    private static let sampleLimit = 1 << 20
    private static let frameLimit = 3

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func run() {
        readHead()
        guard let file = try? DICOMFile(bytes: bytes) else { return }
        readHeader(file)
        readFrames(file)
    }

    /// Pass 1 of an ingest: a prefix, the header alone, a selection of attributes.
    private func readHead() {
        let half = Array(bytes.prefix(bytes.count / 2))
        do {
            _ = try DICOMFile(bytes: half, stopBeforePixels: true, fileByteCount: bytes.count)
        } catch {
            if error.code == .needsMoreBytes {
                let needed = error.neededByteCount ?? 0
                precondition(needed > half.count && needed <= bytes.count, "a prefix asks for what the file has")
            }
        }
        _ = try? DICOMFile(
            bytes: bytes, stopBeforePixels: true, selection: [.sopInstanceUID, .rows], fileByteCount: bytes.count)
    }

    private func readHeader(_ file: DICOMFile) {
        let tags = file.header.elements.map(\.tag)
        precondition(zip(tags, tags.dropFirst()).allSatisfy { $0 < $1 }, "tags ascend")
        for element in file.header.elements { _ = element.json.utf8.count }
        _ = DeidentificationProfile.allowList.apply(to: file.header)
        _ = file.incompleteness
        _ = file.isDICOMDIR
        for frame in 0..<Self.frameLimit {
            _ = file.header.plane(frame: frame)
            _ = file.header.rescale(frame: frame)
            _ = file.header.windows(frame: frame)
            if let offset = file.frameOffset(frame) { precondition(offset >= 0) }
        }
    }

    private func readFrames(_ file: DICOMFile) {
        let (pixels, overflow) = (file.header.rows ?? 0).multipliedReportingOverflow(by: file.header.columns ?? 0)
        guard !overflow, pixels <= Self.sampleLimit, let source = try? file.frameSource() else { return }
        for index in 0..<min(source.frameCount, Self.frameLimit) {
            guard let frame = try? source.frame(index) else { continue }
            let samples = frame.rows * frame.columns * frame.samplesPerPixel
            precondition(frame.bytes.count == samples * frame.type.byteCount, "a frame is whole")
            _ = frame.statistics()
        }
    }
}
