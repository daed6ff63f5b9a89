import DICOM
import Imaging
import Testing

@testable import Phantom

@Suite struct DICOMPhantomTests {
    private func options(workers: Int = 2) -> DICOMPhantomOptions {
        var options = DICOMPhantomOptions()
        options.patientCount = 3
        options.matrixSize = 32
        options.slicesPerSeries = 22
        options.workers = workers
        return options
    }

    /// Patient 1: scout, soft, bone, report; patient 2: scout, soft, bone; patient 3: scout, soft.
    @Test func `patients have a scout, axial series and reports in nested folders`() async throws {
        let folder = try TemporaryFolder()
        let summary = try await DICOMPhantom(options()).write(to: folder.new("a"))
        #expect(summary.patients == 3)
        #expect(summary.series == 4 + 3 + 2)
        #expect(summary.slices == 3 + 5 * 22)
        let files = try folder.files(below: "a").filter { $0 != "phantom.json" }
        #expect(files.count == summary.slices + 1)
        var uids: Set<String> = []
        for file in files {
            let header = try DICOMFile(bytes: folder.bytes("a/" + file)).header
            let uid = try #require(header.string(.sopInstanceUID))
            #expect(uid.hasPrefix("2.25.") && uid.utf8.count <= 64)
            uids.insert(uid)
        }
        #expect(uids.count == files.count)
    }

    @Test func `axial pixels read back in Hounsfield units and positions advance by five millimetres`() async throws {
        let folder = try TemporaryFolder()
        _ = try await DICOMPhantom(options()).write(to: folder.new("a"))
        let series = try folder.files(below: "a/DICOM/PA000001/ST000001/SE000002")
        #expect(series.count == 22)
        var heights: [Double] = []
        for name in series {
            let file = try DICOMFile(bytes: folder.bytes("a/DICOM/PA000001/ST000001/SE000002/" + name))
            let position = try #require(file.header.decimals(.imagePositionPatient))
            heights.append(position[2])
            let frame = try file.frame(0)
            let intercept = try #require(file.header.decimal(.rescaleIntercept))
            let values = frame.doubles().map { $0 + intercept }
            #expect(frame.rows == 32 && (values.min() ?? 0) >= -1024 && (values.max() ?? 0) <= 3071)
        }
        #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 == 5 })
    }

    @Test func `the second manufacturer tilts the gantry`() throws {
        let person = SyntheticPerson(seed: 1, number: 2, canaries: .init())
        let study = SyntheticStudy(options(), person: person, number: 1)
        let geometry = AxialGeometry(study: study, size: 512, spacing: 0.45)
        #expect(study.dialect.manufacturer == "GE MEDICAL SYSTEMS")
        // cos and sin of 18.5 degrees, from a table.
        #expect(abs(geometry.orientation[4] - 0.948324) < 1e-5)
        #expect(abs(geometry.orientation[5] + 0.317305) < 1e-5)
    }

    @Test func `canaries are planted in names, numbers, dates and folders`() async throws {
        let folder = try TemporaryFolder()
        var planted = options()
        planted.patientCount = 1
        planted.canaries = .init(
            name: "CANARYNAME", identifier: "CANARYID", birthDate: "19010203", fileName: "CANARYPATH")
        _ = try await DICOMPhantom(planted).write(to: folder.new("a"))
        let files = try folder.files(below: "a").filter { $0 != "phantom.json" }
        #expect(files.allSatisfy { $0.contains("CANARYPATH") })
        let header = try DICOMFile(bytes: folder.bytes("a/" + files[0])).header
        #expect(header.string(.patientName)?.contains("CANARYNAME") == true)
        #expect(header.string(.patientID)?.contains("CANARYID") == true)
        #expect(header.string(.accessionNumber)?.contains("CANARYID") == true)
        #expect(header.string(.patientBirthDate) == "19010203")
        let manifest = try folder.text("a/phantom.json")
        #expect(!manifest.contains("CANARYNAME") && !manifest.contains("CANARYID"))
    }

    @Test func `one file of every defect lies beside the good ones`() async throws {
        let folder = try TemporaryFolder()
        var broken = options()
        broken.patientCount = 1
        broken.includesDefects = true
        let summary = try await DICOMPhantom(broken).write(to: folder.new("a"))
        #expect(summary.defects == 8)
        let series = "a/DICOM/PA000001/ST000001/SE000002/"
        let good = try folder.bytes(series + "IM000012")
        #expect(try folder.bytes(series + "ZZ900003").isEmpty)
        #expect(try folder.bytes(series + "ZZ900006") == good)
        let other = try DICOMFile(bytes: folder.bytes(series + "ZZ900007"))
        let original = try DICOMFile(bytes: good)
        #expect(other.header.string(.sopInstanceUID) == original.header.string(.sopInstanceUID))
        #expect(try other.frame(0) != original.frame(0))
        let anonymous = try DICOMFile(bytes: folder.bytes(series + "ZZ900008"))
        #expect(anonymous.header.string(.patientID) == nil)
    }

    @Test func `the same options give the same bytes, whatever the number of workers`() async throws {
        let folder = try TemporaryFolder()
        _ = try await DICOMPhantom(options(workers: 1)).write(to: folder.new("a"))
        _ = try await DICOMPhantom(options(workers: 3)).write(to: folder.new("b"))
        let files = try folder.files(below: "a")
        #expect(try folder.files(below: "b") == files)
        for file in files { #expect(try folder.bytes("a/" + file) == folder.bytes("b/" + file), "\(file)") }
    }

    @Test(arguments: [(1.0, "1"), (-0.0, "0"), (0.4882812, "0.488281"), (-123.5404569, "-123.540457"), (1e-9, "0")])
    func `decimal strings are short and without trailing zeros`(value: Double, text: String) {
        #expect(DecimalString.text(value) == text)
    }
}
