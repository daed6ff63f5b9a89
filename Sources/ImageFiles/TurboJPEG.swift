internal import CTurboJPEG
import Imaging

/// One TurboJPEG instance; its calls copy in and out and keep nothing.
@safe
struct TurboJPEG: ~Copyable {
    private let handle: UnsafeMutableRawPointer

    private init(takingOwnershipOf handle: tjhandle?) throws(ImageFileError) {
        guard let handle = unsafe handle else { throw .jpeg(.outOfMemory, "libjpeg-turbo could not start") }
        unsafe self.handle = handle
    }

    deinit { unsafe tjDestroy(handle) }

    /// **Throws** `corrupt`: warnings count, an early end among them.
    static func decode(
        _ bytes: [UInt8], width: Int, height: Int, samplesPerPixel: Int
    ) throws(ImageFileError) -> [UInt8] {
        let decoder = try unsafe TurboJPEG(takingOwnershipOf: tjInitDecompress())
        let format = samplesPerPixel == 1 ? TJPF_GRAY : TJPF_RGB
        // The scan limit stops a small progressive file from costing minutes (500 is libjpeg-turbo's own choice).
        let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
        var status: Int32 = -1
        let count = width * height * samplesPerPixel
        let samples = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            unsafe target.initialize(repeating: 0)
            status = unsafe tjDecompress2(
                decoder.handle, bytes, UInt(bytes.count), target.baseAddress, Int32(width), 0, Int32(height),
                format.rawValue, flags)
            filled = count
        }
        guard status == 0 else { throw decoder.failure() }
        return samples
    }

    static func encode(
        _ pixels: PixelBuffer, quality: Int, subsampling: JPEGCodec.Subsampling
    ) throws(ImageFileError) -> [UInt8] {
        let encoder = try unsafe TurboJPEG(takingOwnershipOf: tjInitCompress())
        let isGrey = pixels.samplesPerPixel == 1
        let chroma = isGrey ? TJSAMP_GRAY : subsampling.code
        let capacity = tjBufSize(Int32(pixels.columns), Int32(pixels.rows), Int32(chroma.rawValue))
        var status: Int32 = -1
        let encoded = unsafe [UInt8](unsafeUninitializedCapacity: Int(capacity)) { target, filled in
            var destination = target.baseAddress
            var count = capacity
            status = unsafe tjCompress2(
                encoder.handle, pixels.bytes, Int32(pixels.columns), 0, Int32(pixels.rows),
                (isGrey ? TJPF_GRAY : TJPF_RGB).rawValue, &destination, &count, Int32(chroma.rawValue),
                Int32(quality), TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC)
            filled = status == 0 ? Int(count) : 0
        }
        guard status == 0 else { throw encoder.failure() }
        return encoded
    }

    /// libjpeg's texts name markers and counts, no content of the picture.
    private borrowing func failure() -> ImageFileError {
        let text = unsafe tjGetErrorStr2(handle).map { unsafe String(cString: $0) } ?? "an unknown error"
        return .jpeg(.corrupt, "libjpeg-turbo says \"\(text)\"")
    }
}

extension JPEGCodec.Subsampling {
    fileprivate var code: TJSAMP {
        switch self {
        case .none: TJSAMP_444
        case .horizontal: TJSAMP_422
        case .both: TJSAMP_420
        }
    }
}
