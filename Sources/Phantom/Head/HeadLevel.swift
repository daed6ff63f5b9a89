/// The outlines of one head at one height: scalp, outer and inner table as radius by direction.
///
/// Each outline is a table over 2,048 directions, so the inner loops look a boundary up instead of solving for it.
/// Above the widest level the surfaces are flattened ellipsoids, which gives the oblique, thick-looking bone near
/// the vertex; below it they follow measured curves down to the neck.
struct HeadLevel: Sendable {
    static let directionCount = 2048
    /// The height where the cranial cavity is widest.
    private static let widest: Float = 22

    let z: Float
    /// Radii in standard millimetres; 0 where the surface does not reach this level.
    let scalp: [Float]
    let outerTable: [Float]
    let innerTable: [Float]
    /// Cosine-like factor from in-plane depth to depth along the surface normal, 0.3...1.
    let obliquity: Float

    init(_ anatomy: HeadAnatomy, z: Float, directions: Directions, shape: [Float]) {
        self.z = z
        let inner = Self.cap(z, reach: HeadAnatomy.innerVertex - Self.widest)
        let below = z < Self.widest
        let thickness = anatomy.skullThickness
        let innerFactor = below ? Self.cavityBelow(z) : inner
        let outerFactor = Self.cap(z, reach: HeadAnatomy.innerVertex - Self.widest + thickness)
        let scalpFactor = Self.cap(
            z, reach: HeadAnatomy.innerVertex - Self.widest + thickness + anatomy.scalpThickness)
        obliquity = below ? max(0.3, min(1, innerFactor)) : max(0.3, inner)

        let soft = anatomy.scalpThickness
        let widestInner = directions.outline(halfWidth: 67, front: 83, back: 87, shape)
        innerTable = widestInner.map { $0 * innerFactor }
        let outer = directions.outline(
            halfWidth: 67 + thickness * 0.8, front: 83 + thickness, back: 87 + thickness * 1.1, shape)
        outerTable = zip(outer, widestInner).map { outer, inner in
            guard below else { return outer * outerFactor }
            return innerFactor > 0 ? inner * innerFactor + outer - inner : 0
        }
        let above = directions.outline(
            halfWidth: 67 + thickness * 0.8 + soft, front: 83 + thickness + soft, back: 87 + thickness * 1.1 + soft,
            shape)
        if below {
            let blend = max(0, min(1, (Self.widest - z) / 22))
            let low = directions.outline(
                halfWidth: Self.lowHalfWidth(z), front: Self.lowFront(z), back: Self.lowBack(z), shape)
            scalp = zip(above, low).map { $0 + ($1 - $0) * blend }
        } else {
            scalp = above.map { $0 * scalpFactor }
        }
    }

    /// Relative radius of a flattened ellipsoid `reach` above the widest level: √(1 − 0.55·t² − 0.45·t⁴).
    private static func cap(_ z: Float, reach: Float) -> Float {
        let t = max(0, z - widest) / reach
        let s = t * t
        return max(0, 1 - 0.55 * s - 0.45 * s * s).squareRoot()
    }

    private static let cavityBelow = Curve([
        (-46, 0), (-43, 0.22), (-36, 0.55), (-26, 0.78), (-15, 0.9), (0, 0.97), (22, 1),
    ])
    private static let lowHalfWidth = Curve([
        (-300, 190), (-250, 170), (-225, 120), (-200, 78), (-160, 58), (-120, 55), (-100, 60), (-80, 66), (-60, 70),
        (-40, 73), (-20, 75), (0, 76), (22, 77),
    ])
    private static let lowFront = Curve([
        (-300, 70), (-230, 55), (-160, 40), (-120, 44), (-108, 62), (-98, 86), (-80, 92), (-60, 94), (-30, 95), (0, 94),
        (22, 95),
    ])
    private static let lowBack = Curve([
        (-300, 95), (-230, 88), (-160, 66), (-120, 62), (-80, 68), (-60, 74), (-40, 82), (-20, 90), (0, 96), (22, 99),
    ])
}
