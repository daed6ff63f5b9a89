extension PixelBuffer {
    /// Lends the samples as numbers; the pointer must not leave the closure.
    ///
    /// **Throws** `ImagingError` (`wrongPixelType`) when `T` is not the stored type, else what `body` throws.
    /// **Cost** no copy (arrays of bytes are 16-byte aligned; an unaligned one would be copied once).
    package func withElements<T: PixelElement, R>(
        as elementType: T.Type, _ body: (UnsafeBufferPointer<T>) throws -> R
    ) throws -> R {
        guard T.pixelType == type else {
            throw ImagingError.wrongPixelType(asked: T.pixelType, stored: type)
        }
        return try unsafe withSamples(as: elementType, body)
    }

    /// The same for callers that have switched over `type` already, so that nothing can fail.
    func withSamples<T: PixelElement, R>(
        as elementType: T.Type, _ body: (UnsafeBufferPointer<T>) throws -> R
    ) rethrows -> R {
        precondition(T.pixelType == type)
        return try unsafe withWords(as: elementType, body)
    }

    /// Lends the bytes as machine words of any kind whose size divides theirs.
    func withWords<Word: BitwiseCopyable, R>(
        as wordType: Word.Type, _ body: (UnsafeBufferPointer<Word>) throws -> R
    ) rethrows -> R {
        try unsafe bytes.withUnsafeBytes { raw in
            let address = UInt(bitPattern: raw.baseAddress)
            if address % UInt(MemoryLayout<Word>.alignment) == 0 {
                return try unsafe raw.withMemoryRebound(to: Word.self, body)
            }
            let wordCount = raw.count / MemoryLayout<Word>.size
            let copy = unsafe [Word](unsafeUninitializedCapacity: wordCount) { target, count in
                unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: raw)
                count = wordCount
            }
            return try unsafe copy.withUnsafeBufferPointer(body)
        }
    }

    /// All samples as doubles, in storage order.
    ///
    /// **Shape** `[rows][columns][samplesPerPixel]` **Cost** one pass, eight bytes a sample.
    package func doubles() -> [Double] {
        switch type {
        case .u8: unsafe withSamples(as: UInt8.self, widened)
        case .i8: unsafe withSamples(as: Int8.self, widened)
        case .u16: unsafe withSamples(as: UInt16.self, widened)
        case .i16: unsafe withSamples(as: Int16.self, widened)
        case .u32: unsafe withSamples(as: UInt32.self, widened)
        case .i32: unsafe withSamples(as: Int32.self, widened)
        case .f32: unsafe withSamples(as: Float.self, widened)
        case .f64: unsafe withSamples(as: Double.self, widened)
        }
    }
}

private func widened<T: PixelElement>(_ samples: UnsafeBufferPointer<T>) -> [Double] {
    unsafe samples.map(\.doubleValue)
}
