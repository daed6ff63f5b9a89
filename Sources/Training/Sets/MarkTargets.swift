internal import CanonicalJSON
internal import Imaging

/// Targets made of marks, as the recipe shows them.
struct MarkTargets {
    private let form: SampleForm
    /// Whether a sample has the marks of its middle slice, and not of all: see ``MarkConvention``.
    private let isOfMiddleSlice: Bool
    private let marks: MarkValues
    private let renderer: SampleRenderer
    /// Where the recipe puts voxels, and the sides of what it makes; few sizes for many samples.
    private var places: [SampleExtent: (grid: SampleGrid, sides: SIMD3<Double>)] = [:]

    init(_ definition: TrainingSetDefinition, _ marks: MarkValues) {
        form = definition.form
        isOfMiddleSlice = definition.convention.isOfMiddleSlice
        self.marks = marks
        renderer = SampleRenderer(recipe: definition.recipe)
    }

    /// Whether somebody looked at the series, so that nothing marked means something.
    func hasBeenRead(_ series: Int64) -> Bool { marks.hasBeenRead(series) }

    // MARK: Masks

    /// **Throws** `ImagingError` for stored runs that do not fit their slices.
    func mask(of sample: SampleSlices) throws -> (SampleTarget, SampleClasses) {
        let shown = (isOfMiddleSlice ? sample.middle.map { [$0] } ?? [] : sample.slices).map(\.id)
        let region = sample.region
        let isCrop = if case .crop = form { true } else { false }
        let (target, marked) = try marks.mask(
            of: shown, rows: sample.rows, columns: sample.columns, in: isCrop ? region : nil)
        return (target, .mask(marked: marked, all: shown.count * region.rows * region.columns))
    }

    // MARK: Spheres

    /// Spheres that reach into the sample, in its voxels.
    ///
    /// **Throws** why there are none: `noSpacing` where they have no size in voxels, `noPlace` where the recipe cannot take
    /// the sample.
    mutating func spheres(
        of series: Int64, in sample: SampleSlices
    ) throws(SampleCandidate.Refused) -> (SampleTarget, SampleClasses) {
        guard let (balls, spacing) = marks.balls(of: series) else { throw SampleCandidate.Refused(why: .noSpacing) }
        guard !balls.isEmpty else { return (SampleTarget(.array([])), .spheres(count: 0)) }
        let (grid, sides) = try place(sample, spacing: spacing)
        let origin = isOfMiddleSlice ? sample.middleIndex : sample.firstIndex
        let first = SIMD3(Double(origin), Double(sample.region.firstRow), Double(sample.region.firstColumn))
        let spheres = balls.map { ball in
            SampleSphere(
                centre: SIMD3(ball.centre.slice, ball.centre.row, ball.centre.column) - first,
                radius: ball.radiusMillimetres / spacing
            ).placed(in: grid)
        }.filter { $0.reaches(into: sides) }
        return (
            SampleTarget(.array(spheres.map { .array($0.numbers.map(JSONValue.number)) })),
            .spheres(count: spheres.count)
        )
    }

    private mutating func place(
        _ sample: SampleSlices, spacing: SIMD3<Double>
    ) throws(SampleCandidate.Refused) -> (grid: SampleGrid, sides: SIMD3<Double>) {
        let extent = SampleExtent(
            slices: sample.slices.count, rows: sample.region.rows, columns: sample.region.columns, spacing: spacing)
        if let known = places[extent] { return known }
        do {
            let shape = try renderer.shape(of: extent)
            let sides = SIMD3(Double(shape.slices), Double(shape.rows), Double(shape.columns))
            let place = (grid: try renderer.grid(of: extent), sides: sides)
            places[extent] = place
            return place
        } catch {
            throw SampleCandidate.Refused(why: .noPlace)
        }
    }
}
