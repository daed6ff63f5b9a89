internal import CanonicalJSON
internal import Imaging

/// Targets made of marks, as the recipe shows them.
struct MarkTargets {
    private let form: SampleForm
    /// Whether a sample has the marks of its middle slice, and not of all: see ``MarkConvention``.
    private let isOfMiddleSlice: Bool
    private let marks: MarkValues

    init(_ definition: TrainingSetDefinition, _ marks: MarkValues) {
        form = definition.form
        isOfMiddleSlice = definition.convention.isOfMiddleSlice
        self.marks = marks
    }

    /// Whether somebody looked at the series, so that nothing marked means something.
    func hasBeenRead(_ series: Int64) -> Bool { marks.hasBeenRead(series) }

    // MARK: Masks

    /// Whether a mask of a slice that shows its mask could not be laid on, so that nothing marked means nothing.
    func lacksMask(of sample: SampleSlices) -> Bool {
        !marks.unplacedSlices.isDisjoint(with: shownSlices(of: sample))
    }

    private func shownSlices(of sample: SampleSlices) -> [Int64] {
        (isOfMiddleSlice ? sample.middle.map { [$0] } ?? [] : sample.slices).map(\.id)
    }

    /// **Throws** `ImagingError` for stored runs that do not fit their slices.
    func mask(of sample: SampleSlices) throws -> (SampleTarget, SampleClasses) {
        let shown = shownSlices(of: sample)
        let region = sample.region
        let isCrop = if case .crop = form { true } else { false }
        let (target, marked) = try marks.mask(
            of: shown, rows: sample.rows, columns: sample.columns, in: isCrop ? region : nil)
        return (target, .mask(marked: marked, all: shown.count * region.rows * region.columns))
    }

    // MARK: Spheres

    /// Spheres that reach into the sample, in its voxels.
    ///
    /// A radius is that in mm by the spacing, along slices by that of their planes: under a gantry tilt a sphere is
    /// then in the slices that the ball cuts, and as wide as the ball.
    ///
    /// - Parameter place: What the recipe makes of the sample.
    /// **Throws** why there are none: `noSpacing` where they have no size in voxels, `noPlace` where the recipe cuts
    /// where the values say.
    func spheres(
        of series: Int64, in sample: SampleSlices, placed place: RecipeFit.Place
    ) throws(SampleCandidate.Refused) -> (SampleTarget, SampleClasses) {
        guard let (balls, spacing) = marks.balls(of: series) else { throw SampleCandidate.Refused(why: .noSpacing) }
        guard let grid = place.grid else { throw SampleCandidate.Refused(why: .noPlace) }
        let origin = isOfMiddleSlice ? sample.middleIndex : sample.firstIndex
        let first = SIMD3(Double(origin), Double(sample.region.firstRow), Double(sample.region.firstColumn))
        let spheres = balls.map { ball in
            SampleSphere(
                centre: SIMD3(ball.centre.slice, ball.centre.row, ball.centre.column) - first,
                radius: ball.radiusMillimetres / spacing
            ).placed(in: grid)
        }.filter { $0.reaches(into: place.sides) }
        let list = JSONValue.array(spheres.map { .array($0.numbers.map(JSONValue.number)) })
        return (SampleTarget(list, TargetIdentity(spheres: list)), .spheres(count: spheres.count))
    }
}
