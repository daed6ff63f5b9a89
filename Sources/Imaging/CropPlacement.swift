/// Where a crop lies on one axis of a volume: first index and size, around a centre in voxel coordinates.
///
/// The first index is centre − size / 2, rounded to the nearest integer, halves to the even one, as NumPy rounds; where a
/// crop of one or two voxels would miss the voxel nearest to its centre, which names it, it moves there.
package struct CropPlacement: Sendable, Hashable {
    /// What becomes of a crop that reaches beyond the volume.
    package enum Outside: String, Sendable, CaseIterable {
        /// It is moved inside; its centre is then not in its middle. Impossible where the volume is smaller.
        case shift
        /// It stays, and the nearest voxel inside is repeated.
        case pad
    }

    /// May be negative, and its end beyond the volume, where the crop is padded.
    package let first: Int
    package let size: Int

    /// - Parameter count: Voxels of the axis.
    /// Gives nil where the crop cannot be moved inside, or its centre is outside the volume.
    package init?(centre: Double, size: Int, count: Int, outside: Outside) {
        guard centre > -0.5, centre < Double(count) - 0.5 else { return nil }
        let nearest = Int(centre.rounded(.toNearestOrEven))
        let rounded = Int((centre - Double(size) / 2).rounded(.toNearestOrEven))
        // From three voxels on it is inside; one voxel around 19 would be 18, and two around 19.5 would be 18 and 19.
        let wanted = min(max(rounded, nearest - size + 1), nearest)
        self.size = size
        switch outside {
        case .pad: first = wanted
        case .shift:
            guard size <= count else { return nil }
            first = min(max(wanted, 0), count - size)
        }
    }

    package var indices: Range<Int> { first..<first + size }
}
