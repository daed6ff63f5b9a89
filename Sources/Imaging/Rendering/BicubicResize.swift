/// Resizes 8-bit pictures as Pillow 11 does with `Resampling.BICUBIC`, bit for bit: that is what
/// `scipy.misc.imresize(…, 'bicubic')` called. Pillow 13 takes columns before rows for some sizes.
///
/// Separable convolution, first along rows, then along columns, with Keys' kernel (a = -0.5) widened by the scale when a
/// picture shrinks, in fixed point of 22 bits. **Source** Pillow, `src/libImaging/Resample.c`; Keys, "Cubic convolution
/// interpolation for digital image processing", IEEE Trans. ASSP 29 (1981).
package struct BicubicResize: Sendable, Equatable {
    package let rows: Int
    package let columns: Int

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    /// **Throws** `unrenderable` for samples that are not 8-bit unsigned.
    package func resize(_ picture: PixelBuffer) throws(ImagingError) -> PixelBuffer {
        guard picture.type == .u8, rows > 0, columns > 0 else {
            throw .unrenderable(reason: "only 8-bit pictures are resized, to at least one row and column")
        }
        let channels = picture.samplesPerPixel
        var bytes = picture.bytes
        if columns != picture.columns {
            let kernels = ResizeKernel.all(from: picture.columns, to: columns)
            bytes = Self.alongRows(bytes, rows: picture.rows, columns: picture.columns, channels, kernels)
        }
        if rows != picture.rows {
            let kernels = ResizeKernel.all(from: picture.rows, to: rows)
            bytes = Self.alongColumns(bytes, columns: columns, channels, kernels)
        }
        return try PixelBuffer(type: .u8, rows: rows, columns: columns, samplesPerPixel: channels, bytes: bytes)
    }

    private static func alongRows(
        _ bytes: [UInt8], rows: Int, columns: Int, _ channels: Int, _ kernels: [ResizeKernel]
    ) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: rows * kernels.count * channels)
        for row in 0..<rows {
            for (column, kernel) in kernels.enumerated() {
                for channel in 0..<channels {
                    let start = (row * columns + kernel.first) * channels + channel
                    let value = kernel.sum(bytes, start: start, step: channels)
                    result[(row * kernels.count + column) * channels + channel] = value
                }
            }
        }
        return result
    }

    private static func alongColumns(
        _ bytes: [UInt8], columns: Int, _ channels: Int, _ kernels: [ResizeKernel]
    ) -> [UInt8] {
        let width = columns * channels
        var result = [UInt8](repeating: 0, count: kernels.count * width)
        for (row, kernel) in kernels.enumerated() {
            for place in 0..<width {
                result[row * width + place] = kernel.sum(bytes, start: kernel.first * width + place, step: width)
            }
        }
        return result
    }
}

/// The weights of one output sample, in units of 2⁻²².
private struct ResizeKernel {
    let first: Int
    let weights: [Int32]

    private static let bits: Int32 = 22

    static func all(from input: Int, to output: Int) -> [ResizeKernel] {
        ResampleWeights.all(from: input, to: output, kernel: .bicubic).map { exact in
            let fixed = exact.weights.map { weight in
                let scaled = weight * Double(1 << bits)
                return Int32(weight < 0 ? scaled - 0.5 : scaled + 0.5)
            }
            return ResizeKernel(first: exact.first, weights: fixed)
        }
    }

    func sum(_ bytes: [UInt8], start: Int, step: Int) -> UInt8 {
        var total = Int32(1) << (Self.bits - 1)
        var place = start
        for weight in weights {
            total &+= Int32(bytes[place]) &* weight
            place += step
        }
        return UInt8(clamping: total >> Self.bits)
    }
}
