import BatchStream
import Imaging
import PixelCodec
import Testing
import Training
import Warehouse

@testable import Ingestion

/// The test vectors of docs/formats.md. They were computed with Python's hashlib and hmac, by the lines that stand
/// beside them there; here they are held against the code.
@Suite struct FormatVectorTests {
    private let text: String

    init() throws { text = try Repository.text("docs/formats.md") }

    @Test func `pixel digests`() throws {
        let grey = try PixelBuffer(rows: 2, columns: 2, elements: [UInt8(0), 1, 2, 255])
        let signed = try PixelBuffer(rows: 1, columns: 3, elements: [Int16(-1024), 0, 3071])
        #expect(text.contains(PixelDigest(of: grey).hex))
        #expect(text.contains(PixelDigest(of: signed).hex))
    }

    @Test func `content keys`() {
        let keys = [
            ContentKey("dataset", "physionet-ich", "1.3.1"), ContentKey("patient", 1_234_567_890_123_456_789, "049"),
            ContentKey("label"),
        ]
        for key in keys { #expect(text.contains("\(key.id())")) }
    }

    @Test func `pseudonyms and path tokens`() {
        let pseudonymizer = Pseudonymizer(key: Array(0..<32))
        #expect(text.contains(pseudonymizer.patientKey(issuer: nil, identifier: "12345")))
        #expect(text.contains(pseudonymizer.patientKey(issuer: "HOSP", identifier: "12345")))
        #expect(text.contains(pseudonymizer.pathToken("a/b.dcm")))
        #expect(text.contains(pseudonymizer.fingerprint))
    }

    @Test func `hashes of split units`() {
        for (seed, key) in [(0, "2248009437249380554"), (42, "2248009437249380554"), (-1, "7")] as [(Int64, String)] {
            let hash = UnitHash(seed: seed, unitKey: key)
            let begin = FileDigest.hex(Array(hash.digest.prefix(8)))
            #expect(text.contains("| \(seed) | `\(key)` | `\(begin)` | \(hash.fraction) |"))
        }
    }

    @Test func `order of samples`() {
        for (count, seed, epoch, name) in [
            (10, 0, 0, "| 10 | 0 | 0 |"), (10, 0, 1, "| 10 | 0 | 1 |"), (7, 12_345, 0, "| 7 | 12345 | 0 |"),
            (16, 1_099_511_627_779, 8_589_934_593, "| 16 | 2⁴⁰ + 3 | 2³³ + 1 |"),
        ] as [(Int, UInt64, UInt64, String)] {
            let permutation = FeistelPermutation(count: count, seed: seed, epoch: epoch)
            let order = (0..<count).map { String(permutation[$0]) }.joined(separator: " ")
            #expect(text.contains("\(name) \(order) |"))
        }
    }

    @Test func `run-length masks`() throws {
        let mask = try RunLengthMask(mask: [0, 0, 1, 1, 1, 0], rows: 2, columns: 3)
        #expect(mask.bytes == [2, 3, 1])
        #expect(text.contains("`02 03 01`"))
        let long = try RunLengthMask(mask: [UInt8](repeating: 1, count: 300), rows: 1, columns: 300)
        #expect(long.bytes == [0x00, 0xAC, 0x02])
        #expect(text.contains("`00 ac 02`"))
    }
}
