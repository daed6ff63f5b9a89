/// Who a synthetic patient claims to be: names, numbers and dates as a hospital would type them.
///
/// The names are those of sample forms; nobody is meant.
struct SyntheticPerson: Sendable {
    let number: Int
    /// PN: family^given.
    let name: String
    /// The repertoire the name is written in.
    let characterSet: String?
    let identifier: String
    let isMale: Bool
    let ageYears: Int
    /// DA.
    let birthDate: String
    let weightKilograms: Double
    let address: String
    let telephone: String

    private static let families = [
        "Mustermann", "Sampleton", "Testova", "Probeková", "Müller-Phantom", "Placeholder", "Exemplar", "Dummyson",
        "Beispiel", "Ficticio", "Fantôme", "Ensayo",
    ]
    private static let women = ["Erika", "Jane", "Anna", "Zuzana", "Maria", "Lin", "Ingrid", "Rosa"]
    private static let men = ["Max", "John", "Pavel", "Jörg", "José", "Wei", "Olaf", "Hugo"]
    private static let streets = ["Nowhere Lane", "Template Street", "Null Avenue", "Placeholder Road"]

    init(seed: UInt64, number: Int, canaries: DICOMPhantomOptions.Canaries) {
        var generator = SeededGenerator(seed: seed, key: 20, UInt64(number))
        self.number = number
        isMale = generator.index(below: 2) == 0
        ageYears = 1 + generator.index(below: 88)
        let family = canaries.name ?? generator.pick(Self.families)
        let given = generator.pick(isMale ? Self.men : Self.women)
        let middle = canaries.name ?? ""
        name = middle.isEmpty ? "\(family)^\(given)" : "\(family)^\(given)^\(middle)"
        characterSet = name.utf8.allSatisfy { $0 < 0x80 } ? nil : number.isMultiple(of: 2) ? "ISO_IR 192" : "ISO_IR 100"
        let digits = String(10_000_000 + generator.index(below: 89_999_999))
        let ownIdentifier = number.isMultiple(of: 3) ? "PHANTOM-" + digits : digits
        identifier = canaries.identifier.map { "\($0)-\(number)" } ?? ownIdentifier
        let year = 2018 - ageYears
        let month = 1 + generator.index(below: 12)
        let day = 1 + generator.index(below: 28)
        birthDate = canaries.birthDate ?? Self.date(year, month, day)
        weightKilograms = Double((ageYears < 12 ? 8 + 3 * ageYears : 55 + generator.index(below: 45)))
        address = "\(1 + generator.index(below: 200)) \(generator.pick(Self.streets))^^Testville^^00000"
        telephone = "555-01" + String(10 + generator.index(below: 89))
    }

    /// AS, four characters: 034Y.
    var age: String { Self.padded(ageYears, 3) + "Y" }

    /// A DA.
    static func date(_ year: Int, _ month: Int, _ day: Int) -> String {
        padded(year, 4) + padded(month, 2) + padded(day, 2)
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
