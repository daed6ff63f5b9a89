import Tables
import Testing

@Suite struct CSVWriterTests {
    private func text(_ writer: CSVWriter) -> String { String(decoding: writer.bytes, as: UTF8.self) }

    /// `csv.writer(f, lineterminator='\n').writerow(...)`, and quotes around cells with spaces at an end.
    @Test func `only cells that need quotes get them`() {
        var writer = CSVWriter()
        writer.append(["a", "b,c", "d\"e", "f\ng", "", nil, " h", "größe"])
        #expect(text(writer) == "a,\"b,c\",\"d\"\"e\",\"f\ng\",,,\" h\",größe\n")
    }

    @Test func `an empty string can be told from nothing`() {
        var writer = CSVWriter(quoting: .minimalWithQuotedEmpty)
        writer.append(["", nil, "x"])
        #expect(text(writer) == "\"\",,x\n")
    }

    @Test func `line ends, mark and delimiter are options`() {
        var writer = CSVWriter(delimiter: UInt8(ascii: ";"), lineEnding: .crlf, quoting: .all, hasByteOrderMark: true)
        writer.append(["a", nil, "b"])
        #expect(writer.takeBytes() == [0xEF, 0xBB, 0xBF] + Array("\"a\";;\"b\"\r\n".utf8))
        #expect(writer.bytes.isEmpty)
    }

    @Test func `what is written is read`() throws {
        let rows = [
            ["x", " padded ", "q\"\"q"], ["\r", "\n", "\r\n"], ["", "", ""], ["\u{FEFF}a", "é", "\u{1F9E0}"],
        ]
        for ending in [CSVWriter.LineEnding.lf, .crlf] {
            var writer = CSVWriter(lineEnding: ending)
            for row in rows { writer.append(row) }
            let options = CSVOptions(delimiter: UInt8(ascii: ","), headerRows: .none)
            #expect(try CSVTable(bytes: writer.bytes, options: options).rows.map(\.cells) == rows)
        }
    }

    @Test func `an empty cell alone in its record is not a blank line`() throws {
        var writer = CSVWriter()
        writer.append([""])
        #expect(text(writer) == "\"\"\n")
        #expect(try CSVTable(bytes: writer.bytes, options: CSVOptions(headerRows: .none)).rows.map(\.cells) == [[""]])
    }
}
