import Foundation
import ImageFiles
import Imaging
import Testing

@testable import Phantom

@Suite struct PhysioNetICHPhantomTests {
    private func options(_ patients: [Int]?, size: Int, workers: Int = 2) -> PhysioNetICHOptions {
        var options = PhysioNetICHOptions()
        options.patients = patients
        options.matrixSize = size
        options.workers = workers
        return options
    }

    @Test func `the whole cohort has 5319 images and 75 pairs of volumes`() async throws {
        let folder = try TemporaryFolder()
        let summary = try await PhysioNetICHPhantom(options(nil, size: 24)).write(to: folder.new("a"))
        let jpeg = try folder.files(below: "a/ct-ich-1.0.0").filter { $0.hasSuffix(".jpg") }
        #expect(jpeg.count == 5319)
        #expect(jpeg.count { $0.hasSuffix("_HGE_Seg.jpg") } == 318)
        #expect(jpeg.count { $0.contains("/bone/") } == 2500)
        #expect(jpeg.contains("Patients_CT/084/brain/36.jpg"))
        #expect(!jpeg.contains("Patients_CT/084/bone/36.jpg"))
        let volumes = try folder.files(below: "a/ct-ich-1.3.1").filter { $0.hasSuffix(".nii") }
        #expect(volumes.count == 150)
        #expect(!volumes.contains { $0.hasSuffix("059.nii") || $0.hasSuffix("065.nii") })
        #expect(summary.patients == 82)
        #expect(summary.labelRows == ["hemorrhage_diagnosis.csv": 2501, "hemorrhage_diagnosis_raw_ct.csv": 2814])
    }

    @Test func `the same options give the same bytes, whatever the number of workers`() async throws {
        let folder = try TemporaryFolder()
        _ = try await PhysioNetICHPhantom(options([49, 58, 84], size: 40, workers: 1)).write(to: folder.new("a"))
        _ = try await PhysioNetICHPhantom(options([49, 58, 84], size: 40, workers: 3)).write(to: folder.new("b"))
        let files = try folder.files(below: "a")
        #expect(try folder.files(below: "b") == files)
        for file in files { #expect(try folder.bytes("a/" + file) == folder.bytes("b/" + file), "\(file)") }
    }

    @Test func `another seed gives other pictures and the same labels`() async throws {
        let folder = try TemporaryFolder()
        var other = options([79], size: 40)
        other.seed = 7
        _ = try await PhysioNetICHPhantom(options([79], size: 40)).write(to: folder.new("a"))
        _ = try await PhysioNetICHPhantom(other).write(to: folder.new("b"))
        let table = "/ct-ich-1.0.0/hemorrhage_diagnosis.csv"
        #expect(try folder.bytes("a" + table) == folder.bytes("b" + table))
        let image = "/ct-ich-1.0.0/Patients_CT/079/brain/14.jpg"
        #expect(try folder.bytes("a" + image) != folder.bytes("b" + image))
    }

    @Test func `masks are 16-bit extremes that scale to 0 and 255, in the positive slices only`() async throws {
        let folder = try TemporaryFolder()
        var nifti = options([92], size: 48)
        nifti.trees = [.nifti]
        _ = try await PhysioNetICHPhantom(nifti).write(to: folder.new("a"))
        let file = try NIfTIFile(bytes: folder.bytes("a/masks/092.nii"))
        let rescale = try #require(file.rescale)
        #expect(abs(-32768 * rescale.slope + rescale.intercept) < 1e-3)
        #expect(abs(32767 * rescale.slope + rescale.intercept - 255) < 1e-3)
        var positive: [Int] = []
        for slice in 0..<file.slices {
            let values = Set(try file.frame(slice: slice).doubles())
            #expect(values.isSubset(of: [-32768, 32767]))
            if values.contains(32767) { positive.append(slice + 1) }
        }
        #expect(positive == [15, 16, 19, 20, 21, 22, 23, 27, 28, 29, 30])
    }

    @Test func `mask JPEGs are grey near black and near white, not binary`() async throws {
        let folder = try TemporaryFolder()
        var jpeg = options([49], size: 256)
        jpeg.trees = [.jpeg]
        _ = try await PhysioNetICHPhantom(jpeg).write(to: folder.new("a"))
        let mask = try JPEGCodec.decode(folder.bytes("a/Patients_CT/049/brain/14_HGE_Seg.jpg"))
        #expect(mask.rows == 325 && mask.columns == 325 && mask.samplesPerPixel == 1)
        let levels = Set(mask.bytes)
        #expect(levels.count > 20)
        #expect(levels.allSatisfy { $0 < 90 || $0 > 165 })
        #expect(levels.contains(0) && levels.contains(255))
    }

    @Test func `checksums list every file but themselves`() async throws {
        let folder = try TemporaryFolder()
        var jpeg = options([79], size: 24)
        jpeg.trees = [.jpeg]
        _ = try await PhysioNetICHPhantom(jpeg).write(to: folder.new("a"))
        let listed = try folder.text("a/SHA256SUMS.txt").split(separator: "\n").map { $0.split(separator: " ")[1] }
        let others = try folder.files(below: "a").filter { $0 != "SHA256SUMS.txt" }
        #expect(listed.map(String.init) == others)
    }

    @Test func `a folder with something in it is refused`() async throws {
        let folder = try TemporaryFolder()
        try Data([1]).write(to: URL(fileURLWithPath: folder.new("precious")))
        let error = try await #require(throws: PhantomError.self) {
            _ = try await PhysioNetICHPhantom(options([49], size: 24)).write(to: folder.path)
        }
        #expect(error.code == .directoryNotEmpty)
        #expect(try folder.files(below: "") == ["precious"])
    }

    @Test(arguments: [[48], [49, 131], []])
    func `numbers outside the cohort are refused`(patients: [Int]) async throws {
        let folder = try TemporaryFolder()
        let error = try await #require(throws: PhantomError.self) {
            _ = try await PhysioNetICHPhantom(options(patients, size: 24)).write(to: folder.new("a"))
        }
        #expect(error.code == .invalidOption)
    }

    @Test func `the first patients include the quirky ones`() {
        #expect(PhysioNetICHOptions.firstPatients(3) == [49, 58, 84])
        #expect(PhysioNetICHOptions.firstPatients(200) == Array(49...130))
    }
}
