package import Imaging

/// The transformation from voxel indices to world coordinates that a header chooses, and from which of its fields.
package struct NIfTIAffine: Sendable, Equatable {
    package enum Form: String, Sendable {
        /// `srow_x`, `srow_y`, `srow_z`, because `sform_code` > 0.
        case sform
        /// The quaternion, because `sform_code` = 0 and `qform_code` > 0.
        case qform
        /// Neither code is set: spacing only, centred, x flipped, as nibabel assumes. Not an orientation to rely on.
        case base
    }

    package let form: Form
    /// 0 unknown, 1 scanner, 2 aligned, 3 Talairach, 4 MNI, 5 other template.
    package let code: Int
    /// From (i, j, k) to world, in NIfTI's axes: x to the right, y to the front, z to the head (RAS).
    ///
    /// **Units** those of the header's `spatialUnit`
    package let rasAffine: VoxelAffine
}

extension NIfTIHeader {
    /// The affine that nibabel's `get_best_affine` would return: sform, else qform, else the base affine.
    ///
    /// **Throws** `invalidGeometry` when the chosen field is not finite, has negative spacing, or has a quaternion
    /// longer than 1. **Source** nifti1.h, methods 1–3; nibabel `nifti1.py`, `analyze.py`, `quaternions.py`.
    package func affine() throws(ImageFileError) -> NIfTIAffine {
        if sformCode > 0 { return try affine(.sform, code: sformCode, matrix: sformRows) }
        if qformCode > 0 { return try affine(.qform, code: qformCode, matrix: qformMatrix()) }
        return try affine(.base, code: 0, matrix: baseMatrix())
    }

    /// **Shape** of `matrix`: 3 × 4, row-major
    private func affine(
        _ form: NIfTIAffine.Form, code: Int, matrix m: [Double]
    ) throws(ImageFileError) -> NIfTIAffine {
        guard m.allSatisfy(\.isFinite) else {
            throw .nifti(.invalidGeometry, "its \(form.rawValue) holds numbers that are not finite")
        }
        let affine = VoxelAffine(
            i: [m[0], m[4], m[8]], j: [m[1], m[5], m[9]], k: [m[2], m[6], m[10]], translation: [m[3], m[7], m[11]])
        return NIfTIAffine(form: form, code: code, rasAffine: affine)
    }

    /// The spacing along i, j, k; 0 counts as 1, as nibabel repairs it, and so do axes that the image lacks.
    private func checkedSpacing(axes: Int) throws(ImageFileError) -> [Double] {
        let stored = Array(pixelDimensions[1...3])
        guard stored.prefix(axes).allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .nifti(
                .invalidGeometry, "a voxel spacing is negative or not a number", at: version == 1 ? 76 : 104)
        }
        return stored.enumerated().map { $0.offset < axes && $0.element != 0 ? $0.element : 1 }
    }

    private func qformMatrix() throws(ImageFileError) -> [Double] {
        let spacing = try checkedSpacing(axes: 3)
        // qfac: -1 turns the third axis over; anything but ±1 counts as 1.
        let qfac: Double = pixelDimensions[0] == -1 ? -1 : 1
        let rotation = try rotationMatrix()
        let scale = [spacing[0], spacing[1], spacing[2] * qfac]
        var matrix: [Double] = []
        for row in 0..<3 {
            for column in 0..<3 { matrix.append(rotation[3 * row + column] * scale[column]) }
            matrix.append(qformOffset[row])
        }
        return matrix
    }

    /// The rotation of the unit quaternion whose first part is implied.
    private func rotationMatrix() throws(ImageFileError) -> [Double] {
        let (x, y, z) = (quaternion[0], quaternion[1], quaternion[2])
        let remainder = 1 - (x * x + y * y + z * z)
        // Three float32 roundings: nibabel's threshold for "w is 0".
        let tolerance = 3 * Double(Float.ulpOfOne)
        guard remainder > -tolerance else {
            throw .nifti(.invalidGeometry, "its quaternion is longer than 1", at: version == 1 ? 256 : 352)
        }
        let w = remainder < tolerance ? 0 : remainder.squareRoot()
        let s = 2 / (w * w + x * x + y * y + z * z)
        let (sx, sy, sz) = (x * s, y * s, z * s)
        return [
            1 - (y * sy + z * sz), x * sy - w * sz, x * sz + w * sy,
            x * sy + w * sz, 1 - (x * sx + z * sz), y * sz - w * sx,
            x * sz - w * sy, y * sz + w * sx, 1 - (x * sx + y * sy),
        ]
    }

    /// Spacing on the diagonal, the origin such that the centre of the volume is at 0, x flipped.
    private func baseMatrix() throws(ImageFileError) -> [Double] {
        let spacing = try checkedSpacing(axes: min(3, dimensions.count))
        let scale = [-spacing[0], spacing[1], spacing[2]]
        let lengths = [columns, rows, slices]
        var matrix = [Double](repeating: 0, count: 12)
        for axis in 0..<3 {
            matrix[5 * axis] = scale[axis]
            matrix[4 * axis + 3] = -Double(lengths[axis] - 1) / 2 * scale[axis]
        }
        return matrix
    }
}
