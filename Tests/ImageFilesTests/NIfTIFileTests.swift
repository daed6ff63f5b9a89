import Foundation
import ImageFiles
import Imaging
import Testing

/// What nibabel says of the same files stands beside each check.
@Suite struct NIfTIFileTests {
    @Test func `a four-dimensional file gives its slices volume by volume`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.sform4D)
        #expect(file.header.dimensions == [2, 3, 4, 2])
        #expect(file.pixelType == .i16)
        #expect((file.frameCount, file.slices, file.volumes) == (8, 4, 2))
        #expect(file.rescale == Rescale(slope: 0.5, intercept: -3))
        // img.dataobj.get_unscaled()[:, :, 1, 0].T and [:, :, 2, 1].T
        let first = try PixelBuffer(rows: 3, columns: 2, elements: [-86, 82, -30, 138, 26, 194] as [Int16])
        let second = try PixelBuffer(rows: 3, columns: 2, elements: [-65, 103, -9, 159, 47, 215] as [Int16])
        #expect(try file.frame(at: 1) == first)
        #expect(try file.frame(at: 6) == second)
        #expect(try file.frame(slice: 2, volume: 1) == second)
    }

    @Test func `the sform is preferred`() throws {
        let affine = try NIfTIFile(bytes: NIfTIFixture.sform4D).affine
        #expect(affine.form == .sform)
        #expect(affine.code == 1)
        #expect(affine.rasAffine.rows == [[-0.5, 0, 0, 90], [0, 0.5, 0, -126], [0, 0, 5, -72.5], [0, 0, 0, 1]])
    }

    /// img.header.get_best_affine(); nibabel computes in 80 bits, hence the tolerance.
    @Test func `a big-endian oblique qform with qfac -1 is nibabel's`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.bigEndianQform)
        #expect(file.affine.form == .qform)
        let expected = [
            [-0.3806414346422296, -0.11724026855481402, 0.4966734255503198, 12.5],
            [0.11422784613064028, -0.4567725861943233, 0.7240736117532988, -30],
            [-0.04543239120090013, -0.16617317452147493, -2.340733413508391, 7],
            [0, 0, 0, 1],
        ]
        for (row, numbers) in file.affine.rasAffine.rows.enumerated() {
            for (column, number) in numbers.enumerated() {
                #expect(abs(number - expected[row][column]) < 1e-12)
            }
        }
    }

    @Test func `big-endian samples arrive little-endian`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.bigEndianQform)
        let expected = try PixelBuffer(
            rows: 3, columns: 2, elements: [2730, 35490, 13650, 46410, 24570, 57330] as [UInt16])
        #expect(try file.frame(at: 1) == expected)
        #expect(file.rescale == Rescale(slope: 1, intercept: 0))
    }

    @Test func `NIfTI-2 without a form falls back to the base affine`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.nifti2Base)
        #expect(file.header.version == 2)
        #expect(file.affine.form == .base)
        #expect(file.affine.rasAffine.rows == [[-2, 0, 0, 1], [0, 3, 0, -3], [0, 0, 4, -6], [0, 0, 0, 1]])
        let expected = try PixelBuffer(
            rows: 3, columns: 2, elements: [-0.875, 0.625, -0.375, 1.125, 0.125, 1.625] as [Float])
        #expect(try file.frame(at: 1) == expected)
    }

    @Test func `colour voxels are three interleaved samples`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.rgb)
        #expect(file.samplesPerPixel == 3)
        #expect(try file.frame(at: 0).bytes == [0, 1, 2, 20, 21, 22, 10, 11, 12, 30, 31, 32])
    }

    /// `(np.asarray(img.dataobj)[0, 0, 0], [0, 1, 0])` are 254.99999994 and 0.
    @Test func `a scaled mask keeps its stored extremes and its scaling`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.mask)
        let frame = try file.frame(at: 0)
        let rescale = try #require(file.rescale)
        #expect(rescale == Rescale(slope: 0.0038910505827516317, intercept: 127.50194549560547))
        #expect(frame.doubles() == [32767, -32768, -32768, 32767])
        #expect(abs(rescale.value(ofStored: 32767) - 255) < 1e-6)
    }

    @Test func `a plain file by path, by bytes and compressed gives the same frames`() throws {
        let plain = try GzipInflate.inflate(NIfTIFixture.sform4D)
        let path = try write(plain, "plain.nii")
        let files = try [NIfTIFile(path: path), NIfTIFile(bytes: plain), NIfTIFile(bytes: NIfTIFixture.sform4D)]
        for index in 0..<8 {
            let frames = try files.map { try $0.frame(at: index) }
            #expect(frames[0] == frames[1] && frames[1] == frames[2])
        }
        #expect(try NIfTIHeader(path: path) == files[2].header)
    }

    @Test func `a pair is read from its two files`() throws {
        let single = try GzipInflate.inflate(NIfTIFixture.sform4D)
        var header = Array(single[..<348])
        header.replaceSubrange(344..<348, with: Array("ni1".utf8) + [0])
        header.replaceSubrange(108..<112, with: [0, 0, 0, 0])
        let image = Array(single[352...])
        let path = try write(header, "scan.hdr")
        #expect(throws: ImageFileError.self) { try NIfTIFile(path: path) }
        _ = try write(image, "scan.img", in: URL(fileURLWithPath: path).deletingLastPathComponent())
        let expected = try NIfTIFile(bytes: single).frame(at: 6)
        #expect(try NIfTIFile(path: path).frame(at: 6) == expected)
        #expect(try NIfTIFile(bytes: header, companion: image).frame(at: 6) == expected)
    }

    @Test func `metres are turned into millimetres in the file's affine`() throws {
        var plain = try GzipInflate.inflate(NIfTIFixture.sform4D)
        plain[123] = 1
        let file = try NIfTIFile(bytes: plain)
        #expect(file.header.spatialUnit == .metre)
        #expect(file.rasAffine.translation == [90_000, -126_000, -72_500])
    }

    @Test func `a frame that is not there is refused`() throws {
        let file = try NIfTIFile(bytes: NIfTIFixture.sform4D)
        #expect(throws: ImageFileError.self) { try file.frame(at: 8) }
        #expect(throws: ImageFileError.self) { try file.frame(at: -1) }
        #expect(throws: ImageFileError.self) { try file.frame(slice: 4) }
    }

    private func write(_ bytes: [UInt8], _ name: String, in folder: URL? = nil) throws -> String {
        let folder = folder ?? FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url.path
    }
}
