/// One examination of one synthetic patient: when, where, on which scanner, in which folder.
struct SyntheticStudy: Sendable {
    /// The series a study may have, in their order.
    enum Kind: UInt64, Sendable {
        case localizer = 1
        case soft = 2
        case bone = 3
        case doseReport = 99
    }

    let person: SyntheticPerson
    /// Counts from 1 within the patient.
    let number: Int
    let dialect: ScannerDialect
    let uid: String
    let frameOfReferenceUID: String
    /// DA and TM.
    let date: String
    let time: String
    let accessionNumber: String
    let institution: String
    let kinds: [Kind]
    let sliceCount: Int
    /// Degrees; positive tilts the top of the gantry towards the feet.
    let tilt: Double
    /// Height of the first slice on the table, millimetres.
    let tableStart: Double
    let fieldOfView: Double
    private let options: DICOMPhantomOptions

    private static let institutions = [
        "Synthetic General Hospital", "Phantom University Clinic", "Model City Radiology",
    ]

    init(_ options: DICOMPhantomOptions, person: SyntheticPerson, number: Int) {
        var generator = SeededGenerator(seed: options.seed, key: 21, UInt64(person.number), UInt64(number))
        self.person = person
        self.number = number
        self.options = options
        dialect = ScannerDialect.all[(person.number + number - 2) % ScannerDialect.all.count]
        uid = SyntheticUID.make(seed: options.seed, 1, UInt64(person.number), UInt64(number))
        frameOfReferenceUID = SyntheticUID.make(seed: options.seed, 2, UInt64(person.number), UInt64(number))
        date = SyntheticPerson.date(2018, 2 + generator.index(below: 7), 1 + generator.index(below: 28))
        let hour = SyntheticPerson.padded(generator.index(below: 24), 2)
        time = hour + SyntheticPerson.padded(generator.index(below: 60), 2) + "17.250000"
        let accession = "A" + String(1_000_000 + generator.index(below: 8_999_999))
        accessionNumber = options.canaries.identifier.map { String("\($0)\(number)".prefix(16)) } ?? accession
        institution = generator.pick(Self.institutions)
        var kinds: [Kind] = [.localizer, .soft]
        if !person.number.isMultiple(of: 3) { kinds.append(.bone) }
        if dialect.hasDoseReport { kinds.append(.doseReport) }
        self.kinds = kinds
        sliceCount = options.slicesPerSeries ?? 28 + generator.index(below: 9)
        tilt = options.gantryTilt ?? dialect.tilt
        tableStart = Double(-700 + generator.index(below: 400))
        fieldOfView = Double(generator.uniform(215...245)).rounded()
    }

    func seriesUID(_ kind: Kind) -> String {
        SyntheticUID.make(seed: options.seed, 3, UInt64(person.number), UInt64(number), kind.rawValue)
    }

    func instanceUID(_ kind: Kind, _ instance: Int) -> String {
        SyntheticUID.make(seed: options.seed, 4, UInt64(person.number), UInt64(number), kind.rawValue, UInt64(instance))
    }

    /// The scan to render.
    var plan: HeadStack.Plan {
        HeadStack.Plan(
            patient: 100_000 + person.number * 32 + number, ageYears: Double(person.ageYears), isMale: person.isMale,
            sliceCount: sliceCount, topSlice: max(0, sliceCount - 3), bleeding: bleeding, fractures: [],
            isChronic: false)
    }

    /// Every second study bleeds in a few slices of the middle.
    private var bleeding: [HaemorrhageKind: [Int]] {
        guard (person.number + number).isMultiple(of: 2), sliceCount >= 20 else { return [:] }
        let kinds = HaemorrhageKind.allCases
        let middle = sliceCount * 5 / 8
        return [kinds[(person.number + number) / 2 % kinds.count]: Array(middle - 3...middle + 2)]
    }

    /// Folder of a series, in one of three styles that exports have.
    func folder(_ kind: Kind) -> String {
        let canary = options.canaries.fileName.map { "_" + $0 } ?? ""
        switch person.number % 3 {
        case 1:
            return "DICOM/PA\(SyntheticPerson.padded(person.number, 6))\(canary)/ST\(SyntheticPerson.padded(number, 6))"
                + "/SE\(SyntheticPerson.padded(Int(kind.rawValue), 6))"
        case 2:
            let hex = String(person.number * 7919 + number * 104_729, radix: 16, uppercase: true)
            return "export\(canary)/0000\(hex)/\(String(kind.rawValue * 48271, radix: 16, uppercase: true))"
        default:
            return "archive/2018/\(date)\(canary)/\(uid)/\(seriesUID(kind))"
        }
    }

    /// Name of an instance's file; only the third style has an extension.
    func fileName(_ kind: Kind, _ instance: Int) -> String {
        switch person.number % 3 {
        case 1: "IM" + SyntheticPerson.padded(instance, 6)
        case 2: String(0xA000 + instance * 37, radix: 16, uppercase: true)
        default: "CT.\(instanceUID(kind, instance)).dcm"
        }
    }
}
