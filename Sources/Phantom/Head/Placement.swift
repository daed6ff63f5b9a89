/// Where every pixel of a patient's raster lies in the standard head.
///
/// The maps hold for all slices of a patient: position in the head (after scale, rotation, and a smooth warp of up to
/// 2.5 mm that makes simple bodies look grown), distance from the axis, and direction index. **Shape** `[rows][columns]`.
/// **Cost** 14 bytes a pixel, 3.5 MiB at 512².
struct Placement: Sendable {
    let size: Int
    /// Scanner millimetres per pixel.
    let spacing: Float
    /// Standard-head millimetres per pixel.
    let step: Float
    let x: [Float]
    let y: [Float]
    let radius: [Float]
    let direction: [UInt16]
    private let anatomy: HeadAnatomy

    init(_ anatomy: HeadAnatomy, noise: NoiseField, size: Int, spacing: Float) {
        self.size = size
        self.spacing = spacing
        self.anatomy = anatomy
        step = spacing / anatomy.scale
        let (cosine, sine) = (Trigonometry.cosine(turns: anatomy.rotation), Trigonometry.sine(turns: anatomy.rotation))
        var x: [Float] = []
        var y: [Float] = []
        x.reserveCapacity(size * size)
        y.reserveCapacity(size * size)
        let origin = anatomy.noiseOffset
        for row in 0..<size {
            for column in 0..<size {
                let u = Self.scanner(column, size, spacing) - anatomy.shift.x
                let v = Self.scanner(row, size, spacing) - anatomy.shift.y
                let hx = (u * cosine + v * sine) / anatomy.scale
                let hy = (v * cosine - u * sine) / anatomy.scale
                let wx = noise.value(hx / 30 + origin.x, hy / 30 + origin.y, origin.z)
                let wy = noise.value(hx / 30 + origin.x + 21, hy / 30 + origin.y + 7, origin.z + 11)
                x.append(hx + wx * 2.5)
                y.append(hy + wy * 2.5)
            }
        }
        radius = zip(x, y).map { ($0 * $0 + $1 * $1).squareRoot() }
        direction = zip(x, y).map { x, y in
            let index = Int(Trigonometry.turns(y: y, x: x) * Float(HeadLevel.directionCount))
            return UInt16(min(HeadLevel.directionCount - 1, index))
        }
        self.x = x
        self.y = y
    }

    /// The pixel nearest to a point of the head, ignoring the warp.
    func pixel(x: Float, y: Float) -> (row: Int, column: Int) {
        let (cosine, sine) = (Trigonometry.cosine(turns: anatomy.rotation), Trigonometry.sine(turns: anatomy.rotation))
        let u = (x * cosine - y * sine) * anatomy.scale + anatomy.shift.x
        let v = (y * cosine + x * sine) * anatomy.scale + anatomy.shift.y
        let middle = Float(size - 1) / 2
        return (Int((v / spacing + middle).rounded()), Int((u / spacing + middle).rounded()))
    }

    /// Scanner coordinate of a row or column, millimetres from the centre of the raster.
    @inline(__always)
    static func scanner(_ index: Int, _ size: Int, _ spacing: Float) -> Float {
        (Float(index) - Float(size - 1) / 2) * spacing
    }
}
