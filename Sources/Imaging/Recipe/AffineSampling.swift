internal import Glibc

/// The affine map of an augmentation: for each new pixel the place in the old picture.
///
/// With the centre `((rows - 1) / 2, (columns - 1) / 2)`, θ anticlockwise, scale s and the shift in pixels:
///
///     y = row - centre.row - shift.row,  x = column - centre.column - shift.column
///     old row    = (cos θ / s * y + sin θ / s * x) + centre.row
///     old column = (cos θ / s * x - sin θ / s * y) + centre.column
///
/// Values are those of `scipy.ndimage.map_coordinates` with mode constant: order 1 for images, order 0 for masks.
struct AffineSampling {
    private let rows: Int
    private let columns: Int
    private let cosine: Double
    private let sine: Double
    private let shift: (row: Double, column: Double)

    init(_ change: SampleChange, extent: StageExtent) {
        rows = extent.rows
        columns = extent.columns
        let angle = change.rotationDegrees * Double.pi / 180
        cosine = cos(angle) / change.scale
        sine = sin(angle) / change.scale
        shift = (change.shiftRows * Double(extent.rows), change.shiftColumns * Double(extent.columns))
    }

    /// Bilinear; whatever lies beyond the outermost pixel centres is `fill`.
    func image(_ source: ScratchBuffer<Float>, into target: ScratchBuffer<Float>, planes: Int, fill: Float) {
        let size = rows * columns
        let output = unsafe target.reserve(planes * size)
        let input = unsafe UnsafePointer(source.start)
        for plane in 0..<planes {
            let from = unsafe input + plane * size
            var place = unsafe output + plane * size
            forEach { row, column in
                unsafe place.pointee = isInside(row, column) ? interpolated(from, row, column) : fill
                unsafe place += 1
            }
        }
    }

    func mask(_ source: ScratchBuffer<UInt8>, into target: ScratchBuffer<UInt8>, planes: Int) {
        let size = rows * columns
        let output = unsafe target.reserve(planes * size)
        let input = unsafe UnsafePointer(source.start)
        for plane in 0..<planes {
            let from = unsafe input + plane * size
            var place = unsafe output + plane * size
            forEach { row, column in
                // Not negative inside, so that truncation is the floor.
                let value = unsafe isInside(row, column) ? from[Int(row + 0.5) * columns + Int(column + 0.5)] : 0
                unsafe place.pointee = value
                unsafe place += 1
            }
        }
    }

    @inline(__always)
    private func forEach(_ body: (_ row: Double, _ column: Double) -> Void) {
        let centre = (row: Double(rows - 1) / 2, column: Double(columns - 1) / 2)
        for row in 0..<rows {
            let y = Double(row) - centre.row - shift.row
            for column in 0..<columns {
                let x = Double(column) - centre.column - shift.column
                body((cosine * y + sine * x) + centre.row, (cosine * x - sine * y) + centre.column)
            }
        }
    }

    @inline(__always)
    private func isInside(_ row: Double, _ column: Double) -> Bool {
        row >= 0 && row <= Double(rows - 1) && column >= 0 && column <= Double(columns - 1)
    }

    @inline(__always)
    private func interpolated(_ plane: UnsafePointer<Float>, _ row: Double, _ column: Double) -> Float {
        let (top, left) = (Int(row), Int(column))
        let (below, beside) = (row - Double(top), column - Double(left))
        // On the last row or column the weight of the next one is 0; it need not exist.
        let down = top + 1 < rows ? columns : 0
        let right = left + 1 < columns ? 1 : 0
        let corner = unsafe plane + top * columns + left
        var sum = unsafe Double(corner[0]) * (1 - below) * (1 - beside)
        unsafe sum += Double(corner[right]) * (1 - below) * beside
        unsafe sum += Double(corner[down]) * below * (1 - beside)
        unsafe sum += Double(corner[down + right]) * below * beside
        return Float(sum)
    }
}
