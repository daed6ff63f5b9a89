package import CanonicalJSON

/// What the marks of a training set are of: written into `parameters.target`, so that who reads a set knows how it was
/// frozen. **Format** docs/formats.md, "Training sets".
package struct MarkConvention: Sendable, Equatable {
    /// Whether marks are those of the slice that names the sample: in a layout without depth the slices of a sample are
    /// channels, and its mask is of one slice.
    package let isOfMiddleSlice: Bool
    /// Whether spheres are in voxels of the sample.
    package let isInSampleVoxels: Bool

    /// - Parameters:
    ///   - targetKind: As `training_set.target_kind` has it.
    ///   - hasSeveralSlices: Whether samples are of several slices.
    package init(targetKind: String, hasSeveralSlices: Bool, layout: SampleRecipe.Layout) {
        let isMarked = targetKind == "mask" || targetKind == "spheres"
        isOfMiddleSlice = isMarked && hasSeveralSlices && !layout.hasDepth
        isInSampleVoxels = targetKind == "spheres"
    }

    /// What it adds to `parameters.target`.
    package var members: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if isOfMiddleSlice { members["slices"] = "middle" }
        if isInSampleVoxels { members["voxels"] = "sample" }
        return members
    }

    /// Why a set with this `parameters.target` cannot be read; nil where it can.
    package func objection(to target: JSONValue?) -> String? {
        if isInSampleVoxels, target?["voxels"]?.string != "sample" {
            return "its spheres are in voxels of the series, as earlier versions froze them; create a new version"
        }
        if isOfMiddleSlice, target?["slices"]?.string != "middle" {
            return "its marks were counted on all slices of a sample, as earlier versions did, and its masks are of "
                + "the middle one; create a new version"
        }
        return nil
    }
}
