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

    @Test(arguments: [";", "\t", "|"])
    func `tables of LUNA16 are known whatever their delimiter, and empty ones by their published names`(
        delimiter: String
    ) async throws {
        let columns = ["seriesuid", "coordX", "coordY", "coordZ", "class"]
        let listing = ListingOfPaths(
            paths: ["x/candidates.csv", "x/annotations.csv", "x/CSVFILES/candidates_V2.csv", "x/y/annotations.csv"],
            texts: ["x/candidates.csv": columns.joined(separator: delimiter) + "\n"])
        let adapters = try await LUNA16.detect(in: listing)
        #expect(adapters.map(\.anchor) == ["x"])
        let plan = try await adapters[0].plan(listing)
        #expect(plan.markFiles.map(\.sourceName).sorted() == ["annotations", "candidates", "candidates_V2"])
        #expect(plan.ignored.map(\.file.relativePath) == ["x/y/annotations.csv"])
        #expect(plan.expectedTables.map(\.sourceNames) == [["annotations"], ["candidates", "candidates_V2"]])
    }

    /// Columns by which a table is read are those of its name; elsewhere a table without diameters is none of LUNA16.
    @Test func `tables of LUNA16 that lack a column are refused by name, and passed by elsewhere`() async throws {
        let points = "seriesuid,coordX,coordY,coordZ"
        let listing = ListingOfPaths(
            paths: [
                "x/annotations.csv", "x/candidates.csv", "x/annotations_with_malignancy.csv", "x/mine/points.csv",
                "x/annotations_excluded.csv",
            ],
            texts: [
                "x/annotations.csv": points + ",diam\n", "x/candidates.csv": points + "\n",
                "x/annotations_with_malignancy.csv": points + ",diameter_mm\n", "x/mine/points.csv": points + "\n",
                "x/annotations_excluded.csv": points + "\n",
            ])
        let adapters = try await LUNA16.detect(in: listing)
        #expect(adapters.map(\.anchor) == ["x"])
        let plan = try await adapters[0].plan(listing)
        #expect(plan.ignored.map(\.file.relativePath) == ["x/mine/points.csv"])
        var lacking: [String: String] = [:]
        for file in plan.markFiles {
            let text = listing.texts[file.file.relativePath] ?? ""
            do throws(LabelTableError) { _ = try file.read(Array(text.utf8)) } catch {
                lacking[file.sourceName] = error.sentence
            }
        }
        #expect(lacking["annotations"]?.contains("\"diameter_mm\"") == true, "\(lacking)")
        #expect(lacking["candidates"]?.contains("\"class\"") == true, "\(lacking)")
        #expect(lacking["annotations_with_malignancy"]?.contains("\"mal_bool\"") == true, "\(lacking)")
        #expect(lacking.count == 3 && plan.markFiles.count == 4)
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
        #expect(plan.expectedTables.map(\.sourceNames) == [["grades"]])
        #expect(plan.unmatched == nil)
    }

    /// The table of the source once more, for other files under other names.
    private static func table(_ name: String, insteadOf other: String? = nil) -> String {
        let start = source.firstRange(of: "  - file: tables")?.lowerBound ?? source.endIndex
        let own = String(source[start...]).replacing("grades", with: name)
        return "\n" + own + (other.map { "\n    instead_of: \($0)" } ?? "")
    }

    @Test func `each table of a source is expected but those that stand instead of another`() async throws {
        let text = Self.source + Self.table("people") + Self.table("old_grades", insteadOf: "grades")
        let source = try YAMLDocument.decode(DeclaredSource.self, from: text)
        let listing = ListingOfPaths(
            paths: ["d/tables/grades.csv"], texts: ["d/tables/grades.csv": "image,level\n7_left,3\n"])
        let plan = try await DeclaredAdapter.detect(source, in: listing)[0].plan(listing)
        #expect(plan.expectedTables.map(\.sourceNames) == [["grades", "old_grades"], ["people"]])
    }

    struct Table: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let name: String
        let columns: String
        let bytes: [UInt8]
    }

    /// UTF-16 with its mark.
    private static func utf16(_ text: String, isLittle: Bool) -> [UInt8] {
        let mark: [UInt8] = isLittle ? [0xFF, 0xFE] : [0xFE, 0xFF]
        return text.utf16.reduce(into: mark) { bytes, unit in
            let (low, high) = (UInt8(unit & 0xFF), UInt8(unit >> 8))
            bytes += isLittle ? [low, high] : [high, low]
        }
    }

    static let tables = [
        Table(
            testDescription: "names with spaces", name: "labels.csv", columns: "[Patient ID, BI RADS]",
            bytes: Array("Patient ID, BI  RADS\n1,2\n".utf8)),
        Table(
            testDescription: "a tab-separated table", name: "participants.tsv", columns: "[participant_id, sex]",
            bytes: Array("participant_id\tsex\nsub-01\tF\n".utf8)),
        // ISO 8859-1: ä is E4.
        Table(
            testDescription: "Latin-1", name: "labels.csv", columns: "[Bild, Qualität]",
            bytes: Array("Bild;Qualit".utf8) + [0xE4] + Array("t\n1;gut\n".utf8)),
        Table(
            testDescription: "UTF-16", name: "labels.csv", columns: "[Bild, Qualität]",
            bytes: utf16("Bild;Qualität\r\n1;gut\r\n", isLittle: true)),
        Table(
            testDescription: "a quoted name over two lines", name: "labels.csv", columns: "['Age (years)', level]",
            bytes: Array("\"Age\n(years)\",level\n1,2\n".utf8)),
        Table(
            testDescription: "a long table whose head ends within a character", name: "labels.csv",
            columns: "[Bild, Qualität]",
            bytes: Array(("Bild,Qualität\n" + String(repeating: "ä,ä\n", count: 20_000)).utf8)),
    ]

    @Test(arguments: tables)
    func `a declared table is known by the names that its reader finds`(table: Table) async throws {
        let text = Self.source.replacing(
            "{table: \"tables/grades.csv\", columns: [image, level]}",
            with: "{table: \(table.name), columns: \(table.columns)}")
        let source = try YAMLDocument.decode(DeclaredSource.self, from: text)
        let listing = ListingOfPaths(
            paths: ["d/\(table.name)", "d/7_left.jpeg"], bytes: ["d/\(table.name)": table.bytes])
        #expect(try await DeclaredAdapter.detect(source, in: listing).map(\.anchor) == ["d"])
        let other = ListingOfPaths(paths: listing.paths, texts: ["d/\(table.name)": "a,b\n1,2\n"])
        #expect(try await DeclaredAdapter.detect(source, in: other).isEmpty)
    }

    private static let masks = """
        source: clots
        version: "1"
        detect: [{folder: img}]
        images:
          - {files: img/*.png, names: '^(.+)$', patient: $1, study: s, series: img}
        masks:
          - files: seg/*.png
            names: '^(.+)$'
            patient: $1
            study: s
            series: seg
            of: img
            reader: {key: R1, kind: human}
            regions: [{target: one, values: [1]}, {target: two, values: [2, 3]}]
        """

    @Test(arguments: [
        ("values: [1]", "values: []", "'values' of one is []"), ("values: [1]", "values: [1.5]", "is [1.5]"),
        ("values: [1]", "values: [0]", "is [0]"), ("values: [1]", "values: [.inf]", "'values' of one"),
        ("target: two", "target: one", "have the target 'one'"),
        ("    reader", "    modality: SEG\n    reader", "'modality' is unknown"),
    ])
    func `a mistake in masks is named`(correct: String, wrong: String, word: String) throws {
        _ = try YAMLDocument.decode(DeclaredSource.self, from: Self.masks)
        let text = Self.masks.replacing(correct, with: wrong, maxReplacements: 1)
        #expect(text != Self.masks)
        let error = #expect(throws: TableError.self) { try YAMLDocument.decode(DeclaredSource.self, from: text) }
        #expect(error?.description.contains(word) == true, "\(String(describing: error))")
    }

    /// Namespaces in XML 1.0, 3: a prefix is no part of the local name. XML 1.0, 4.3.3: UTF-16 begins with a mark.
    @Test func `a reading with a prefix and one in UTF-16 are readings`() async throws {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<LidcReadMessage>"
        let listing = ListingOfPaths(
            paths: ["a/1.xml", "a/2.xml"],
            texts: ["a/1.xml": "<?xml version=\"1.0\"?>\n<l:LidcReadMessage xmlns:l=\"http://www.nih.gov\">"],
            bytes: ["a/2.xml": Self.utf16(text, isLittle: false)])
        let plan = try await LIDC.detect(in: listing)[0].plan(listing)
        #expect(plan.markFiles.map(\.file.name) == ["1.xml", "2.xml"])
    }

    /// Of formats that are read by their names; what no layout takes alone counts.
    @Test func `image files that a declared source passes by are counted beside its table`() async throws {
        let source = try YAMLDocument.decode(
            DeclaredSource.self, from: Self.source.replacing("**/*.jpeg", with: "train/*.jpeg"))
        let listing = ListingOfPaths(
            paths: [
                "d/tables/grades.csv", "d/small/7_left.jpeg", "d/small/7_right.png", "d/notes.txt", "d/8_left.dcm",
            ],
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
        ("name: grades", "name: grades\n    instead_of: marks", "'instead_of' is marks, and no table of this name"),
        ("name: grades", "name: grades\n    instead_of: grades", "'instead_of' is grades, and no table of this name"),
        ("    slice: \"1\"", "    slice: '{nosuch'", "the brace of '{nosuch' is not closed"),
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
