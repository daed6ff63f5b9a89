import Foundation
import Tables
import Testing

/// Cells are what Python's `csv.reader` gives for the same text unless a test says otherwise.
@Suite struct CSVReaderTests {
    private func cells(_ text: String, _ options: CSVOptions = CSVOptions(headerRows: .none)) throws -> [[String]] {
        try cells(Array(text.utf8), options)
    }

    private func cells(_ bytes: [UInt8], _ options: CSVOptions = CSVOptions(headerRows: .none)) throws -> [[String]] {
        try CSVTable(bytes: bytes, options: options).rows.map(\.cells)
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func `every line end ends a record`(_ end: String) throws {
        #expect(try cells("a,b\(end)c,d\(end)") == [["a", "b"], ["c", "d"]])
        #expect(try cells("a,b\(end)c,d") == [["a", "b"], ["c", "d"]])
    }

    /// list(csv.reader(['"a,b","c ""d""","","e\nf",g"h,"i"j\n'])) and so on
    @Test func `quotes are resolved as Python does`() throws {
        #expect(try cells("\"a,b\",\"c \"\"d\"\"\",\"\",\"e\r\nf\"\n") == [["a,b", "c \"d\"", "", "e\r\nf"]])
        #expect(try cells("g\"h,\"i\"j,\"k\"\"l\"m\"n,o\n") == [["g\"h", "ij", "k\"lm\"n", "o"]])
        #expect(try cells("x, \"y\" ,z\n") == [["x", " \"y\" ", "z"]])
        #expect(try cells("\"\"\"\",\"\"") == [["\"", ""]])
    }

    @Test func `empty cells and white space are kept as written`() throws {
        #expect(try cells(",, a ,\n,,,\n") == [["", "", " a ", ""], ["", "", "", ""]])
        #expect(try cells("a,") == [["a", ""]])
        #expect(try cells("") == [])
    }

    @Test func `blank lines are skipped and counted unless asked for`() throws {
        let table = try CSVTable(bytes: Array("a\n\n1\n\r\n2\n\n".utf8))
        #expect(table.rows.map(\.cells) == [["1"], ["2"]])
        #expect(table.rows.map(\.lineNumber) == [3, 5])
        #expect(table.rows.map(\.recordNumber) == [2, 3])
        #expect(table.warnings == [.blankLines(count: 3)])
        var options = CSVOptions(headerRows: .none)
        options.keepsBlankLines = true
        #expect(try cells("a\n\nb", options) == [["a"], [""], ["b"]])
    }

    @Test func `a quoted line break moves the line number and not the record number`() throws {
        let table = try CSVTable(bytes: Array("id,note\r\n1,\"two\r\nlines\"\r\n2,x\r\n".utf8))
        #expect(table.rows.map(\.recordNumber) == [2, 3])
        #expect(table.rows.map(\.lineNumber) == [2, 4])
    }

    @Test func `ragged records are given as they are and reported`() throws {
        let table = try CSVTable(bytes: Array("a,b,c\n1,2,3\n4,5\n6,7,8,9\n".utf8))
        #expect(table.rows.map(\.cells.count) == [3, 2, 4])
        #expect(table.rows[1][2] == nil)
        #expect(table.warnings == [.raggedRecords(count: 2, firstRecord: 3)])
    }

    @Test(arguments: [",", ";", "\t", "|"]) func `the delimiter is found`(_ delimiter: String) throws {
        let rows = [["Patient Number", "Age\n(years)", "Note"], ["49", "0,5; x", "a|b"], ["50", "8", ""]]
        var writer = CSVWriter(delimiter: try #require(delimiter.utf8.first))
        for row in rows { writer.append(row) }
        let table = try CSVTable(bytes: writer.bytes)
        #expect(table.dialect.delimiter == delimiter.utf8.first)
        #expect(table.rows.map(\.cells) == Array(rows.dropFirst()))
    }

    @Test func `decimal commas do not hide a semicolon`() throws {
        let text = "id;x;y\n1;0,5;1,5\n2;2,5;3,5\n"
        #expect(try cells(text) == [["id", "x", "y"], ["1", "0,5", "1,5"], ["2", "2,5", "3,5"]])
    }

    @Test func `a byte-order mark is no part of the first name`() throws {
        let table = try CSVTable(bytes: [0xEF, 0xBB, 0xBF] + Array("ID,Label\nx,1\n".utf8))
        #expect(table.header.names == ["ID", "Label"])
        #expect(table.column(named: "id") == 0)
    }

    /// "ID,Größe\n1,\u{1F9E0}\n".encode('utf-16-le') and 'utf-16-be' behind their marks
    @Test(arguments: [true, false], [3, 4, 5, 7, 4_096]) func `UTF-16 with its mark is read in pieces of any size`(
        _ isLittle: Bool, _ blockByteCount: Int
    ) throws {
        let units = Array("\u{FEFF}ID,Größe\r\n1,\u{1F9E0}\r\n".utf16)
        let bytes = units.flatMap { unit in
            isLittle ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
        }
        let table = try CSVTable(bytes: bytes, options: CSVOptions(blockByteCount: blockByteCount))
        #expect(table.header.names == ["ID", "Größe"])
        #expect(table.rows.map(\.cells) == [["1", "\u{1F9E0}"]])
        #expect(table.dialect.encoding == (isLittle ? .utf16LittleEndian : .utf16BigEndian))
    }

    @Test func `UTF-16 that ends inside a character is refused`() {
        let cut: [UInt8] = [0xFF, 0xFE, 0x41, 0, 0x42]
        #expect(codeOf { try CSVTable(bytes: cut) } == .invalidEncoding)
        let lone: [UInt8] = [0xFF, 0xFE, 0x3E, 0xD8, 0x41, 0]
        #expect(codeOf { try CSVTable(bytes: lone) } == .invalidEncoding)
    }

    /// 'Größe – Ärztin “x”'.encode('cp1252')
    @Test func `text that is not UTF-8 is read as Windows-1252 and reported`() throws {
        let bytes = Array("id,note\n1,Gr".utf8) + [0xF6, 0xDF, 0x65, 0x20, 0x96, 0x20, 0xC4, 0x93, 0x94, 0x80, 0x0A]
        let table = try CSVTable(bytes: bytes)
        #expect(table.rows.map(\.cells) == [["1", "Größe – Ä“”€"]])
        #expect(table.dialect.encoding == .windows1252)
        #expect(table.warnings == [.notUTF8(firstRecord: 1)])
    }

    @Test func `a zero byte is refused with its line`() {
        let error = errorOf { try CSVTable(bytes: Array("a,b\n1,2\n3,".utf8) + [0] + Array("\n".utf8)) }
        #expect(error?.code == .nulByte)
        #expect(error?.line == 3)
    }

    @Test func `a quote that is never closed is refused with the line where it opens`() {
        let error = errorOf { try CSVTable(bytes: Array("a,b\n1,2\n3,\"DOE^JANE\n4,5\n".utf8)) }
        #expect(error?.code == .unterminatedQuote)
        #expect(error?.line == 3)
        #expect(error?.description.contains("JANE") == false)
    }

    @Test func `a record beyond the limit is refused`() {
        let text = "a,b\n1,\"" + String(repeating: "x", count: 5_000) + "\"\n"
        let options = CSVOptions(maximumRecordByteCount: 1_024, blockByteCount: 256)
        #expect(codeOf { try CSVTable(bytes: Array(text.utf8), options: options) } == .recordTooLong)
    }

    /// The law of the reader: where the blocks are cut changes nothing.
    @Test func `every block size gives the same records, numbers and warnings`() throws {
        let text =
            "id,\"na\nme\",c\r\n1,\"a \"\"q\"\", b\r\n\",x\r\n\r\n2,,\"\"\n"
            + "3,\"ü\",y\r4,\"\"\"\",z,extra\n\"5\"x,é,\"last\""
        let whole = try CSVTable(bytes: Array(text.utf8))
        let expected = [
            ["1", "a \"q\", b\r\n", "x"], ["2", "", ""], ["3", "ü", "y"], ["4", "\"", "z", "extra"],
            ["5x", "é", "last"],
        ]
        #expect(whole.rows.map(\.cells) == expected)
        for blockByteCount in 1...text.utf8.count + 1 {
            let options = CSVOptions(delimiter: UInt8(ascii: ","), blockByteCount: blockByteCount)
            let table = try CSVTable(bytes: Array(text.utf8), options: options)
            #expect(table.rows == whole.rows, "\(blockByteCount) bytes")
            #expect(table.warnings == whole.warnings)
        }
    }

    @Test func `a file by path gives what its bytes give`() throws {
        let rows = (0..<5_000).map { ["ID_\($0)_any", "\($0 % 2)", $0 % 7 == 0 ? "a \"q\", \n b" : ""] }
        var writer = CSVWriter(lineEnding: .crlf, hasByteOrderMark: true)
        writer.append(["ID", "Label", "Note"])
        for row in rows { writer.append(row) }
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(writer.bytes).write(to: url)
        let reader = try CSVReader(path: url.path, options: CSVOptions(blockByteCount: 1_000))
        var read: [[String]] = []
        while let row = try reader.next() { read.append(row.strings) }
        #expect(read == rows)
        try FileManager.default.removeItem(at: url)
        #expect(codeOf { try CSVReader(path: url.path) } == .unreadable)
    }

    @Test func `integers are read without a string`() throws {
        let options = CSVOptions(headerRows: .none)
        let text = "0,-12,+7,\"42\",,1.0, 1,9999999999999999999,--1"
        let reader = try CSVReader(bytes: Array(text.utf8), options: options)
        let row = try #require(try reader.next())
        #expect((0..<10).map { row.integer(at: $0) } == [0, -12, 7, 42, nil, nil, nil, nil, nil, nil])
        #expect(row.isEmpty(at: 4) && row.isEmpty(at: 9) && !row.isEmpty(at: 0))
    }

    @Test func `a file without a header is refused where one is needed`() {
        #expect(codeOf { try CSVTable(bytes: []) } == .empty)
        #expect(codeOf { try CSVTable(bytes: [0xEF, 0xBB, 0xBF, 0x0A]) } == .empty)
        do {
            _ = try CSVTable(bytes: [])
        } catch {
            #expect("\(error)".hasSuffix("it has no header; copy it again from its source."), "\(error)")
        }
    }

    @Test func `contradictory options are refused`() {
        let options = CSVOptions(delimiter: UInt8(ascii: "\""))
        #expect(codeOf { try CSVTable(bytes: [0x61], options: options) } == .invalidDialect)
    }
}

func errorOf<T>(_ body: () throws -> T) -> TableError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? TableError
    }
}

func codeOf<T>(_ body: () throws -> T) -> TableError.Code? { errorOf(body)?.code }
