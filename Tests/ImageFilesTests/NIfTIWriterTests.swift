import Foundation
import ImageFiles
import Imaging
import Testing

@Suite struct NIfTIWriterTests {
    private let oblique = VoxelAffine(
        i: [-0.4, 0.01, 0], j: [0.01, 0.4, 0], k: [0, 0, 5], translation: [100, -90, 33.5])

    /// `nib.Nifti1Header()` with the same shape, dtype, `set_sform(aff, 1)`, `set_qform(aff, 1)`, `set_slope_inter(0.5,
    /// -3)`, `set_xyzt_units('mm', 'sec')`, `vox_offset` 352: all 352 bytes but the "regular" of the reference library.
    @Test func `the header is nibabel's, byte for byte`() throws {
        let affine = VoxelAffine(i: [-0.5, 0, 0], j: [0, 0.5, 0], k: [0, 0, 5], translation: [90, -126, -72.5])
        let writer = try NIfTIWriter(
            pixelType: .i16, columns: 2, rows: 3, slices: 4, volumes: 2, rasAffine: affine,
            rescale: Rescale(slope: 0.5, intercept: -3))
        var expected = try GzipInflate.inflate(NIfTIFixture.sform4D)
        expected[38] = UInt8(ascii: "r")
        #expect(writer.headerBytes() == Array(expected[..<352]))
    }

    /// nibabel reads quatern_b 0.012497071, quatern_c 0.9999219, quatern_d 0 and pixdim -1 0.40012497 0.40012497 5 from
    /// it.
    @Test func `an oblique left-handed affine is stored in both forms`() throws {
        let writer = try NIfTIWriter(pixelType: .u8, columns: 1, rows: 1, slices: 1, rasAffine: oblique)
        let header = try NIfTIHeader(prefix: writer.headerBytes())
        #expect(header.qformCode == 1 && header.sformCode == 1)
        let expected = [0.01249707117676735, 0.9999219179153442, 0]
        #expect(zip(header.quaternion, expected).allSatisfy { abs($0 - $1) < 1e-7 })
        #expect(Array(header.pixelDimensions.prefix(4).map(Float.init)) == [-1, 0.40012497, 0.40012497, 5])
    }

    /// Also of what single precision rounds to zero. 0x8000_0000 is -0; quaternion and rows lie from 256 to 328.
    @Test func `no zero of a header has a sign`() throws {
        let affine = VoxelAffine(
            i: [-1, -0.0, -0.0], j: [-0.0, -1, -0.0], k: [-0.0, -1e-60, 1], translation: [-0.0, -0.0, -0.0])
        let writer = try NIfTIWriter(pixelType: .u8, columns: 1, rows: 1, slices: 1, rasAffine: affine)
        let bytes = writer.headerBytes()
        let words = stride(from: 256, to: 328, by: 4).map { Array(bytes[$0..<$0 + 4]) }
        #expect(!words.contains([0, 0, 0, 0x80]))
    }

    @Test func `a sheared affine has an sform only`() throws {
        let sheared = VoxelAffine(i: [1, 0, 0], j: [0.2, 1, 0], k: [0, 0, 1], translation: .zero)
        let writer = try NIfTIWriter(pixelType: .u8, columns: 1, rows: 1, slices: 1, rasAffine: sheared)
        let header = try NIfTIHeader(prefix: writer.headerBytes())
        #expect(header.qformCode == 0 && header.sformCode == 1)
    }

    /// nifti1.h, "METHOD 1": with both codes 0 voxels have a size and no place; units of 0 are NIFTI_UNITS_UNKNOWN.
    @Test func `what has no place does not look as if it had one`() throws {
        let unit = VoxelAffine(i: [-1, 0, 0], j: [0, -1, 0], k: [0, 0, 1], translation: .zero)
        let writer = try NIfTIWriter(
            pixelType: .u8, columns: 1, rows: 1, slices: 1, rasAffine: unit, hasPlace: false)
        let bytes = writer.headerBytes()
        let header = try NIfTIHeader(prefix: bytes)
        #expect(header.qformCode == 0 && header.sformCode == 0)
        #expect(Array(header.pixelDimensions.prefix(4)) == [1, 1, 1, 1])
        // xyzt_units: the lower three bits are those of space.
        #expect(bytes[123] & 0x07 == 0 && bytes[280..<328].allSatisfy { $0 == 0 })
    }

    static let types: [(PixelType, Int)] =
        PixelType.allCases.map { ($0, 1) } + [(.u8, 3), (.u8, 4)]

    @Test(arguments: types, [nil, 1, 9]) func `what is written is read`(
        _ pixels: (PixelType, Int), _ compression: Int?
    ) throws {
        let (type, samples) = pixels
        let frames = try (0..<6).map { index in
            let bytes = (0..<4 * 3 * samples * type.byteCount).map { UInt8(truncatingIfNeeded: $0 * 29 + index * 7) }
            return try PixelBuffer(type: type, rows: 3, columns: 4, samplesPerPixel: samples, bytes: bytes)
        }
        let writer = try NIfTIWriter(
            pixelType: type, samplesPerPixel: samples, columns: 4, rows: 3, slices: 2, volumes: 3, rasAffine: oblique)
        let encoded = try writer.encode(frames, compression: compression)
        let file = try NIfTIFile(bytes: encoded)
        #expect((file.slices, file.volumes) == (2, 3))
        #expect(try (0..<6).map { try file.frame(at: $0) } == frames)
        #expect(file.rescale == nil)
        #expect(file.rasAffine.rows.joined().map(Float.init) == oblique.rows.joined().map(Float.init))
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try writer.write(toPath: path, compression: compression) { frames[$0] }
        #expect(try (0..<6).map { try NIfTIFile(path: path).frame(at: $0) } == frames)
        try FileManager.default.removeItem(atPath: path)
    }

    @Test func `what the format cannot say is refused`() throws {
        #expect(
            codeOf { try NIfTIWriter(pixelType: .u8, columns: 32_768, rows: 1, slices: 1, rasAffine: oblique) }
                == .invalidRequest)
        #expect(
            codeOf {
                try NIfTIWriter(pixelType: .u16, samplesPerPixel: 3, columns: 1, rows: 1, slices: 1, rasAffine: oblique)
            } == .invalidRequest)
        let writer = try NIfTIWriter(pixelType: .u8, columns: 2, rows: 2, slices: 1, rasAffine: oblique)
        let other = try PixelBuffer(rows: 2, columns: 3, elements: [UInt8](repeating: 0, count: 6))
        #expect(codeOf { try writer.encode([other]) } == .invalidRequest)
        #expect(codeOf { try writer.encode([]) } == .invalidRequest)
    }

    @Test func `a path that cannot be written is an error with the system's reason`() throws {
        let writer = try NIfTIWriter(pixelType: .u8, columns: 1, rows: 1, slices: 1, rasAffine: oblique)
        let frame = try PixelBuffer(rows: 1, columns: 1, elements: [1] as [UInt8])
        let error = errorOf { try writer.write(toPath: "/nonexistent/JANE^DOE/scan.nii") { _ in frame } }
        #expect(error?.code == .unwritable)
        #expect(error?.description.contains("JANE") == false)
    }
}
