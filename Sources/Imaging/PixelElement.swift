/// A Swift number that one `PixelType` stores bit for bit.
package protocol PixelElement: BitwiseCopyable, Sendable, Hashable, Comparable {
    static var pixelType: PixelType { get }
    /// The value as a double; exact for every pixel type.
    var doubleValue: Double { get }
}

extension UInt8: PixelElement {
    package static var pixelType: PixelType { .u8 }
    package var doubleValue: Double { Double(self) }
}

extension Int8: PixelElement {
    package static var pixelType: PixelType { .i8 }
    package var doubleValue: Double { Double(self) }
}

extension UInt16: PixelElement {
    package static var pixelType: PixelType { .u16 }
    package var doubleValue: Double { Double(self) }
}

extension Int16: PixelElement {
    package static var pixelType: PixelType { .i16 }
    package var doubleValue: Double { Double(self) }
}

extension UInt32: PixelElement {
    package static var pixelType: PixelType { .u32 }
    package var doubleValue: Double { Double(self) }
}

extension Int32: PixelElement {
    package static var pixelType: PixelType { .i32 }
    package var doubleValue: Double { Double(self) }
}

extension Float: PixelElement {
    package static var pixelType: PixelType { .f32 }
    package var doubleValue: Double { Double(self) }
}

extension Double: PixelElement {
    package static var pixelType: PixelType { .f64 }
    package var doubleValue: Double { self }
}
