import CanonicalJSON
import Testing

@testable import Imaging

/// What python/tests/test_recipe.py cannot see from outside; values are compared there, with Pillow and SciPy.
@Suite struct SampleRecipeTests {
    @Test func `canonical JSON comes back as the same recipe`() throws {
        let text = """
            {"steps": [{"step": "clip", "range": [-1000, 400]}, {"step": "resample", "spacing_mm": [1, 1, 1]},
                {"step": "crop", "shape": [32, 48, 48], "fill": -1000},
                {"step": "window", "windows": [{"center": 40, "width": 80}], "function": "LINEAR"},
                {"step": "standardize", "mean": 0.5}],
             "layout": "NCDHW", "dtype": "int16", "values": "stored", "mask": {"rule": "coverage", "value": 7},
             "augment": {"rotation_degrees": 10, "noise": [0, 1]}}
            """
        let recipe = try SampleRecipe(parsing: text)
        let again = try SampleRecipe(parsing: recipe.canonicalJSON)
        #expect(again == recipe)
        #expect(again.canonicalJSON == recipe.canonicalJSON)
        #expect(recipe.mask.rule == .coverage(0.5))
        #expect(recipe.augment?.rotationDegrees == -10...10)
    }

    private static let window = #"{"step": "window", "windows": [{"center": 40, "width": 80}]"#

    private static let wide = #"{"step": "window", "windows": [{"center": 40, "width": 120}]}"#
    private static let brain = #"{"step": "clip", "range": [0, 80]}, \#(wide)"#
    private static let standardized = #"\#(wide), {"step": "standardize", "mean": 0.485, "deviation": 0.229}"#

    /// By hand: -1000 HU is below every window, and at the lower end of the clip. Where 0 HU is the least, the window
    /// 40/120, which begins at -20, makes 20/120 of it.
    private static let airs: [(String, Double?)] = [
        (#"{"step": "clip", "range": [-1000, 1000]}"#, -1_000),
        (#"{"step": "resize", "shape": [8, 8]}, {"step": "clip", "range": [-500, 1000]}"#, -500),
        (#"\#(window)}"#, 0), (#"\#(window), "to": [-1, 1]}"#, -1), (#"\#(window), "to": [1, 0]}"#, 1),
        (#"\#(window)}, {"step": "standardize", "mean": 0.5, "deviation": 0.25}"#, -2),
        (#"{"step": "clip", "range": [-1000, 400]}, {"step": "scale", "from": [-1400, 600], "to": [0, 1]}"#, 0.2),
        (#"\#(window)}, {"step": "standardize"}"#, nil), (#"{"step": "resize", "shape": [8, 8]}"#, nil),
        (brain, 20.0 / 120), (#"\#(brain), {"step": "clip", "range": [0.25, 1]}"#, 0.25),
        (#"{"step": "window", "windows": [{"center": 40, "width": 80}, {"center": 40, "width": 120}]}"#, 0),
        // The channels differ: of 0 HU the windows make 0 and 20/120.
        (
            #"{"step": "clip", "range": [0, 80]}, "#
                + #"{"step": "window", "windows": [{"center": 40, "width": 80}, {"center": 40, "width": 120}]}"#, nil
        ),
    ]

    @Test(arguments: airs)
    func `the value of air is what the steps make of the lowest values`(steps: String, air: Double?) throws {
        let recipe = try SampleRecipe(parsing: #"{"steps": [\#(steps)]}"#)
        #expect(recipe.valueOfAir == air)
    }

    /// By hand, in the digits of a float32: 20/120; that of 255, which comes out as 42; and -0.485 / 0.229.
    private static let fills: [(String, Double, String, Double?)] = [
        (brain, 0, "float32", 0.16666667), (brain, 0.167, "float32", nil), (brain, 0.2, "float32", 0.16666667),
        (brain, 0, "uint8", 42.5), (brain, 42, "uint8", nil), (brain, 42.5, "uint8", nil), (brain, 43, "uint8", 42.5),
        (standardized, -2.118, "float32", nil), (standardized, 0, "float32", -2.117904),
        (#"{"step": "clip", "range": [-1000, 1000]}"#, -1_000.5, "float32", nil),
        (#"{"step": "clip", "range": [-1000, 1000]}"#, -1_024, "float32", -1_000),
    ]

    @Test(arguments: fills)
    func `a fill is told from the value of air where the samples would`(
        steps: String, fill: Double, dtype: String, wanted: Double?
    ) throws {
        let recipe = try SampleRecipe(
            parsing: """
                {"steps": [\(steps)], "dtype": "\(dtype)", "augment": {"rotation_degrees": 10, "fill": \(fill)}}
                """)
        #expect(recipe.airInsteadOfFill == wanted)
    }

    @Test func `without voxels from outside no fill is another`() throws {
        let recipe = try SampleRecipe(parsing: #"{"steps": [\#(Self.brain)], "augment": {"flip_rows": 0.5}}"#)
        #expect(recipe.airInsteadOfFill == nil)
    }

    @Test(arguments: [
        (#"{"flip_rows": 0.5, "noise": [0, 1], "scale": [1, 1.5]}"#, false), (#"{"rotation_degrees": 10}"#, true),
        (#"{"shift": 0.1}"#, true), (#"{"scale": [0.9, 1.1]}"#, true),
    ])
    func `rotation, shift and a scale below 1 bring voxels in`(augment: String, brings: Bool) throws {
        let recipe = try SampleRecipe(parsing: #"{"augment": \#(augment)}"#)
        #expect(recipe.augment?.bringsVoxelsIn == brings)
    }

    @Test func `value steps that are neighbours become one table`() throws {
        let recipe = try SampleRecipe(
            parsing: """
                {"steps": [{"step": "clip", "range": [-100, 100]}, {"step": "scale", "from": [-100, 100]},
                    {"step": "resize", "shape": [4, 4]}, {"step": "standardize", "mean": 1, "deviation": 2}]}
                """)
        let stages = SampleRenderer(recipe: recipe).stages
        #expect(stages.count == 3)
        #expect(stages.first == .map([[.clip(-100...100), .scale(from: -100...100, to: .init(first: 0, last: 1))]]))
    }

    @Test func `a band of rows gives the crop that the whole slice gives`() throws {
        let samples = (0..<20 * 10).map { Int16($0 * 7 % 301) }
        let whole = try PixelBuffer(rows: 20, columns: 10, elements: samples)
        let recipe = try SampleRecipe(steps: [.clip(0...200)])
        let renderer = SampleRenderer(recipe: recipe)
        let region = SampleRegion(firstRow: 12, firstColumn: -3, rows: 11, columns: 8)
        let expected = try renderer.render([whole], rescales: [nil], region: region, workspace: SampleWorkspace())
        let band = Array(samples[12 * 10..<20 * 10])
        var image = [Float](repeating: 0, count: 88)
        try unsafe band.withUnsafeBytes { bytes in
            try unsafe image.withUnsafeMutableBytes { image in
                let frame = unsafe SampleFrame(
                    bytes: bytes, type: .i16, rows: 8, columns: 10, samplesPerPixel: 1, rescale: nil, firstRow: 12)
                try unsafe renderer.render([frame], region: region, into: image, workspace: SampleWorkspace())
            }
        }
        #expect(unsafe image.withUnsafeBytes { unsafe [UInt8]($0) } == expected.image)
    }
}
