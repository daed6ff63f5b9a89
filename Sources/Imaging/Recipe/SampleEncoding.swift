/// The last step of a sample: values to the bits of its type.
enum SampleEncoding {
    /// To the nearest, ties to even, clamped; NaN becomes 0.
    @inline(__always)
    static func byte(_ value: Float) -> UInt8 {
        let rounded = value.rounded(.toNearestOrEven)
        guard rounded > 0 else { return 0 }
        return rounded < 255 ? UInt8(rounded) : 255
    }

    /// To the nearest, ties to even, clamped; NaN becomes 0.
    @inline(__always)
    static func int16(_ value: Float) -> UInt16 {
        let rounded = value.rounded(.toNearestOrEven)
        guard rounded > -32_768 else { return rounded.isNaN ? 0 : UInt16(bitPattern: .min) }
        return UInt16(bitPattern: rounded < 32_767 ? Int16(rounded) : .max)
    }

    @inline(__always)
    static func float16(_ value: Float) -> UInt16 { Float16(value).bitPattern }
}
