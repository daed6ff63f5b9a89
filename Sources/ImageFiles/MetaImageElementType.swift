internal import Imaging

/// The element types of MetaImage that are pixels.
///
/// **Source** MetaIO, `metaTypes.h`: a `MET_LONG` has four bytes on every machine. The 64-bit integers have no
/// `PixelType`.
enum MetaImageElementType {
    static let pixelTypes: [String: PixelType] = [
        "MET_CHAR": .i8, "MET_UCHAR": .u8, "MET_SHORT": .i16, "MET_USHORT": .u16, "MET_INT": .i32, "MET_UINT": .u32,
        "MET_LONG": .i32, "MET_ULONG": .u32, "MET_FLOAT": .f32, "MET_DOUBLE": .f64,
    ]

    /// **Throws** `unsupportedDatatype`.
    static func pixelType(named name: String) throws(ImageFileError) -> PixelType {
        guard let type = pixelTypes[name] else {
            throw .metaImage(
                .unsupportedDatatype, "its ElementType is no integer of up to 32 bits, MET_FLOAT or MET_DOUBLE")
        }
        return type
    }

    static func name(of type: PixelType) -> String {
        switch type {
        case .i8: "MET_CHAR"
        case .u8: "MET_UCHAR"
        case .i16: "MET_SHORT"
        case .u16: "MET_USHORT"
        case .i32: "MET_INT"
        case .u32: "MET_UINT"
        case .f32: "MET_FLOAT"
        case .f64: "MET_DOUBLE"
        }
    }
}
