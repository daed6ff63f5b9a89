package import Imaging

/// The samples of a stack of slices in their stored types, one slice after the other.
///
/// **Shape** `[slices][rows][columns]`, one sample a pixel.
package final class SampleStore: Sendable {
    package let rows: Int
    package let columns: Int
    /// Stored type of each slice.
    package let types: [PixelType]
    /// From stored values to the values of the matrix; `nil` where these are the same.
    package let rescales: [Rescale?]
    private let offsets: [Int]
    private let storage: RawStorage

    package var sliceCount: Int { types.count }
    package var pixelCount: Int { rows * columns }
    package var isInMemory: Bool { storage.isInMemory }

    package init(
        rows: Int, columns: Int, types: [PixelType], rescales: [Rescale?], inMemory: Bool,
        environment: [String: String]
    ) throws {
        self.rows = rows
        self.columns = columns
        self.types = types
        self.rescales = rescales
        var offsets: [Int] = []
        var end = 0
        for type in types {
            offsets.append(end)
            // Slices begin at multiples of the widest type, so that samples are aligned.
            end += (rows * columns * type.byteCount + 63) / 64 * 64
        }
        self.offsets = offsets
        storage = try RawStorage(byteCount: end, inMemory: inMemory, environment: environment)
    }

    /// Bytes that a store of this shape takes.
    package static func byteCount(pixelCount: Int, types: [PixelType]) -> Int {
        types.reduce(0) { $0 + (pixelCount * $1.byteCount + 63) / 64 * 64 }
    }

    // MARK: Whole slices

    package func put(_ pixels: PixelBuffer, slice: Int) throws {
        precondition(pixels.type == types[slice] && pixels.elementCount == pixelCount, "another shape or type")
        try unsafe pixels.bytes.withUnsafeBytes { unsafe try storage.write($0, at: offsets[slice]) }
    }

    /// The stored values of a slice.
    package func pixels(of slice: Int) throws -> PixelBuffer {
        let start = offsets[slice]
        let bytes = try unsafe storage.withBytes(start..<start + pixelCount * types[slice].byteCount) {
            unsafe [UInt8]($0)
        }
        return try PixelBuffer(type: types[slice], rows: rows, columns: columns, bytes: bytes)
    }

    /// The values of a slice in the unit of the matrix.
    package func values(of slice: Int) throws -> [Float] {
        var doubles = [Double](repeating: 0, count: pixelCount)
        try unsafe doubles.withUnsafeMutableBufferPointer { target in
            unsafe try read(slice: slice, range: 0..<pixelCount, into: target)
        }
        return doubles.map { Float($0) }
    }

    // MARK: Parts of slices

    /// Reads pixels of a slice as values in the unit of the matrix.
    func read(slice: Int, range: Range<Int>, into target: UnsafeMutableBufferPointer<Double>) throws {
        let width = types[slice].byteCount
        let start = offsets[slice] + range.lowerBound * width
        let line = rescales[slice] ?? .identity
        let type = types[slice]
        unsafe try storage.withBytes(start..<start + range.count * width) { bytes in
            switch type {
            case .u8: unsafe widen(bytes, UInt8.self, line, target) { Double($0) }
            case .i8: unsafe widen(bytes, Int8.self, line, target) { Double($0) }
            case .u16: unsafe widen(bytes, UInt16.self, line, target) { Double($0) }
            case .i16: unsafe widen(bytes, Int16.self, line, target) { Double($0) }
            case .u32: unsafe widen(bytes, UInt32.self, line, target) { Double($0) }
            case .i32: unsafe widen(bytes, Int32.self, line, target) { Double($0) }
            case .f32: unsafe widen(bytes, Float.self, line, target) { Double($0) }
            case .f64: unsafe widen(bytes, Double.self, line, target) { Double($0) }
            }
        }
    }

    /// Stores values given in the unit of the matrix: rounded to the nearest stored value, ties to even, and clamped to
    /// what the type holds.
    package func write(slice: Int, range: Range<Int>, values: ArraySlice<Double>) throws {
        precondition(range.count == values.count, "the values are not those of the range")
        let line = rescales[slice] ?? .identity
        let start = offsets[slice] + range.lowerBound * types[slice].byteCount
        switch types[slice] {
        case .u8: try store(integers(values, UInt8.self, line), at: start)
        case .i8: try store(integers(values, Int8.self, line), at: start)
        case .u16: try store(integers(values, UInt16.self, line), at: start)
        case .i16: try store(integers(values, Int16.self, line), at: start)
        case .u32: try store(integers(values, UInt32.self, line), at: start)
        case .i32: try store(integers(values, Int32.self, line), at: start)
        case .f32: try store(values.map { Float(($0 - line.intercept) / line.slope) }, at: start)
        case .f64: try store(values.map { ($0 - line.intercept) / line.slope }, at: start)
        }
    }

    private func store<Sample>(_ samples: [Sample], at offset: Int) throws {
        try unsafe samples.withUnsafeBytes { unsafe try storage.write($0, at: offset) }
    }
}

private func integers<Sample: FixedWidthInteger>(
    _ values: ArraySlice<Double>, _ type: Sample.Type, _ line: Rescale
) -> [Sample] {
    let (least, greatest) = (Double(Sample.min), Double(Sample.max))
    let (factor, shift) = (1 / line.slope, -line.intercept / line.slope)
    return values.map { value in
        let stored = (value * factor + shift).rounded(.toNearestOrEven)
        return stored <= least ? Sample.min : stored >= greatest ? Sample.max : Sample(stored)
    }
}

/// The conversion is given where the type is known, so that the loop vectorises.
@inline(__always)
private func widen<Sample: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: Sample.Type, _ line: Rescale,
    _ target: UnsafeMutableBufferPointer<Double>, _ convert: (Sample) -> Double
) {
    unsafe bytes.withMemoryRebound(to: Sample.self) { samples in
        let (slope, intercept) = (line.slope, line.intercept)
        for index in 0..<samples.count { unsafe target[index] = convert(samples[index]) * slope + intercept }
    }
}
