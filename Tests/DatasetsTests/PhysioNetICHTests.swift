import Datasets
import Testing

@Suite("PhysioNetICH")
struct PhysioNetICHTests {
    private let jpeg = [
        "x/Patients_CT/049/brain/1.jpg", "x/Patients_CT/049/brain/2.jpg", "x/Patients_CT/049/brain/2_HGE_Seg.jpg",
        "x/Patients_CT/049/bone/1.jpg", "x/hemorrhage_diagnosis.csv", "x/patient_demographics.csv", "x/README.txt",
        "elsewhere/notes.txt",
    ]
    private let nifti = [
        "ct_scans/049.nii", "ct_scans/050.nii.gz", "masks/049.nii", "hemorrhage_diagnosis_raw_ct.csv",
        "Patient_demographics.csv", "ct_ich.yml",
    ]

    @Test func `the JPEG tree is found wherever it was unpacked`() async throws {
        let found = try await PhysioNetICHJPEG.detect(in: ListingOfPaths(paths: jpeg))
        #expect(found.map(\.anchor) == ["x"])
        #expect(try await PhysioNetICHNIfTI.detect(in: ListingOfPaths(paths: jpeg)).isEmpty)
    }

    @Test func `brain, bone and masks are three series, and bone and masks belong to brain`() async throws {
        let listing = ListingOfPaths(paths: jpeg)
        let plan = try await PhysioNetICHJPEG.detect(in: listing)[0].plan(listing)
        #expect(plan.series.map(\.reference) == [PhysioNetICHJPEG.brain, PhysioNetICHJPEG.bone, PhysioNetICHJPEG.mask])
        #expect(plan.series.map(\.companionOf) == [nil, PhysioNetICHJPEG.brain, PhysioNetICHJPEG.brain])
        #expect(plan.series.map(\.role) == [.image, .image, .mask])
        #expect(plan.series[0].files.map(\.instanceNumber) == [1, 2])
        #expect(plan.series[2].files.map(\.instanceNumber) == [2])
    }

    @Test func `a slice without its bone twin is a finding`() async throws {
        let listing = ListingOfPaths(paths: jpeg)
        let plan = try await PhysioNetICHJPEG.detect(in: listing)[0].plan(listing)
        #expect(plan.findings.map(\.check) == ["missing_companion_slice"])
    }

    @Test func `every file below the anchor is a series file, a table or ignored with a reason`() async throws {
        let listing = ListingOfPaths(paths: jpeg)
        let plan = try await PhysioNetICHJPEG.detect(in: listing)[0].plan(listing)
        let files = plan.series.flatMap(\.files).map(\.file) + plan.labelFiles.map(\.file) + plan.ignored.map(\.file)
        #expect(Set(files.map(\.relativePath)) == Set(jpeg.filter { $0.hasPrefix("x/") }))
        #expect(plan.labelFiles.map(\.sourceName) == ["hemorrhage_diagnosis", "patient_demographics"])
    }

    @Test func `the NIfTI tree is found at the root, and a patient without a mask is a finding`() async throws {
        let listing = ListingOfPaths(paths: nifti)
        let found = try await PhysioNetICHNIfTI.detect(in: listing)
        #expect(found.map(\.anchor) == [""])
        let plan = try await found[0].plan(listing)
        #expect(plan.series.map(\.patientKey) == ["049", "049", "050"])
        #expect(plan.findings.map(\.check) == ["missing_mask"])
        #expect(plan.ignored.map(\.file.name) == ["ct_ich.yml"])
    }

    @Test func `a folder that merely has the name is not the data set`() async throws {
        let listing = ListingOfPaths(paths: ["ct_scans/readme.txt", "Patients_CT/list.csv"])
        #expect(try await PhysioNetICHNIfTI.detect(in: listing).isEmpty)
        #expect(try await PhysioNetICHJPEG.detect(in: listing).isEmpty)
    }
}
