import Foundation
import Testing

@testable import Ingestion

@Suite("Pseudonymizer")
struct PseudonymizerTests {
    private let key = [UInt8](repeating: 7, count: 32)

    /// Python: hmac.new(bytes([7]*32), b"".join(len(p).to_bytes(8,"little")+p for p in [b"patient",b"",b"12345"]),
    /// "sha256").hexdigest()[:32]
    @Test func `a patient key is the HMAC of issuer and identifier`() {
        #expect(
            Pseudonymizer(key: key).patientKey(issuer: nil, identifier: "12345")
                == "p-\(Self.expectedPatient)")
    }

    private static let expectedPatient = "af49578323c2764e23dd795ea9f603bc"

    @Test func `parts are framed, so that moving a letter between them changes the pseudonym`() {
        let pseudonymizer = Pseudonymizer(key: key)
        #expect(
            pseudonymizer.patientKey(issuer: "ab", identifier: "c")
                != pseudonymizer.patientKey(issuer: "a", identifier: "bc"))
    }

    @Test func `another key gives other pseudonyms and another fingerprint`() {
        let one = Pseudonymizer(key: key)
        let other = Pseudonymizer(key: [UInt8](repeating: 8, count: 32))
        #expect(one.pathToken("a") != other.pathToken("a"))
        #expect(one.fingerprint != other.fingerprint)
    }

    @Test func `a key file that others may read is refused`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(key).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = PseudonymKeyFile(environment: ["SLICEHOUSE_PSEUDONYM_KEY": path])
        #expect(throws: IngestionError.self) { try file.open() }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(try file.open().isNew == false)
    }

    @Test func `a key file that was named and is missing is not made`() {
        let file = PseudonymKeyFile(environment: ["SLICEHOUSE_PSEUDONYM_KEY": "/no/such/key"])
        #expect(throws: IngestionError.self) { try file.open() }
    }

    @Test func `at the default place a key is made once, readable by its owner alone`() throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let file = PseudonymKeyFile(environment: ["HOME": home])
        let first = try file.open()
        let second = try file.open()
        #expect(first.isNew && !second.isNew)
        #expect(first.pseudonymizer.fingerprint == second.pseudonymizer.fingerprint)
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
