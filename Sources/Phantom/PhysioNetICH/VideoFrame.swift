/// The raster of the published JPEGs: a slice enlarged by 630/512 inside a black frame of ten pixels.
struct VideoFrame: Sendable {
    let matrixSize: Int
    /// Side of the whole image, 650 for 512.
    let outer: Int
    /// Side of the picture in the frame.
    let inner: Int
    private let border: Int
    private let steps: [(low: Int, high: Int, fraction: Float)]

    init(matrixSize: Int) {
        self.matrixSize = matrixSize
        outer = max(16, Int((Double(matrixSize) * 650 / 512).rounded()))
        border = outer * 10 / 650
        inner = outer - 2 * border
        let side = Float(matrixSize)
        let ratio = side / Float(inner)
        steps = (0..<inner).map { index in
            let position = max(0, min(side - 1, (Float(index) + 0.5) * ratio - 0.5))
            let low = Int(position)
            return (low, min(matrixSize - 1, low + 1), position - Float(low))
        }
    }

    /// Bilinear enlargement. **Shape** `[matrixSize][matrixSize]` to `[inner][inner]`.
    func enlarge(_ image: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: inner * inner)
        for (row, vertical) in steps.enumerated() {
            let (top, bottom) = (vertical.low * matrixSize, vertical.high * matrixSize)
            for (column, across) in steps.enumerated() {
                let upper = Self.blend(image[top + across.low], image[top + across.high], across.fraction)
                let lower = Self.blend(image[bottom + across.low], image[bottom + across.high], across.fraction)
                result[row * inner + column] = Self.blend(upper, lower, vertical.fraction)
            }
        }
        return result
    }

    @inline(__always)
    private static func blend(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

    /// The picture in its black frame. **Shape** `[inner][inner]` to `[outer][outer]`.
    func framed(_ picture: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: outer * outer)
        for row in 0..<inner {
            let start = (row + border) * outer + border
            result.replaceSubrange(start..<start + inner, with: picture[row * inner..<(row + 1) * inner])
        }
        return result
    }
}
