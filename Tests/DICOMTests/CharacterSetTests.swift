import Testing

@testable import DICOM

/// The examples of PS3.5 annexes H, I and J, byte for byte.
@Suite struct CharacterSetTests {
    private func name(_ bytes: [UInt8], set: String) throws -> (name: String?, warnings: [DICOMWarning.Code]) {
        var raw = RawDataSet()
        raw.explicit(.specificCharacterSet, .CS, set)
        raw.explicit(.patientName, .PN, bytes + (bytes.count.isMultiple(of: 2) ? [] : [0x20]))
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        return (file.header.patientName, file.warnings.map { $0.code })
    }

    private let escape = "\u{1B}"

    @Test func `H.3.1 Japanese with JIS X 0208`() throws {
        let text =
            "Yamada^Tarou=\(escape)$B;3ED\(escape)(B^\(escape)$BB@O:\(escape)(B="
            + "\(escape)$B$d$^$@\(escape)(B^\(escape)$B$?$m$&\(escape)(B "
        let read = try name([UInt8](text.utf8), set: "\\ISO 2022 IR 87")
        #expect(read.name == "Yamada^Tarou=山田^太郎=やまだ^たろう")
        #expect(read.warnings == [])
    }

    @Test func `H.3.2 Japanese with JIS X 0201 and JIS X 0208`() throws {
        let text =
            "=\(escape)$B;3ED\(escape)(J^\(escape)$BB@O:\(escape)(J=\(escape)$B$d$^$@\(escape)(J^\(escape)$B$?$m$&\(escape)(J"
        let romaji: [UInt8] = [0xD4, 0xCF, 0xC0, 0xDE, 0x5E, 0xC0, 0xDB, 0xB3]
        let read = try name(romaji + [UInt8](text.utf8), set: "ISO 2022 IR 13\\ISO 2022 IR 87")
        #expect(read.name == "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう")
    }

    @Test func `I.2 Korean with KS X 1001`() throws {
        let bytes =
            [UInt8]("Hong^Gildong=\(escape)$)C".utf8) + [0xFB, 0xF3, 0x5E] + [UInt8]("\(escape)$)C".utf8)
            + [0xD1, 0xCE, 0xD4, 0xD7, 0x3D] + [UInt8]("\(escape)$)C".utf8) + [0xC8, 0xAB, 0x5E]
            + [UInt8]("\(escape)$)C".utf8) + [0xB1, 0xE6, 0xB5, 0xBF, 0x20]
        #expect(try name(bytes, set: "\\ISO 2022 IR 149").name == "Hong^Gildong=洪^吉洞=홍^길동")
    }

    @Test func `J.1 and J.3 Chinese in UTF-8 and GB18030`() throws {
        #expect(try name([UInt8]("Wang^XiaoDong=王^小東".utf8), set: "ISO_IR 192").name == "Wang^XiaoDong=王^小東")
        let bytes = [UInt8]("Wang^XiaoDong=".utf8) + [0xCD, 0xF5, 0x5E, 0xD0, 0xA1, 0xB6, 0xAB, 0x20]
        #expect(try name(bytes, set: "GB18030").name == "Wang^XiaoDong=王^小东")
    }

    /// The designation of GB 2312 stands before each word, as PS3.5 K.3 has it at the beginning of each line.
    @Test func `Chinese with GB 2312 designated twice in one value`() throws {
        let designation = [UInt8]("\(escape)$)A".utf8)
        let words: [[UInt8]] = [
            [UInt8]("Zhang ".utf8), designation, [0xD5, 0xC5, 0x20], designation, [0xD0, 0xA1, 0xB6, 0xAB, 0x20],
        ]
        var raw = RawDataSet()
        raw.explicit(.specificCharacterSet, .CS, "\\ISO 2022 IR 58")
        raw.explicit(.manufacturer, .LO, words.flatMap { $0 })
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        #expect(file.header.manufacturer == "Zhang 张 小东")
        #expect(file.warnings == [])
        let parts: [[UInt8]] = [
            [UInt8]("Zhang^XiaoDong=".utf8), designation, [0xD5, 0xC5, 0x5E], designation, [0xD0, 0xA1, 0xB6, 0xAB],
        ]
        #expect(try name(parts.flatMap { $0 }, set: "\\ISO 2022 IR 58").name == "Zhang^XiaoDong=张^小东")
    }

    @Test(arguments: ["ISO_IR 100", "ISO IR 100", "ISO-IR 100", "ISO_IR_100"])
    func `Latin-1 is read under its name and its misspellings`(set: String) throws {
        let read = try name([0x42, 0x75, 0x63, 0x5E, 0x4A, 0xE9, 0x72, 0xF4], set: set)
        #expect(read.name == "Buc^Jérô")
        #expect(read.warnings == [])
    }

    @Test func `bytes without a usable set are guessed with a warning`() throws {
        let read = try name([0x4A, 0xE9], set: "KLINGON")
        #expect(read.name == "Jé")
        #expect(read.warnings == [.assumedCharacterSet])
    }
}
