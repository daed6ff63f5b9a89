/// A quantity that follows height or age through measured points, linear in between and constant outside.
struct Curve: Sendable {
    /// Knots in ascending `at`.
    private let knots: [(at: Float, value: Float)]

    init(_ knots: [(at: Float, value: Float)]) {
        precondition(!knots.isEmpty, "a curve needs a knot")
        self.knots = knots
    }

    func callAsFunction(_ position: Float) -> Float {
        guard let next = knots.firstIndex(where: { $0.at >= position }) else { return knots[knots.count - 1].value }
        guard next > 0 else { return knots[0].value }
        let (low, high) = (knots[next - 1], knots[next])
        return low.value + (high.value - low.value) * (position - low.at) / (high.at - low.at)
    }
}
