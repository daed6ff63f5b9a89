import Datasets
import Domains
import Tables
import Testing

/// Layouts are recognised by what lies in a folder, and by nothing else.
@Suite("Layouts of LUNA16, LIDC-IDRI and declared sources")
struct LayoutDetectionTests {
    private static let header =
        "ObjectType = Image\nNDims = 3\nDimSize = 1 1 1\nElementType = MET_SHORT\nElementDataFile = 1.2.raw\n"

    @Test func `LUNA16 pairs headers with voxels, and tables by their columns`() async throws {
        let listing = ListingOfPaths(
            paths: [
                "x/subset0/1.2.mhd", "x/subset0/1.2.raw", "x/seg-lungs-LUNA16/1.2.mhd", "x/annotations.csv",
                "x/other.csv", "x/sampleSubmission.csv", "y/notes.txt",
            ],
            texts: [
                "x/subset0/1.2.mhd": Self.header, "x/annotations.csv": "seriesuid,coordX,coordY,coordZ,diameter_mm\n",
                "x/other.csv": "a,b\n", "x/sampleSubmission.csv": "seriesuid,coordX,coordY,coordZ,probability\n",
            ])
        let adapters = try await LUNA16.detect(in: listing)
        #expect(adapters.map(\.anchor) == ["x"])
        let plan = try await adapters[0].plan(listing)
        #expect(plan.series.map(\.role) == [.mask, .image])
        #expect(plan.series[1].files[0].data?.relativePath == "x/subset0/1.2.raw")
        #expect(plan.series[1].patientKey == "1.2" && plan.series[0].companionOf?.seriesKey == "1.2")
        #expect(plan.markFiles.map(\.sourceName) == ["annotations"])
        #expect(plan.folds?.foldOfPatient == ["1.2": "subset0"])
        #expect(plan.ignored.map(\.file.name).sorted() == ["other.csv", "sampleSubmission.csv"])
    }

    @Test func `a wrong folder is nobody's`() async throws {
        let listing = ListingOfPaths(
            paths: ["subset0/readme.txt", "a.csv", "b.xml"], texts: ["a.csv": "x,y\n1,2\n", "b.xml": "<note/>"])
        #expect(try await LUNA16.detect(in: listing).isEmpty)
        #expect(try await LIDC.detect(in: listing).isEmpty)
    }

    @Test func `readings of radiographs are told from those of CT`() async throws {
        let listing = ListingOfPaths(
            paths: ["a/1.xml", "a/2.xml", "a/3.xml"],
            texts: [
                "a/1.xml": "<?xml version=\"1.0\"?>\n<LidcReadMessage>", "a/2.xml": "<IdriReadMessage>",
                "a/3.xml": "<other/>",
            ])
        let plan = try await LIDC.detect(in: listing)[0].plan(listing)
        #expect(plan.markFiles.map(\.file.name) == ["1.xml"])
        #expect(plan.ignored.map(\.file.name) == ["2.xml"])
        #expect(plan.folders.map(\.patientIDPrefix) == ["LIDC-IDRI-"])
    }

    private static let source = """
        source: eyes
        version: "1"
        detect:
          - {table: "tables/grades.csv", columns: [image, level]}
        images:
          - files: "**/*.jpeg"
            names: '^(\\d+)_(left|right)$'
            patient: p$1
            study: fundus
            series: $2
        labels:
          - file: tables/grades.csv
            name: grades
            vocabulary: diabetic-retinopathy
            reader: {key: one, kind: human}
            level: slice
            key: {column: image, pattern: '^(\\d+)_(left|right)$'}
            patient: p$1
            study: fundus
            series: $2
            slice: "1"
        """

    @Test func `a declared source finds its anchor, images and table`() async throws {
        let source = try YAMLDocument.decode(DeclaredSource.self, from: Self.source)
        let listing = ListingOfPaths(
            paths: ["d/tables/grades.csv", "d/a/b/7_left.JPEG", "d/7_right.jpeg", "d/x.jpeg", "e/9_left.jpeg"],
            texts: ["d/tables/grades.csv": "\u{FEFF}image,level,remark\r\n7_left,3,\r\n"])
        let adapters = try await DeclaredAdapter.detect(source, in: listing)
        #expect(adapters.map(\.anchor) == ["d"])
        let plan = try await adapters[0].plan(listing)
        #expect(plan.series.map(\.patientKey) == ["p7", "p7"])
        #expect(Set(plan.series.map(\.reference.seriesKey)) == ["left", "right"])
        #expect(plan.labelFiles.map(\.sourceName) == ["grades"])
        #expect(plan.unmatched == nil)
    }

    /// Of formats that are read by their names; what no layout takes alone counts.
    @Test func `image files that a declared source passes by are counted beside its table`() async throws {
        let source = try YAMLDocument.decode(
            DeclaredSource.self, from: Self.source.replacing("**/*.jpeg", with: "train/*.jpeg"))
        let listing = ListingOfPaths(
            paths: ["d/tables/grades.csv", "d/small/7_left.jpeg", "d/small/7_right.png", "d/notes.txt", "d/8_left.dcm"],
            texts: ["d/tables/grades.csv": "image,level\n7_left,3\n"])
        let plan = try await DeclaredAdapter.detect(source, in: listing)[0].plan(listing)
        let images = try #require(plan.unmatched)
        #expect(images.files.map(\.name) == ["7_left.jpeg", "7_right.png"])
        #expect(images.sentence.contains("2 image files lie beside the table grades.csv of eyes"))
        #expect(images.sentence.contains("(train/*.jpeg)") && !images.sentence.contains("7_left"))
        #expect(images.besides([images.files[0]], in: [])?.files.map(\.name) == ["7_right.png"])
        #expect(images.besides(Set(images.files), in: []) == nil)
    }

    @Test(arguments: [
        ("    patient: p$1\n    study: fundus\n", "", "patient"), ("version: \"1\"", "vesrion: \"1\"", "vesrion"),
        ("level: slice\n", "level: sclice\n", "sclice"),
        ("(left|right)$'\n    patient", "(left|right$'\n    patient", ")"),
        ("    slice: \"1\"", "    value: level", "domain"),
        ("source: eyes", "source: \"\"", "'source' is empty"), ("source: eyes", "source:", "source"),
        ("version: \"1\"", "version: \" \"", "'version' is empty"), ("name: grades", "name: ''", "'name' is empty"),
        ("key: one", "key: ''", "'key' is empty"),
        ("    slice: \"1\"", "    slice: $3", "'slice' takes group $3, and the pattern has 2 groups"),
        ("    slice: \"1\"", "    image: $4", "'image' takes group $4, and the pattern has 2 groups"),
        ("    series: $2\nlabels", "    series: $3\nlabels", "'series' takes group $3, and the pattern has 2 groups"),
        ("    series: $2\nlabels", "    series: '{level}'\nlabels", "'series' takes a cell, {level}"),
    ])
    func `a mistake in a source is named`(correct: String, wrong: String, word: String) throws {
        let text = Self.source.replacing(correct, with: wrong, maxReplacements: 1)
        #expect(text != Self.source)
        do {
            _ = try YAMLDocument.decode(DeclaredSource.self, from: text)
            Issue.record("accepted: \(wrong)")
        } catch {
            #expect(error.description.contains(word), "\(error.description)")
        }
    }
}
