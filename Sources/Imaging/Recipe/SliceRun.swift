/// How the slices of a sample lie in their series as it is today.
///
/// They followed each other when the sample was frozen. Where later ones came between them, even distances still say
/// how far one is from the next; uneven ones do not.
package struct SliceRun: Sendable, Equatable {
    /// With those that repeat the outermost one, where the sample reaches beyond its volume.
    package private(set) var count = 0
    private var first = 0
    private var last = 0
    /// How often the first slice comes before another does.
    private var firstCount = 0
    /// From the first slice to the next other one.
    private var distance: Int?
    private var isAtEnd = false
    private var isEven = true

    package init() {}

    /// - Parameter indices: Of the slices in the series, in order of the sample.
    package init(_ indices: [Int]) {
        for index in indices { append(index) }
    }

    package mutating func append(_ index: Int) {
        if count == 0 { first = index }
        let step = count == 0 ? 0 : index - last
        if step != 0 {
            isEven = isEven && !isAtEnd && step > 0 && step == (distance ?? step)
            distance = distance ?? step
        } else if distance != nil {
            isAtEnd = true
        } else {
            firstCount += 1
        }
        last = index
        count += 1
    }

    /// Slices of the series from one of the sample to the next: 1 unless later ones came between them; nil where that
    /// is not one number. A run of one slice, repeated or not, cannot tell, and has 1.
    package var step: Int? { isEven ? distance ?? 1 : nil }

    var isOneSlice: Bool { distance == nil }

    /// Index of the slice that the sample begins with, or would where it repeats the outermost one; nil where that
    /// cannot be told. Of a run of one slice it is that slice, however often it is repeated.
    var start: Int? {
        // The last of those that repeat the first slice is that slice itself.
        step.map { isOneSlice ? first : first - (firstCount - 1) * $0 }
    }

    /// Why a recipe cannot make the sample that was frozen of these slices; nil where it can.
    ///
    /// - Parameter spacing: Of the series as it is today.
    package func objection(
        to recipe: SampleRecipe, spacing: SeriesSpacing, sample number: Int, series: Int64
    ) -> String? {
        guard recipe.resamplesSlices, step == nil || (spacing.slices ?? 0) <= 0 else { return nil }
        let change =
            step == nil
            ? "slices came between those of its sample \(number) after it was frozen, at uneven distances in series "
                + "\(series)"
            : "the slices of series \(series), of which its sample \(number) is made, lie at uneven distances since "
                + "others came after it was frozen"
        return "\(change), so that the spacing that its recipe resamples is not known; create a new version"
    }
}
