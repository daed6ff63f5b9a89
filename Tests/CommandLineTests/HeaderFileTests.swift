import Foundation
import TestSupport
import Testing

/// `slicehouse header FILE` against dcmdump and pydicom, attribute by attribute.
@Suite("Header of a file")
struct HeaderFileTests {
    private static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: run make oracle"
    private static let dcmdump = "/usr/bin/dcmdump"

    /// Compares DICOM JSON with pydicom's: numbers that we keep as text by value, long binary by length.
    private static let script = """
        import base64, json, sys
        import pydicom
        def same(ours, theirs):
            if ours.get('vr') != theirs.get('vr'):
                return False
            if 'slicehouseLength' in ours:
                return len(base64.b64decode(theirs['InlineBinary'])) == ours['slicehouseLength']
            if 'InlineBinary' in ours or 'InlineBinary' in theirs:
                return ours.get('InlineBinary') == theirs.get('InlineBinary')
            left, right = ours.get('Value', []), theirs.get('Value', [])
            if ours['vr'] == 'SQ':
                return len(left) == len(right) and all(equal(a, b) == [] for a, b in zip(left, right))
            if ours['vr'] in ('DS', 'IS', 'SV', 'UV'):
                return [None if v is None else float(v) for v in left] == [None if v is None else float(v) for v in right]
            return left == right
        def equal(ours, theirs):
            theirs = {tag: value for tag, value in theirs.items() if tag not in ('7FE00010', '00280010x')}
            if set(ours) != set(theirs):
                return [sorted(set(ours) ^ set(theirs))]
            return [tag for tag in ours if not same(ours[tag], theirs[tag])]
        print(equal(json.load(open(sys.argv[1])), pydicom.dcmread(sys.argv[2]).to_json_dict(bulk_data_threshold=10**9)))
        """

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `JSON is what pydicom gives`() async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        for name in cohort.files().filter({ !$0.hasSuffix(".json") }).prefix(6) {
            let ours = try await program.run("header", cohort.path(name), "--json")
            #expect(ours.exitCode == 0, "\(ours.error)")
            try home.write(ours.output, to: "ours.json")
            let answer = try await program.run(
                tool: Self.python, ["-c", Self.script, home.path("ours.json"), cohort.path(name)])
            #expect(answer.output == "[]\n", "\(name): \(answer.output)\(answer.error)")
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: dcmdump), "dcmdump is not installed"))
    func `text has the tags, representations and values of dcmdump`() async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        for name in cohort.files().filter({ !$0.hasSuffix(".json") }).prefix(6) {
            let ours = try await program.run("header", cohort.path(name)).output
            let theirs = try await program.run(tool: Self.dcmdump, ["-Un", "+L", cohort.path(name)]).output
            let known = Set(Self.attributes(ours))
            let missing = Self.attributes(theirs).filter { !known.contains($0) && !$0.hasPrefix("(7fe0,0010)") }
            #expect(missing == [], "\(name)")
        }
    }

    /// dcmdump 3.6.7: `(0010,0010) PN [A^B^^^\C==D]`.
    @Test func `names keep their empty groups and components`() async throws {
        let name = [UInt8]("A^B^^^\\C==D ".utf8)
        let parts: [[UInt8]] = [
            [UInt8](repeating: 0, count: 128), [UInt8]("DICM".utf8), [2, 0, 0x10, 0], [UInt8]("UI".utf8), [20, 0],
            [UInt8]("1.2.840.10008.1.2.1\0".utf8), [8, 0, 0x60, 0], [UInt8]("CS".utf8), [2, 0], [UInt8]("OT".utf8),
            [0x10, 0, 0x10, 0], [UInt8]("PN".utf8), [UInt8(name.count), 0], name,
        ]
        let home = try TemporaryFolder()
        try home.write(parts.flatMap { $0 }, to: "name.dcm")
        let answer = try await Program(home: home).run("header", home.path("name.dcm"))
        #expect(answer.output.contains("(0010,0010) PN [A^B^^^\\C==D]"))
    }

    /// `(gggg,eeee) VR value` of each line that is an attribute with a plain value.
    private static func attributes(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let trimmed = line.drop { $0 == " " }
            guard trimmed.hasPrefix("("), !trimmed.hasPrefix("(fffe"), !trimmed.contains(" SQ "),
                let end = trimmed.range(of: " #", options: .backwards)?.lowerBound
            else { return nil }
            let words = trimmed[..<end].split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count == 3, words[0] != "(0002,0000)" else { return nil }
            var value = words[2]
            while value.last == " " { value.removeLast() }
            // dcmdump shows the padding of UIDs and texts of odd length inside the brackets.
            return "\(words[0]) \(words[1]) \(value.replacing(" ]", with: "]"))"
        }
    }
}
