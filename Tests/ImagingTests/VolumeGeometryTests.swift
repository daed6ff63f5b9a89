import Testing

import Imaging

/// The oblique grid of these tests, made with SimpleITK 2:
///
///     im = sitk.Image(4, 5, 6, sitk.sitkInt16); im.SetSpacing((0.5, 0.75, 2.5)); im.SetOrigin((-100.25, 50.5, -12.125))
///     im.SetDirection([0.36, 0.48, -0.8, -0.8, 0.6, 0.0, 0.48, 0.64, 0.6])
@Suite struct VolumeGeometryTests {
    static let transformMatrix = [0.36, -0.8, 0.48, 0.48, 0.6, 0.64, -0.8, 0, 0.6]

    static func oblique() throws -> VolumeGeometry {
        try VolumeGeometry(
            transformMatrix: transformMatrix, offset: [-100.25, 50.5, -12.125], spacing: [0.5, 0.75, 2.5],
            size: [4, 5, 6])
    }

    /// `im.TransformIndexToPhysicalPoint((3, 1, 2))` and `((0, 4, 5))`.
    @Test func `oblique voxels lie where SimpleITK puts them`() throws {
        let geometry = try Self.oblique()
        expectClose(geometry.world(column: 3, row: 1, slice: 2), [-103.35, 49.75, -7.925])
        expectClose(geometry.world(column: 0, row: 4, slice: 5), [-108.81, 52.3, -2.705])
    }

    /// `im.TransformPhysicalPointToContinuousIndex((-101.0, 52.0, -10.0))`
    @Test func `a world point has the continuous index of SimpleITK`() throws {
        let index = try Self.oblique().index(world: [-101, 52, -10])
        expectClose([index.column, index.row, index.slice], [-0.9, 2.533333333333333, 0.75])
    }

    /// `TransformMatrix` of the `.mha` that `sitk.WriteImage(im, …)` writes.
    @Test func `the MetaImage matrix comes back as it was written`() throws {
        #expect(try Self.oblique().transformMatrix == Self.transformMatrix)
    }

    /// `nib.load(…).affine` of the NIfTI file that SimpleITK writes of the same image (single precision).
    @Test func `the RAS affine is that of nibabel`() throws {
        let expected = [
            [-0.18000000715255737, -0.36000001430511475, 1.9999998807907104, 100.25],
            [0.3999999761581421, -0.45000001788139343, 1.7881392366803084e-08, -50.5],
            [0.24000000953674316, 0.47999998927116394, 1.5, -12.125],
            [0, 0, 0, 1],
        ]
        let rows = try Self.oblique().rasAffine.rows
        for (row, expectedRow) in zip(rows, expected) {
            for (value, other) in zip(row, expectedRow) { #expect(abs(value - other) < 1e-6) }
        }
        let geometry = try VolumeGeometry(rasAffine: VoxelAffine(rows: expected), columns: 4, rows: 5, slices: 6)
        // nib.affines.apply_affine(affine, [3, 1, 2]) with x and y negated.
        expectClose(
            geometry.world(column: 3, row: 1, slice: 2), [-103.34999972581863, 49.750000053644186, -7.924999982118607])
    }

    /// SQLite stores -0.0 as 0.0, PostgreSQL as it is.
    @Test func `a grid has no negative zeros`() throws {
        let geometry = try VolumeGeometry(
            columns: 1, rows: 1, slices: 1, origin: [-0.0, -1, 0], rowDirection: [-1, -0.0, 0],
            columnDirection: [-0.0, -1, -0.0], sliceDirection: [-0.0, 0, 1], columnSpacing: 1, rowSpacing: 1,
            sliceSpacing: 1)
        let vectors = [
            geometry.origin, geometry.rowDirection, geometry.columnDirection, geometry.sliceDirection,
        ]
        let negative = vectors.flatMap { [$0.x, $0.y, $0.z] }.filter { $0.sign == .minus }
        #expect(negative == [-1, -1, -1])
    }

    /// A usual qform: `q.set_qform([[-0.5,0,0,90],[0,0.5,0,-126],[0,0,5,-72],[0,0,0,1]])`.
    @Test func `an axis-aligned affine maps to LPS and back bit for bit`() throws {
        let rows: [[Double]] = [[-0.5, 0, 0, 90], [0, 0.5, 0, -126], [0, 0, 5, -72], [0, 0, 0, 1]]
        let geometry = try VolumeGeometry(rasAffine: VoxelAffine(rows: rows), columns: 512, rows: 512, slices: 30)
        #expect(geometry.rasAffine.rows == rows)
        #expect(geometry.origin == [-90, 126, -72])
        #expect(geometry.rowDirection == [1, 0, 0])
        #expect(geometry.columnDirection == [0, -1, 0])
        #expect(geometry.sliceDirection == [0, 0, 1])
        #expect(geometry.columnSpacing == 0.5 && geometry.rowSpacing == 0.5 && geometry.sliceSpacing == 5)
    }

    /// `np.linalg.solve(A, [100, -50, 80, 1])` = 51.2, 374.7785475803804, 3.814701276548836
    @Test func `a sheared grid inverts by solving, not by transposing`() throws {
        let affine = try VoxelAffine(rows: [
            [-0.48828125, 0, 0, 125], [0, -0.463048, 0, 123.5404569], [0, 0.1549339, 4.22, 5.8360586], [0, 0, 0, 1],
        ])
        let geometry = try VolumeGeometry(rasAffine: affine, columns: 512, rows: 512, slices: 28)
        let index = geometry.index(world: [-100, 50, 80])
        expectClose([index.column, index.row, index.slice], [51.2, 374.7785475803804, 3.814701276548836])
    }

    @Test(arguments: [0.0, 1, 17, 255, 511])
    func `index of world is the identity`(index: Double) throws {
        let geometry = try Self.oblique()
        let back = geometry.index(world: geometry.world(column: index, row: index / 2, slice: index / 3))
        expectClose([back.column, back.row, back.slice], [index, index / 2, index / 3])
    }

    @Test func `a left-handed grid is a volume`() throws {
        let affine = VoxelAffine(i: [1, 0, 0], j: [0, 1, 0], k: [0, 0, -2], translation: [0, 0, 0])
        let geometry = try VolumeGeometry(lpsAffine: affine, columns: 2, rows: 2, slices: 2)
        #expect(geometry.sliceDirection == [0, 0, -1])
        #expect(geometry.world(column: 0, row: 0, slice: 1) == [0, 0, -2])
        #expect(geometry.voxelVolume == 2)
    }

    @Test func `a singular or non-finite affine is refused`() {
        let flat = VoxelAffine(i: [1, 0, 0], j: [0, 1, 0], k: [1, 1, 0], translation: [0, 0, 0])
        let null = VoxelAffine(i: [0, 0, 0], j: [0, 1, 0], k: [0, 0, 1], translation: [0, 0, 0])
        let wild = VoxelAffine(i: [1, 0, 0], j: [0, 1, 0], k: [0, 0, 1], translation: [.nan, 0, 0])
        for affine in [flat, null, wild] {
            #expect(throws: ImagingError.self) {
                try VolumeGeometry(lpsAffine: affine, columns: 2, rows: 2, slices: 2)
            }
        }
        #expect(throws: ImagingError.self) { try VoxelAffine(rows: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]) }
    }

    @Test func `even planes form a grid and uneven ones do not`() throws {
        let even = try (0..<4).map { try axialPlane(z: Double($0) * 2.5) }
        let geometry = try #require(VolumeGeometry(planes: even, columns: 512, rows: 400))
        #expect(geometry.sliceSpacing == 2.5 && geometry.slices == 4 && geometry.columns == 512)
        #expect(geometry.columnSpacing == 0.6 && geometry.rowSpacing == 0.5)
        let gap = try [0, 2.5, 5, 10].map { try axialPlane(z: $0) }
        #expect(VolumeGeometry(planes: gap, columns: 512, rows: 400) == nil)
        let double = try [0, 0, 0].map { try axialPlane(z: $0) }
        #expect(VolumeGeometry(planes: double, columns: 512, rows: 400) == nil)
        #expect(VolumeGeometry(planes: [], columns: 512, rows: 400) == nil)
    }

    @Test func `one plane needs a spacing from elsewhere`() throws {
        let plane = try axialPlane(z: 3)
        #expect(VolumeGeometry(planes: [plane], columns: 8, rows: 8) == nil)
        let geometry = try #require(VolumeGeometry(planes: [plane], columns: 8, rows: 8, sliceSpacing: 5))
        #expect(geometry.world(column: 0, row: 0, slice: 1) == [-125, -130, 8])
    }
}

/// Pixel Spacing 0.5\0.6: rows lie 0.5 mm apart, columns 0.6 mm.
func axialPlane(z: Double) throws -> SlicePlane {
    try SlicePlane(
        imagePosition: [-125, -130, z], imageOrientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [0.5, 0.6])
}

func expectClose(
    _ value: SIMD3<Double>, _ expected: SIMD3<Double>, within tolerance: Double = 1e-9,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for axis in 0..<3 {
        #expect(abs(value[axis] - expected[axis]) < tolerance, sourceLocation: sourceLocation)
    }
}
