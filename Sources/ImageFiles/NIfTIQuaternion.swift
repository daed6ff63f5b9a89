import Imaging

/// The rotation of an affine as NIfTI's qform stores it.
///
/// **Source** nifti1.h, method 2 (`nifti_mat44_to_quatern`).
struct NIfTIQuaternion: Equatable {
    let b: Double
    let c: Double
    let d: Double
    /// -1 where the third axis had to be turned over for the axes to be right-handed, else 1.
    let qfac: Double

    /// `nil` where the axes are not perpendicular to one part in a million, or one of them vanishes: a qform cannot say
    /// that.
    init?(_ affine: VoxelAffine) {
        let spacing = Self.spacing(of: affine)
        guard spacing.allSatisfy({ $0 > 0 }) else { return nil }
        let (i, j, k) = (affine.i / spacing[0], affine.j / spacing[1], affine.k / spacing[2])
        let cosines = [(i * j).sum(), (i * k).sum(), (j * k).sum()]
        guard cosines.allSatisfy({ abs($0) < 1e-6 }) else { return nil }
        let isLeftHanded = Self.determinant((0..<3).map { [i[$0], j[$0], k[$0]] }) < 0
        let turn: Double = isLeftHanded ? -1 : 1
        qfac = turn
        (b, c, d) = Self.vectorPart((0..<3).map { [i[$0], j[$0], turn * k[$0]] })
    }

    /// The lengths of the steps along i, j, k.
    static func spacing(of affine: VoxelAffine) -> [Double] {
        [affine.i, affine.j, affine.k].map { ($0 * $0).sum().squareRoot() }
    }

    private static func determinant(_ r: [[Double]]) -> Double {
        let first = r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1])
        let second = r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0])
        let third = r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0])
        return first - second + third
    }

    /// b, c, d of the unit quaternion with a ≥ 0; the largest part is computed first, so nothing divides by almost 0.
    private static func vectorPart(_ r: [[Double]]) -> (Double, Double, Double) {
        let trace = r[0][0] + r[1][1] + r[2][2]
        if trace > 0 {
            let s = 2 * (1 + trace).squareRoot()
            return ((r[2][1] - r[1][2]) / s, (r[0][2] - r[2][0]) / s, (r[1][0] - r[0][1]) / s)
        }
        let i = [0, 1, 2].max { r[$0][$0] < r[$1][$1] } ?? 0
        let (j, k) = ((i + 1) % 3, (i + 2) % 3)
        let square: Double = 1 + r[i][i] - r[j][j] - r[k][k]
        let s = 2 * max(0, square).squareRoot()
        let sign: Double = r[k][j] - r[j][k] < 0 ? -1 : 1
        var parts = [0.0, 0.0, 0.0]
        parts[i] = sign * s / 4
        parts[j] = sign * (r[j][i] + r[i][j]) / s
        parts[k] = sign * (r[k][i] + r[i][k]) / s
        return (parts[0], parts[1], parts[2])
    }
}
