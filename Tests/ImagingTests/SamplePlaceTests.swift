import Testing

@testable import Imaging

/// Where samples lie that were frozen before their series grew; batches and exports are in python/tests/test_growth.py.
@Suite("Places of samples")
struct SamplePlaceTests {
    /// Indices of today, how far one slice is from the next, and where the first lies, counted by hand.
    static let runs: [([Int], Int?, Int?)] = [
        ([4], 1, 4), ([0, 1, 2], 1, 0), ([3, 4, 5], 1, 3), ([0, 2, 4], 2, 0), ([1, 4, 7, 10], 3, 1),
        // Padded in front, behind, at both ends, and throughout.
        ([0, 0, 0, 1], 1, -2), ([2, 2, 4, 6], 2, 0), ([2, 4, 6, 6, 6], 2, 2), ([5, 5, 7, 7], 2, 3), ([3, 3, 3], 1, 3),
        // Uneven, with a slice twice within, and backwards.
        ([0, 1, 3], nil, nil), ([0, 2, 3], nil, nil), ([0, 1, 1, 2], nil, nil), ([4, 2, 0], nil, nil),
    ]

    @Test(arguments: runs)
    func `slices of a sample follow each other at one distance or at none`(
        indices: [Int], step: Int?, start: Int?
    ) {
        let run = SliceRun(indices)
        #expect(run.step == step && run.start == start && run.count == indices.count)
    }

    @Test func `what a series does not say of its spacing is not made up`() {
        let volume = SeriesSpacing(slices: 2.5, rows: 0.5, columns: 0.75)
        #expect(volume.spacing() == [2.5, 0.5, 0.75])
        #expect(volume.spacing(of: SliceRun([0, 2, 4])) == [5, 0.5, 0.75])
        #expect(volume.spacing(of: SliceRun([0, 1, 3])) == [0, 0.5, 0.75])
        #expect(SeriesSpacing(slices: nil, rows: 0.5, columns: 0.75).spacing() == [0, 0.5, 0.75])
        #expect(SeriesSpacing(slices: nil, rows: nil, columns: nil).spacing() == nil)
    }

    @Test func `a series without spacing between its slices can be resampled along rows and columns`() throws {
        let stack = SampleExtent(
            slices: 1, rows: 12, columns: 20, spacing: SeriesSpacing(slices: nil, rows: 0.5, columns: 0.8).spacing())
        let flat = SampleRenderer(recipe: try SampleRecipe(parsing: Self.resample("NCHW", "[0.25, 1.6]")))
        #expect(try flat.shape(of: stack).dimensions == [1, 24, 10])
        let deep = SampleRenderer(recipe: try SampleRecipe(parsing: Self.resample("NCDHW", "[1, 0.25, 1.6]")))
        #expect(throws: ImagingError.self) { try deep.shape(of: stack) }
    }

    @Test(arguments: [1e30, Double.greatestFiniteMagnitude, 1e-320])
    func `a spacing beyond all measure is refused and ends no program`(millimetres: Double) throws {
        let renderer = SampleRenderer(recipe: try SampleRecipe(parsing: Self.resample("NCHW", "[1, 1]")))
        let extent = SampleExtent(slices: 1, rows: 64, columns: 64, spacing: [1, millimetres, millimetres])
        if millimetres < 1 {
            #expect(try renderer.shape(of: extent).dimensions == [1, 1, 1])
        } else {
            #expect(throws: ImagingError.self) { try renderer.shape(of: extent) }
        }
    }

    /// 5 mm apart, three slices; then twice as many, 2.5 mm apart, of which the sample has every second.
    @Test(arguments: [
        "", #"{"step": "resample", "spacing_mm": [1, 0.5, 0.5]}"#, #"{"step": "resize", "shape": [7, 9, 9]}"#,
    ])
    func `slices that come between those of a sample leave it where it was`(step: String) throws {
        let renderer = SampleRenderer(
            recipe: try SampleRecipe(parsing: "{\"layout\": \"NCDHW\", \"steps\": [\(step)]}"))
        let (before, after) = (try Self.grid(slices: 3, spacing: 5), try Self.grid(slices: 6, spacing: 2.5))
        let crop = SampleForm.crop(.init(slices: 3, rows: 4, columns: 4), outside: .pad)
        for (form, centre, slice, indices) in [
            (.volume, nil, nil, [0, 1, 2]), (.context(1), nil, 1, [0, 1, 2]), (.context(1), nil, 0, [0, 0, 1]),
            (.context(2), nil, 2, [0, 1, 2, 2, 2]), (crop, [5, 5, 1.2], 1, [0, 1, 2]),
            (crop, [2, 9, 2], 2, [1, 2, 2]),
        ] as [(SampleForm, SIMD3<Double>?, Int?, [Int])] {
            for layout in [SampleRecipe.Layout.ncdhw, .nchw] {
                func place(_ grid: VolumeGeometry, by factor: Int) -> SamplePlace? {
                    SamplePlace(
                        form, centre: centre, slice: slice.map { $0 * factor }, slices: indices.map { $0 * factor },
                        layout: layout, in: grid)
                }
                let old = try #require(place(before, by: 1)).lpsAffine(renderer)
                let new = try #require(place(after, by: 2)).lpsAffine(renderer)
                Self.expectClose(new, old)
            }
        }
    }

    @Test func `slices that come between at uneven distances leave no place with a depth, and one without`() throws {
        let grid = try Self.grid(slices: 6, spacing: 2.5)
        func place(_ layout: SampleRecipe.Layout) -> SamplePlace? {
            SamplePlace(.context(1), centre: nil, slice: 1, slices: [0, 1, 3], layout: layout, in: grid)
        }
        #expect(place(.ncdhw) == nil)
        let flat = try #require(place(.nchw)).lpsAffine(SampleRenderer(recipe: try SampleRecipe(parsing: "{}")))
        #expect(flat.translation == grid.origin + [0, 0, 2.5])
    }

    /// `round(0 - 3 / 2)` is -2 in Python: slices -2, -1 and 0, which are all the first one, or the eleventh of a
    /// series that has grown in front by ten.
    @Test(arguments: [0, 10])
    func `a padded crop of which every slice is the outermost begins before it`(front: Int) throws {
        let renderer = SampleRenderer(recipe: try SampleRecipe(parsing: #"{"layout": "NCDHW"}"#))
        let place = SamplePlace(
            .crop(.init(slices: 3, rows: 4, columns: 4), outside: .pad), centre: [5, 6, 0], slice: front,
            slices: [front, front, front], layout: .ncdhw, in: try Self.grid(slices: 20, spacing: 2.5, front: front))
        let affine = try #require(place).lpsAffine(renderer)
        // Columns round(5 - 4 / 2) = 3 and rows round(6 - 4 / 2) = 4 are the first ones.
        #expect(affine.translation == Self.origin + [3 * 0.75, 4 * 0.5, -2 * 2.5])
        #expect(affine.k == [0, 0, 2.5])
    }

    // MARK: Steps

    private static let origin = SIMD3<Double>(-10, -20, 100)

    private static func resample(_ layout: String, _ spacing: String) -> String {
        "{\"layout\": \"\(layout)\", \"steps\": [{\"step\": \"resample\", \"spacing_mm\": \(spacing)}]}"
    }

    /// - Parameter front: Slices in front of the one at the origin.
    private static func grid(slices: Int, spacing: Double, front: Int = 0) throws -> VolumeGeometry {
        try VolumeGeometry(
            columns: 12, rows: 16, slices: slices, origin: origin - [0, 0, spacing * Double(front)],
            rowDirection: [1, 0, 0], columnDirection: [0, 1, 0], sliceDirection: [0, 0, 1], columnSpacing: 0.75,
            rowSpacing: 0.5, sliceSpacing: spacing)
    }

    private static func expectClose(_ one: VoxelAffine, _ other: VoxelAffine) {
        for (row, expected) in zip(one.rows, other.rows) {
            for (value, number) in zip(row, expected) { #expect(abs(value - number) < 1e-9) }
        }
    }
}
