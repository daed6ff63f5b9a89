/// The type of one stored sample; the raw value is its name in SQL, JSON and the pixel digest.
package enum PixelType: String, Sendable, CaseIterable, Codable {
    case u8, i8, u16, i16, u32, i32, f32, f64

    /// Bytes of one sample.
    package var byteCount: Int {
        switch self {
        case .u8, .i8: 1
        case .u16, .i16: 2
        case .u32, .i32, .f32: 4
        case .f64: 8
        }
    }

    package var isFloatingPoint: Bool { self == .f32 || self == .f64 }
}
