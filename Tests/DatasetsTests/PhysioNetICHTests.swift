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

    @Test func `a mask without its volume is a finding`() async throws {
        let listing = ListingOfPaths(paths: nifti.filter { $0 != "ct_scans/049.nii" })
        let plan = try await PhysioNetICHNIfTI.detect(in: listing)[0].plan(listing)
        #expect(plan.findings.map(\.check) == ["missing_volume", "missing_mask"])
    }

    private static let kinds = "Intraventricular,Intraparenchymal,Subarachnoid,Epidural,Subdural"
    private static let diagnosis = "\u{FEFF}PatientNumber,SliceNumber,\(kinds),No_Hemorrhage,Fracture_Yes_No\r\n"
    private static let patientsOfJPEG =
        "\"Patient Number\",\"Age\n(years)\",\"Gender\",\(kinds),Fracture (Yes/No),Condition on file,Note\n"
    private static let patientsOfNIfTI =
        "Patient Number,\"Age\n(years)\",Gender,Hemorrhage type ,,,,,Fracture (yes 1/no 0),Note1\r\n,,,\(kinds),,\r\n"

    @Test(arguments: [
        ("hemorrhage_diagnosis_raw_ct.csv", diagnosis, "1.3.1"), ("hemorrhage_diagnosis.csv", diagnosis, "1.0.0"),
        ("Patient_demographics.csv", patientsOfNIfTI, "1.3.1"), ("patient_demographics.csv", patientsOfJPEG, "1.0.0"),
    ])
    func `a table alone is of the version that its name and columns say, and claims nothing else`(
        name: String, text: String, version: String
    ) async throws {
        let paths = ["x/" + name, "x/README.txt", "x/scan.nii", "x/1.dcm"]
        let listing = ListingOfPaths(paths: paths, texts: ["x/" + name: text])
        let plans = try await plans(of: listing)
        #expect(plans.map(\.claimedFiles).map { $0.map(\.name) } == [[name]])
        #expect(plans.first?.labelFiles.map(\.dataset.version) == [version])
    }

    @Test func `tables of both versions in one folder are told apart`() async throws {
        let texts = [
            "hemorrhage_diagnosis_raw_ct.csv": Self.diagnosis, "hemorrhage_diagnosis.csv": Self.diagnosis,
            "Patient_demographics.csv": Self.patientsOfNIfTI, "patient_demographics.csv": Self.patientsOfJPEG,
        ]
        let plans = try await plans(of: ListingOfPaths(paths: texts.keys.sorted(), texts: texts))
        #expect(
            plans.map { $0.labelFiles.map(\.file.name) } == [
                ["Patient_demographics.csv", "hemorrhage_diagnosis_raw_ct.csv"],
                ["hemorrhage_diagnosis.csv", "patient_demographics.csv"],
            ])
    }

    /// A copy of 1.3.1 whose table lost the end of its name is still that of the volumes beside it.
    @Test func `a table that does not say its version is of that of the images beside it`() async throws {
        let paths = ["ct_scans/049.nii", "masks/049.nii", "hemorrhage_diagnosis.csv"]
        let plans = try await plans(of: ListingOfPaths(paths: paths, texts: [paths[2]: Self.diagnosis]))
        #expect(plans.map { $0.labelFiles.map(\.dataset.version) } == [["1.3.1"]])
    }

    @Test(arguments: ["PatientNumber,SliceNumber,Epidural,Subdural\n1,1,0,1\n", "name,diagnosis\n", "", "\0"])
    func `a ward's own list of diagnoses is nobody's`(text: String) async throws {
        let name = "hemorrhage_diagnosis.csv"
        #expect(try await plans(of: ListingOfPaths(paths: [name], texts: [name: text])).isEmpty)
    }

    /// Lists of a ward, one of them with all columns, beside the published tables and beside images.
    @Test(arguments: [
        ["hemorrhage_diagnosis.csv"], ["hemorrhage_diagnosis_raw_ct.csv", "ct_scans/049.nii"],
        ["hemorrhage_diagnosis.csv", "Patients_CT/049/brain/1.jpg"], ["ct_scans/049.nii", "masks/049.nii"],
    ])
    func `tables of other names are nobody's, whatever lies beside them`(published: [String]) async throws {
        let ward = ["ward_diagnosis_mueller.csv", "diagnosis.csv", "hemorrhage_diagnosis (1).csv", "demographics.csv"]
        var texts = Dictionary(uniqueKeysWithValues: published.map { ($0, Self.diagnosis) })
        texts[ward[0]] = "Patient Number,Name,SliceNumber,Epidural\n4711,MUELLER,1,1\n"
        texts[ward[1]] = Self.diagnosis
        texts[ward[2]] = Self.diagnosis
        texts[ward[3]] = Self.patientsOfJPEG
        let plans = try await plans(of: ListingOfPaths(paths: published + ward, texts: texts))
        #expect(plans.count == 1)
        #expect(plans.flatMap(\.claimedFiles).map(\.relativePath).sorted() == published.sorted())
    }

    /// They are not read, since a ward may have made them, and the user hears of it.
    @Test(arguments: [
        ("hemorrhage_diagnosis_raw_ct (1).csv", true), ("Patient_demographics(12).csv", true),
        ("x/hemorrhage_diagnosis - Copy.csv", true), ("hemorrhage_diagnosis - Copy (2).csv", true),
        ("hemorrhage_diagnosis.csv", false), ("diagnosis (1).csv", false), ("hemorrhage_diagnosis (a).csv", false),
        ("hemorrhage_diagnosis ().csv", false), ("hemorrhage_diagnosis (1).txt", false),
    ])
    func `a table that a browser numbered is told from others`(path: String, isCopy: Bool) {
        #expect(NumberedCopy.isOne(SourceFile(number: 1, relativePath: path)) == isCopy)
    }

    /// Beside images it is refused with the reason, alone it may be anybody's.
    @Test func `a table without a published column counts beside images only`() async throws {
        let paths = ["hemorrhage_diagnosis.csv", "patient_demographics.csv"]
        let texts = [paths[0]: Self.diagnosis, paths[1]: "Patient Number,Name,Gender\n4711,MUELLER,F\n"]
        let alone = try await plans(of: ListingOfPaths(paths: paths, texts: texts))
        #expect(alone.map { $0.labelFiles.map(\.file.name) } == [[paths[0]]])
        let besides = try await plans(
            of: ListingOfPaths(paths: paths + ["Patients_CT/049/brain/1.jpg"], texts: texts))
        #expect(besides.map { $0.labelFiles.map(\.file.name) } == [paths])
    }

    @Test func `heads of tables are read once, and only of those with a published name`() async throws {
        var paths = (0..<800).map { "list/diagnosis_\($0).csv" }
        for folder in 0..<40 { paths += ["\(folder)/hemorrhage_diagnosis.csv", "\(folder)/patient_demographics.csv"] }
        let listing = CountingListing(ListingOfPaths(paths: paths))
        #expect(try await PhysioNetICHJPEG.detect(in: listing).isEmpty)
        #expect(listing.heads == 80)
        // No table is whole, so that no folder is asked for images.
        #expect(listing.folders == 0)
    }

    @Test func `volumes alone are the data set where nearly all of them are there and nothing else`() async throws {
        let names = (49...108).map { "ct_scans/" + ($0 < 100 ? "0" : "") + "\($0).nii" }
        #expect(try await PhysioNetICHNIfTI.detect(in: ListingOfPaths(paths: names)).map(\.anchor) == [""])
        // Two forms of one volume are one.
        let few = names.dropLast() + ["ct_scans/049.nii.gz"]
        #expect(try await PhysioNetICHNIfTI.detect(in: ListingOfPaths(paths: Array(few))).isEmpty)
        for name in ["001.nii", "49.nii", "a.nii", "131.nii"] {
            let other = ListingOfPaths(paths: names + ["ct_scans/" + name])
            #expect(try await PhysioNetICHNIfTI.detect(in: other).isEmpty, "\(name)")
        }
    }

    @Test func `a hospital's folder ct_scans is not the data set`() async throws {
        let listing = ListingOfPaths(
            paths: ["hosp/ct_scans/100.nii", "hosp/1.dcm", "hosp/2.dcm", "hosp/MUELLER_ANNA.png"])
        #expect(try await plans(of: listing).isEmpty)
    }

    /// Of the data set is only what was published with it; the rest is left to plain folders.
    @Test(arguments: ["ct_scans/049.nii", "Patients_CT/049/brain/1.jpg"])
    func `somebody's files beside the data set are not its documentation`(image: String) async throws {
        let own = ["LICENSE.txt", "README", "SHA256SUMS.txt", "hemorrhage_diagnosis_raw_ct.csv", "index.html", image]
        let table = own[3]
        let folder = image.split(separator: "/")[0]
        let others = ["1.dcm", "MUELLER_ANNA.png", "IM0001", "list.csv", "x.nii", "report.pdf", "\(folder)/2.dcm"]
        let plans = try await plans(of: ListingOfPaths(paths: own + others, texts: [table: Self.diagnosis]))
        #expect(plans.flatMap(\.claimedFiles).map(\.relativePath).sorted() == own.sorted())
    }

    @Test(arguments: [("hemorrhage_diagnosis.csv", "049", 0), ("hemorrhage_diagnosis_raw_ct.csv", "049", 1)])
    func `masks without volumes are of the data set beside a table of its version`(
        table: String, stem: String, series: Int
    ) async throws {
        let paths = [table, "masks/\(stem).nii"]
        let plans = try await plans(of: ListingOfPaths(paths: paths, texts: [table: Self.diagnosis]))
        #expect(plans.map(\.series.count) == [series])
        let ward = ListingOfPaths(paths: paths + ["masks/lesion.nii"], texts: [table: Self.diagnosis])
        #expect(try await self.plans(of: ward).map(\.series.count) == [0])
    }

    private func plans(of listing: ListingOfPaths) async throws -> [DatasetPlan] {
        var plans: [DatasetPlan] = []
        for adapter in try await PhysioNetICHNIfTI.detect(in: listing) { plans.append(try await adapter.plan(listing)) }
        for adapter in try await PhysioNetICHJPEG.detect(in: listing) { plans.append(try await adapter.plan(listing)) }
        return plans
    }

    @Test func `a folder that merely has the name is not the data set`() async throws {
        let listing = ListingOfPaths(paths: ["ct_scans/readme.txt", "Patients_CT/list.csv"])
        #expect(try await PhysioNetICHNIfTI.detect(in: listing).isEmpty)
        #expect(try await PhysioNetICHJPEG.detect(in: listing).isEmpty)
    }
}
