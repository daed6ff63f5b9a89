internal import Glibc
internal import Imaging
internal import LinearAlgebra

/// One figure of a run: the slice at each level, what each level took away, and the singular values.
struct DenoiseFigure {
    let outcome: Denoising.Outcome
    let settings: DenoiseSettings
    let rows: Int
    let columns: Int
    let window: WindowLevel
    let title: String

    private static let tile = 220
    private static let gap = 10
    private static let caption = 34
    private static let chart = 240
    private static let header = 60

    private var tileHeight: Int { max(16, Self.tile * rows / max(rows, columns)) }
    private var tileWidth: Int { max(16, Self.tile * columns / max(rows, columns)) }

    func draw() throws -> PixelBuffer {
        let count = outcome.pictures.count + 1
        let width = max(900, Self.gap + count * (Self.tile + Self.gap))
        let height = Self.header + 2 * (tileHeight + Self.caption) + Self.chart + 50
        var canvas = Canvas(width: width, height: height)
        canvas.text(title, x: Self.gap, y: 10, scale: 2)
        canvas.text(parameters, x: Self.gap, y: 36)
        drawPictures(on: &canvas)
        drawResiduals(on: &canvas)
        drawValues(on: &canvas, top: Self.header + 2 * (tileHeight + Self.caption) + 10)
        return try canvas.pixels()
    }

    /// From the run itself, so that no figure says what did not happen.
    private var parameters: String {
        let factors = outcome.factors
        var text = "\(settings.method.rawValue) (\(factors.route.rawValue)), k = \(factors.values.count)"
        if settings.method == .randomized {
            text +=
                ", oversampling \(settings.oversampling), power iterations \(settings.powerIterations), "
                + "seed \(settings.seed)"
        }
        return text + ". Window \(Decimal.text(window.center)) / \(Decimal.text(window.width)). "
            + "Noise \(Decimal.text(outcome.choice.noise)) (\(outcome.choice.noiseSource)), rank by "
            + "\(outcome.choice.rule.rawValue): \(outcome.choice.rank)"
    }

    private func left(_ index: Int) -> Int { Self.gap + index * (Self.tile + Self.gap) }

    private func drawPictures(on canvas: inout Canvas) {
        let top = Self.header + Self.caption - 20
        canvas.text("slice \(outcome.shownSlice), original", x: left(0), y: Self.header)
        put(GreyPicture.grey(outcome.original, window: window), column: 0, top: top, on: &canvas)
        for (index, picture) in outcome.pictures.enumerated() {
            canvas.text(label(outcome.levels[index]), x: left(index + 1), y: Self.header)
            put(GreyPicture.grey(picture, window: window), column: index + 1, top: top, on: &canvas)
        }
    }

    private func label(_ level: LevelResult) -> String {
        switch level.kind {
        case .fraction(let fraction):
            "drop \(Decimal.percent(fraction))%: \(level.keptCount) of \(outcome.factors.values.count)"
        case .automatic: "automatic: \(level.keptCount) of \(outcome.factors.values.count)"
        case .patches: "MP-PCA, mean rank \(level.keptCount)"
        }
    }

    /// Residuals share one scale, ±3 times the noise, so that they can be compared with each other and with it.
    private func drawResiduals(on canvas: inout Canvas) {
        let top = Self.header + tileHeight + 2 * Self.caption - 20
        let noise = outcome.choice.noise > 0 ? outcome.choice.noise : outcome.levels.map(\.rmse).max() ?? 1
        let scale = GreyPicture.window(
            for: [0], given: WindowLevel.spanning(minimum: -3 * noise, maximum: 3 * noise))
        canvas.text("taken away (+-\(Decimal.text(3 * noise)))", x: left(0), y: top + 4)
        for (index, picture) in outcome.pictures.enumerated() {
            let residual = zip(outcome.original, picture).map { $0 - $1 }
            let edges = outcome.levels[index].edgeCorrelation.map { Decimal.fixed($0, 3) } ?? "-"
            canvas.text(
                "rmse \(Decimal.text(outcome.levels[index].rmse, digits: 3)), edges r = \(edges)", x: left(index + 1),
                y: top - 12)
            put(GreyPicture.grey(residual, window: scale), column: index + 1, top: top, on: &canvas)
        }
    }

    private func put(_ grey: [UInt8], column: Int, top: Int, on canvas: inout Canvas) {
        canvas.picture(
            grey, rows: rows, columns: columns, x: left(column), y: top, width: tileWidth, height: tileHeight)
    }

    // MARK: Singular values

    private func drawValues(on canvas: inout Canvas, top: Int) {
        let values = outcome.factors.values
        let (x, width, height) = (70, canvas.width - 90, Self.chart - 30)
        let positive = values.filter { $0 > 0 }
        let highest = ceil(log10(positive.first ?? 1) + 1e-9)
        let lowest = max(floor(log10(min(positive.last ?? 1, max(outcome.choice.threshold, 1e-300)))), highest - 12)
        func place(_ value: Double) -> Int {
            let share = (log10(max(value, 1e-300)) - lowest) / max(1, highest - lowest)
            return top + height - Int(min(1, max(0, share)) * Double(height))
        }
        func across(_ index: Int) -> Int { x + index * width / max(1, values.count) }
        for exponent in stride(from: lowest, through: highest, by: 1) {
            let y = place(pow(10, exponent))
            canvas.line(from: (x, y), to: (x + width, y), .pale)
            canvas.text("1e\(Int(exponent))", x: x - 34, y: y - 4)
        }
        for (index, value) in values.enumerated() {
            canvas.rectangle(x: across(index), y: place(value) - 1, width: 3, height: 3, .blue)
        }
        for level in outcome.levels where level.kind != .patches {
            let ink: Canvas.Ink = level.kind == .automatic ? .red : .grey
            canvas.line(
                from: (across(level.keptCount), top), to: (across(level.keptCount), top + height), ink)
        }
        if outcome.choice.threshold > 0 {
            canvas.line(
                from: (x, place(outcome.choice.threshold)), to: (x + width, place(outcome.choice.threshold)), .green)
        }
        canvas.text(
            "singular values (blue, log scale) by rank 0 to \(values.count - 1); kept per level (grey), by the automatic "
                + "rank (red); threshold of the noise (green)", x: x, y: top + height + 10)
    }
}
