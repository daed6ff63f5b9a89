/// How the stack is cut for MP-PCA.
package struct PatchOptions: Sendable, Equatable {
    /// Side of a patch in pixels.
    package let side: Int
    /// Slices of a patch.
    package let slices: Int
    /// Pixels from patch to patch.
    package let step: Int

    package static let standard = PatchOptions(side: 8, slices: 32, step: 4)

    package init(side: Int, slices: Int, step: Int) {
        self.side = side
        self.slices = slices
        self.step = step
    }

    /// The same for a stack that is smaller than a patch.
    package func fitted(rows: Int, columns: Int, slices count: Int) -> PatchOptions {
        let side = min(side, rows, columns)
        return PatchOptions(side: side, slices: min(slices, count), step: min(step, side))
    }
}
