import Imaging
import Testing

/// Values of 12 bits that wrapped, as the kernels of RSNA 2019 repair them: 1000 is added, 4096 taken from what is then
/// beyond, and -1000 is the intercept.
@Suite("Unwrapped values") struct UnwrappedValueTests {
    /// 3095 + 1000 is 4095, and 3096 + 1000 begins at 0 again.
    private static let stored: [UInt16] = [0, 1_000, 3_095, 3_096, 4_095]
    private static let unwrapped: [Float] = [0, 1_000, 3_095, -1_000, -1]

    @Test func `a slice of 12 bits is turned back, and one of 16 beside it is not`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 5, elements: Self.stored)
        let recipe = try SampleRecipe(values: .unwrapped, steps: [])
        let rendered = try SampleRenderer(recipe: recipe).render(
            [frame, frame, frame], rescales: [.identity, .identity, .identity], bitsStored: [12, 16, nil],
            workspace: SampleWorkspace())
        let plain = Self.stored.map { Float($0) }
        let expected = Self.unwrapped + plain + plain
        #expect(rendered.image == expected.flatMap(Self.bytes))
    }

    @Test func `without a word about the bits nothing is turned back`() throws {
        let frame = try PixelBuffer(rows: 1, columns: 5, elements: Self.stored)
        let recipe = try SampleRecipe(values: .unwrapped, steps: [])
        let rendered = try SampleRenderer(recipe: recipe).render(
            [frame], rescales: [.identity], workspace: SampleWorkspace())
        #expect(rendered.image == Self.stored.flatMap { Self.bytes(Float($0)) })
    }

    /// Little-endian.
    private static func bytes(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
}
