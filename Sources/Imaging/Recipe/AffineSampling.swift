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
        let columns = self.columns
        let limit = (row: rows - 1, column: columns - 1)
        unsafe sample(source, into: target, planes: planes, fill: fill) { plane, row, column in
            let (top, left) = (Int(row), Int(column))
            let (below, beside) = (row - Double(top), column - Double(left))
            // On the last row or column the weight of the next one is 0; it need not exist.
            let down = top < limit.row ? columns : 0
            let right = left < limit.column ? 1 : 0
            let corner = unsafe plane + (top &* columns &+ left)
            var sum = unsafe Double(corner[0]) * (1 - below) * (1 - beside)
            unsafe sum += Double(corner[right]) * (1 - below) * beside
            unsafe sum += Double(corner[down]) * below * (1 - beside)
            unsafe sum += Double(corner[down &+ right]) * below * beside
            return Float(sum)
        }
    }

    /// The nearest pixel; whatever lies beyond the outermost pixel centres is unmarked.
    func mask(_ source: ScratchBuffer<UInt8>, into target: ScratchBuffer<UInt8>, planes: Int) {
        let columns = self.columns
        unsafe sample(source, into: target, planes: planes, fill: 0) { plane, row, column in
            // Not negative inside, so that truncation is the floor.
            unsafe plane[Int(row + 0.5) &* columns &+ Int(column + 0.5)]
        }
    }

    /// Visits the pixels in order; the terms of a row and of the columns are computed once.
    @inline(__always)
    private func sample<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, planes: Int, fill: T,
        _ value: (_ plane: UnsafePointer<T>, _ row: Double, _ column: Double) -> T
    ) {
        let size = rows * columns
        let input = unsafe UnsafePointer(source.start)
        var place = unsafe target.reserve(planes * size)
        let (lastRow, lastColumn) = (Double(rows - 1), Double(columns - 1))
        let centre = (row: lastRow / 2, column: lastColumn / 2)
        let steps = (0..<columns).map { Double($0) - centre.column - shift.column }
        let (sines, cosines) = (steps.map { sine * $0 }, steps.map { cosine * $0 })
        unsafe sines.withUnsafeBufferPointer { sines in
            unsafe cosines.withUnsafeBufferPointer { cosines in
                for plane in 0..<planes {
                    let from = unsafe input + plane * size
                    for index in 0..<rows {
                        let y = Double(index) - centre.row - shift.row
                        let (down, back) = (cosine * y, sine * y)
                        for step in 0..<columns {
                            let row = unsafe (down + sines[step]) + centre.row
                            let column = unsafe (cosines[step] - back) + centre.column
                            let isInside = row >= 0 && row <= lastRow && column >= 0 && column <= lastColumn
                            unsafe place[step] = isInside ? value(from, row, column) : fill
                        }
                        unsafe place += columns
                    }
                }
            }
        }
    }
}
