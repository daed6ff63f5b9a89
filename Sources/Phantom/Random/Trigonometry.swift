/// Sine, cosine and angle in turns, from polynomials.
///
/// The C library's functions differ in the last bit between versions and machines; a phantom must not. These use only
/// additions, multiplications and one division, which IEEE 754 fixes. **Range** one turn = 360°. The error is below
/// 1e-6 (sine, cosine) and 2e-5 turns (angle), far below a pixel.
enum Trigonometry {
    /// sin(2π·turns), by Taylor's series to x¹³ on a quarter turn either side of zero.
    static func sine(turns: Float) -> Float {
        var phase = Double(turns) - Double(turns).rounded()
        if phase > 0.25 { phase = 0.5 - phase }
        if phase < -0.25 { phase = -0.5 - phase }
        let x = phase * 2 * Double.pi
        let s = x * x
        var sum = 1 - s / 156
        for divisor in [110.0, 72, 42, 20, 6] { sum = 1 - s / divisor * sum }
        return Float(x * sum)
    }

    /// cos(2π·turns).
    static func cosine(turns: Float) -> Float { sine(turns: turns + 0.25) }

    /// The angle of (x, y) in turns, 0..<1, counted from +x towards +y.
    ///
    /// **Source** Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.49 (arctangent on −1...1).
    static func turns(y: Float, x: Float) -> Float {
        let ax = abs(x)
        let ay = abs(y)
        let largest = max(ax, ay)
        guard largest > 0 else { return 0 }
        let ratio = min(ax, ay) / largest
        let s = ratio * ratio
        let polynomial = 0.9998660 + s * (-0.3302995 + s * (0.1801410 + s * (-0.0851330 + s * 0.0208351)))
        var angle = ratio * polynomial / (2 * Float.pi)
        if ay > ax { angle = 0.25 - angle }
        if x < 0 { angle = 0.5 - angle }
        if y < 0 { angle = -angle }
        return angle < 0 ? angle + 1 : angle
    }
}
