import Datasets
import Testing

/// The reader XML of LIDC-IDRI, cut down to what decides.
@Suite("LIDC-IDRI readings")
struct LIDCReadingTests {
    private static let ratings = [
        "subtlety", "internalStructure", "calcification", "sphericity", "margin", "lobulation", "spiculation",
        "texture", "malignancy",
    ]

    private static func nodule(
        _ name: String, points: Int, rating: String? = "3", inclusion: String = "TRUE"
    ) -> String {
        let edges = (0..<points).map { "<edgeMap><xCoord>\(10 + $0)</xCoord><yCoord>\(20)</yCoord></edgeMap>" }.joined()
        let values = rating.map { value in
            "<characteristics>" + ratings.map { "<\($0)>\(value)</\($0)>" }.joined() + "</characteristics>"
        }
        return "<unblindedReadNodule><noduleID>\(name)</noduleID>\(values ?? "")<roi><imageZposition>-12.5"
            + "</imageZposition><imageSOP_UID>1.2.3</imageSOP_UID><inclusion>\(inclusion)</inclusion>\(edges)</roi>"
            + "</unblindedReadNodule>"
    }

    private static func message(_ sessions: String..., root: String = "LidcReadMessage") -> [UInt8] {
        let body = sessions.map { "<readingSession>\($0)</readingSession>" }.joined()
        return Array(
            """
            <?xml version="1.0"?><\(root) xmlns="http://www.nih.gov"><ResponseHeader>\
            <SeriesInstanceUid>1.9</SeriesInstanceUid></ResponseHeader>\(body)</\(root)>
            """.utf8)
    }

    private static func read(_ bytes: [UInt8]) throws -> MarkTable {
        let dataset = DatasetIdentity(name: "lidc-idri", version: "1", adapter: "lidc-idri", patientKeyKind: .research)
        return try MarkFilePlan(
            file: SourceFile(number: 1, relativePath: "1.xml"), dataset: dataset, sourceName: "reading",
            vocabulary: "lung-nodule", format: .lidc
        ).read(bytes)
    }

    @Test func `a session without marks is a reading all the same`() throws {
        let table = try Self.read(Self.message("", Self.nodule("1", points: 5)))
        #expect(table.series.map(\.seriesKey) == ["1.9"])
        #expect(table.series[0].readings.map(\.reader) == ["reader-1", "reader-2"])
        #expect(table.series[0].marks.map(\.reader) == ["reader-2"])
    }

    @Test func `contours with ratings are nodules, a single point is a small one`() throws {
        let table = try Self.read(
            Self.message(
                Self.nodule("1", points: 5) + Self.nodule("2", points: 1, rating: nil)
                    + Self.nodule("3", points: 5, rating: "0")
                    + "<nonNodule><nonNoduleID>4</nonNoduleID><imageZposition>1</imageZposition>"
                    + "<imageSOP_UID>1</imageSOP_UID><locus><xCoord>7</xCoord><yCoord>8</yCoord></locus></nonNodule>"
            ))
        let marks = table.series[0].marks
        #expect(marks.map(\.target) == ["nodule", "small-nodule", "unrated-nodule", "non-nodule"])
        #expect(marks[0].contours[0].points.count == 5 && marks[0].contours[0].points[1] == [11, 20])
        #expect(marks[0].ratings.map(\.characteristic) == Self.ratings)
        #expect(marks[3].contours[0].points == [[7, 8]])
        #expect(marks[0].contours[0].z == -12.5)
    }

    /// internalStructure goes to 4 and calcification to 6; pylidc issue 62 has a 5 of the former.
    @Test func `a rating outside its scale is kept as text`() throws {
        let five = try Self.read(Self.message(Self.nodule("1", points: 5, rating: "5"))).series[0].marks[0].ratings
        #expect(five.filter { $0.rating == nil }.map(\.characteristic) == ["internalStructure"])
        let six = try Self.read(Self.message(Self.nodule("1", points: 5, rating: "6"))).series[0].marks[0].ratings
        #expect(six.filter { $0.rating != nil }.map(\.characteristic) == ["calcification"])
        #expect(six.allSatisfy { $0.rawValue == "6" })
    }

    @Test func `an exclusion is told apart, and one name twice is two marks`() throws {
        let table = try Self.read(
            Self.message(Self.nodule("1", points: 5) + Self.nodule("1", points: 6, inclusion: "FALSE")))
        #expect(table.series[0].marks.map(\.key) == ["nodule:1", "nodule:1#2"])
        #expect(table.series[0].marks[1].contours[0].isInclusion == false)
    }

    /// Four points of five would be another outline, and a place for `nan` or 1e300 is nowhere.
    @Test(arguments: ["7O", "nan", "1e300", "inf", ""])
    func `a contour with an unreadable point is left out and told, the reading stays`(text: String) throws {
        let edges = ["10", text, "12"].map { "<edgeMap><xCoord>\($0)</xCoord><yCoord>20</yCoord></edgeMap>" }.joined()
        let spoilt =
            "<roi><imageZposition>-10</imageZposition><imageSOP_UID>1.2.4</imageSOP_UID>"
            + "<inclusion>TRUE</inclusion>\(edges)</roi>"
        let nodule = Self.nodule("1", points: 5).replacing(
            "</unblindedReadNodule>", with: spoilt + "</unblindedReadNodule>")
        let table = try Self.read(Self.message(nodule))
        #expect(table.series[0].marks.map(\.target) == ["nodule"])
        #expect(table.series[0].marks.first?.contours.map(\.sopInstanceUID) == ["1.2.3"])
        #expect(table.notes.map(\.check) == ["contour_unreadable"] && table.notes.first?.count == 1)

        let alone = "<unblindedReadNodule><noduleID>2</noduleID>\(spoilt)</unblindedReadNodule>"
        let other = try Self.read(Self.message(alone + Self.nodule("3", points: 5)))
        #expect(other.series[0].marks.map(\.key) == ["nodule:3"])
        #expect(other.series[0].readings.count == 1)
        #expect(other.notes.first?.sentence.contains("1 marks have no other") == true, "\(other.notes)")
    }

    @Test func `prefixes and UTF-16 change nothing`() throws {
        let plain = String(decoding: Self.message(Self.nodule("1", points: 5)), as: UTF8.self)
        let expected = try Self.read(Array(plain.utf8)).series
        let declared = plain.replacing("<?xml version=\"1.0\"?>", with: "<?xml version=\"1.0\" encoding=\"UTF-16\"?>")
        let little = declared.utf16.reduce(into: [0xFF, 0xFE] as [UInt8]) { bytes, unit in
            bytes += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        }
        let big = declared.utf16.reduce(into: [0xFE, 0xFF] as [UInt8]) { bytes, unit in
            bytes += [UInt8(unit >> 8), UInt8(unit & 0xFF)]
        }
        let prefixed = plain.replacing("</", with: "</l:").replacing("<", with: "<l:")
            .replacing("<l:/l:", with: "</l:").replacing("<l:?", with: "<?").replacing("xmlns=", with: "xmlns:l=")
        for bytes in [little, big, Array(prefixed.utf8)] {
            #expect(try Self.read(bytes).series == expected)
        }
        #expect(throws: LabelTableError.self) { try Self.read(Array(little.dropLast())) }
    }

    @Test(arguments: [
        ("<LidcReadMessage>", "not_xml"), ("", "not_xml"), ("not xml at all", "not_xml"),
        ("<IdriReadMessage></IdriReadMessage>", "not_a_ct_reading"),
        ("<LidcReadMessage><ResponseHeader/></LidcReadMessage>", "no_series"),
    ])
    func `what is no reading is refused by its code`(text: String, code: String) {
        #expect(throws: LabelTableError.self) { try Self.read(Array(text.utf8)) }
        do { _ = try Self.read(Array(text.utf8)) } catch { #expect((error as? LabelTableError)?.code == code) }
    }
}
