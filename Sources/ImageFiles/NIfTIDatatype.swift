package import Imaging

/// The datatype codes of NIfTI that are images of real numbers or of colours.
///
/// **Source** nifti1.h, `DT_*`. Complex, 64-bit integer and 80- or 128-bit float voxels have no `PixelType`.
package struct NIfTIDatatype: Sendable, Equatable {
    package let code: Int
    package let pixelType: PixelType
    package let samplesPerPixel: Int

    var bytesPerPixel: Int { pixelType.byteCount * samplesPerPixel }

    /// **Throws** `unsupportedDatatype`, naming the type.
    package init(code: Int) throws(ImageFileError) {
        switch code {
        case 2: self.init(code, .u8)
        case 4: self.init(code, .i16)
        case 8: self.init(code, .i32)
        case 16: self.init(code, .f32)
        case 64: self.init(code, .f64)
        case 128: self.init(code, .u8, samples: 3)
        case 256: self.init(code, .i8)
        case 512: self.init(code, .u16)
        case 768: self.init(code, .u32)
        case 2304: self.init(code, .u8, samples: 4)
        default:
            let name = Self.nameOfUnsupported[code].map { "\($0) voxels" } ?? "voxels of unknown type \(code)"
            throw .nifti(.unsupportedDatatype, "it holds \(name), which the warehouse does not store")
        }
    }

    /// The code that stores `type`; `nil` for colours that are not of bytes.
    package init?(pixelType: PixelType, samplesPerPixel: Int) {
        switch (pixelType, samplesPerPixel) {
        case (.u8, 1): self.init(2, .u8)
        case (.i16, 1): self.init(4, .i16)
        case (.i32, 1): self.init(8, .i32)
        case (.f32, 1): self.init(16, .f32)
        case (.f64, 1): self.init(64, .f64)
        case (.u8, 3): self.init(128, .u8, samples: 3)
        case (.i8, 1): self.init(256, .i8)
        case (.u16, 1): self.init(512, .u16)
        case (.u32, 1): self.init(768, .u32)
        case (.u8, 4): self.init(2304, .u8, samples: 4)
        default: return nil
        }
    }

    private init(_ code: Int, _ pixelType: PixelType, samples: Int = 1) {
        self.code = code
        self.pixelType = pixelType
        samplesPerPixel = samples
    }

    private static let nameOfUnsupported = [
        0: "untyped", 1: "1-bit", 32: "64-bit complex", 1024: "64-bit integer", 1280: "unsigned 64-bit integer",
        1536: "128-bit float", 1792: "128-bit complex", 2048: "256-bit complex",
    ]
}
