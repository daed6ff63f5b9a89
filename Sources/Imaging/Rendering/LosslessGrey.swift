/// Stored values as 16-bit grey: `grey = stored + offset`.
///
/// The offset is 0 for unsigned and 32,768 for signed samples of up to 16 bits, so that all frames of a series share
/// it; for 32-bit samples it is minus the least value of the frame, where the frame spans no more than 65,536 values.
enum LosslessGrey {
    /// **Throws** `unrenderable` for floating-point samples and for frames that span more values.
    static func render(_ buffer: PixelBuffer) throws(ImagingError) -> RenderedFrame {
        switch buffer.type {
        case .u8: return try frame(buffer, offset: 0, unsafe buffer.withSamples(as: UInt8.self, moved(by: 0)))
        case .u16: return RenderedFrame(pixels: buffer, offset: 0, applied: "as stored")
        case .i8: return try frame(buffer, offset: 32_768, unsafe buffer.withSamples(as: Int8.self, moved(by: 32_768)))
        case .i16:
            return try frame(buffer, offset: 32_768, unsafe buffer.withSamples(as: Int16.self, moved(by: 32_768)))
        case .u32:
            let offset = try offset(buffer)
            return try frame(buffer, offset: offset, unsafe buffer.withSamples(as: UInt32.self, moved(by: offset)))
        case .i32:
            let offset = try offset(buffer)
            return try frame(buffer, offset: offset, unsafe buffer.withSamples(as: Int32.self, moved(by: offset)))
        case .f32, .f64:
            throw .unrenderable(reason: "floating-point values do not fit 16 bits without loss; choose an 8-bit recipe")
        }
    }

    private static func offset(_ buffer: PixelBuffer) throws(ImagingError) -> Int {
        let statistics = buffer.statistics()
        guard statistics.maximum - statistics.minimum <= 65_535 else {
            throw .unrenderable(reason: "the frame spans more than 65,536 values; choose an 8-bit recipe")
        }
        return -Int(statistics.minimum)
    }

    private static func moved<T: PixelElement & FixedWidthInteger>(
        by offset: Int
    ) -> (UnsafeBufferPointer<T>) -> [UInt16] {
        { samples in
            unsafe [UInt16](unsafeUninitializedCapacity: samples.count) { target, count in
                for index in 0..<samples.count {
                    unsafe target[index] = UInt16(truncatingIfNeeded: Int(samples[index]) &+ offset)
                }
                count = samples.count
            }
        }
    }

    private static func frame(
        _ buffer: PixelBuffer, offset: Int, _ grey: [UInt16]
    ) throws(ImagingError) -> RenderedFrame {
        RenderedFrame(
            pixels: try PixelBuffer(rows: buffer.rows, columns: buffer.columns, elements: grey), offset: offset,
            applied: offset == 0 ? "as stored" : "stored + \(offset)")
    }
}
