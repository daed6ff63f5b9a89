/// One row of the cohort before its findings: who, and how many slices each version has.
struct CohortEntry: Sendable {
    enum Sex: String, Sendable {
        case male = "Male"
        case female = "Female"
    }

    let number: Int
    /// Years, as the demographics table writes them; fractions are infants.
    let age: String
    let sex: Sex
    /// Slices of version 1.0.0.
    let jpegCount: Int
    /// Slices of version 1.3.1, which lacks seven patients.
    let niftiCount: Int?

    init(_ number: Int, _ age: String, _ sex: Sex, jpeg: Int, nifti: Int?) {
        self.number = number
        self.age = age
        self.sex = sex
        jpegCount = jpeg
        niftiCount = nifti
    }

    /// What a slice number of 1.3.1 is ahead of the same slice's number in 1.0.0.
    ///
    /// The seven positive patients are those of the real set; 55 and 108, whose volumes are as long, follow them.
    static let offsets = [51: 9, 55: 18, 76: 18, 79: 5, 81: 18, 84: 13, 85: 9, 86: 4, 108: 20]

    /// All 82 patients.
    ///
    /// Slice counts are the published ones where they are known, the others are made to fit the totals: 2,501 and 2,814
    /// slices, 46 men and 36 women, mean age 27.8437 years with a standard deviation of 19.5209.
    static let all: [CohortEntry] = [
        CohortEntry(49, "35", .male, jpeg: 33, nifti: 39),
        CohortEntry(50, "1", .female, jpeg: 26, nifti: 32),
        CohortEntry(51, "15", .male, jpeg: 32, nifti: 46),
        CohortEntry(52, "8", .male, jpeg: 30, nifti: 35),
        CohortEntry(53, "47", .female, jpeg: 33, nifti: 35),
        CohortEntry(54, "0.583333333", .male, jpeg: 30, nifti: 35),
        CohortEntry(55, "57", .male, jpeg: 33, nifti: 56),
        CohortEntry(56, "68", .male, jpeg: 30, nifti: 36),
        CohortEntry(57, "10", .male, jpeg: 31, nifti: 33),
        CohortEntry(58, "28", .male, jpeg: 34, nifti: 38),
        CohortEntry(59, "21", .male, jpeg: 29, nifti: nil),
        CohortEntry(60, "1", .female, jpeg: 28, nifti: nil),
        CohortEntry(61, "3", .female, jpeg: 30, nifti: nil),
        CohortEntry(62, "37", .male, jpeg: 29, nifti: nil),
        CohortEntry(63, "37", .female, jpeg: 28, nifti: nil),
        CohortEntry(64, "21", .male, jpeg: 29, nifti: nil),
        CohortEntry(65, "55", .female, jpeg: 29, nifti: nil),
        CohortEntry(66, "4", .male, jpeg: 29, nifti: 34),
        CohortEntry(67, "28", .female, jpeg: 28, nifti: 31),
        CohortEntry(68, "31", .male, jpeg: 26, nifti: 32),
        CohortEntry(69, "18", .male, jpeg: 34, nifti: 40),
        CohortEntry(70, "48", .male, jpeg: 34, nifti: 39),
        CohortEntry(71, "72", .female, jpeg: 29, nifti: 34),
        CohortEntry(72, "31", .male, jpeg: 30, nifti: 33),
        CohortEntry(73, "30", .male, jpeg: 33, nifti: 37),
        CohortEntry(74, "36", .male, jpeg: 33, nifti: 39),
        CohortEntry(75, "68", .female, jpeg: 33, nifti: 36),
        CohortEntry(76, "21", .male, jpeg: 29, nifti: 51),
        CohortEntry(77, "52", .male, jpeg: 31, nifti: 36),
        CohortEntry(78, "43", .female, jpeg: 28, nifti: 32),
        CohortEntry(79, "21", .female, jpeg: 26, nifti: 40),
        CohortEntry(80, "50", .male, jpeg: 27, nifti: 32),
        CohortEntry(81, "8", .female, jpeg: 29, nifti: 56),
        CohortEntry(82, "52", .female, jpeg: 32, nifti: 36),
        CohortEntry(83, "9", .male, jpeg: 31, nifti: 33),
        CohortEntry(84, "25", .female, jpeg: 36, nifti: 52),
        CohortEntry(85, "0.002747253", .male, jpeg: 19, nifti: 34),
        CohortEntry(86, "27", .female, jpeg: 29, nifti: 37),
        CohortEntry(87, "41", .female, jpeg: 34, nifti: 41),
        CohortEntry(88, "50", .female, jpeg: 29, nifti: 34),
        CohortEntry(89, "43", .female, jpeg: 30, nifti: 32),
        CohortEntry(90, "27", .male, jpeg: 33, nifti: 40),
        CohortEntry(91, "8", .female, jpeg: 33, nifti: 40),
        CohortEntry(92, "37", .female, jpeg: 34, nifti: 40),
        CohortEntry(93, "34", .male, jpeg: 33, nifti: 39),
        CohortEntry(94, "7", .female, jpeg: 32, nifti: 47),
        CohortEntry(95, "48", .female, jpeg: 28, nifti: 35),
        CohortEntry(96, "24", .female, jpeg: 29, nifti: 35),
        CohortEntry(97, "10", .female, jpeg: 31, nifti: 33),
        CohortEntry(98, "37", .male, jpeg: 30, nifti: 39),
        CohortEntry(99, "3", .male, jpeg: 33, nifti: 35),
        CohortEntry(100, "0.6", .male, jpeg: 31, nifti: 37),
        CohortEntry(101, "7", .male, jpeg: 27, nifti: 36),
        CohortEntry(102, "46", .male, jpeg: 29, nifti: 35),
        CohortEntry(103, "6", .male, jpeg: 30, nifti: 33),
        CohortEntry(104, "32", .male, jpeg: 28, nifti: 34),
        CohortEntry(105, "5", .female, jpeg: 31, nifti: 38),
        CohortEntry(106, "49", .male, jpeg: 28, nifti: 33),
        CohortEntry(107, "8", .male, jpeg: 31, nifti: 33),
        CohortEntry(108, "41", .male, jpeg: 33, nifti: 58),
        CohortEntry(109, "6", .male, jpeg: 30, nifti: 35),
        CohortEntry(110, "19", .female, jpeg: 32, nifti: 38),
        CohortEntry(111, "53", .female, jpeg: 32, nifti: 37),
        CohortEntry(112, "19", .female, jpeg: 33, nifti: 38),
        CohortEntry(113, "2", .male, jpeg: 29, nifti: 33),
        CohortEntry(114, "47", .female, jpeg: 31, nifti: 35),
        CohortEntry(115, "41", .male, jpeg: 26, nifti: 34),
        CohortEntry(116, "16", .male, jpeg: 28, nifti: 31),
        CohortEntry(117, "51", .male, jpeg: 29, nifti: 33),
        CohortEntry(118, "7", .female, jpeg: 33, nifti: 38),
        CohortEntry(119, "19", .male, jpeg: 28, nifti: 35),
        CohortEntry(120, "48", .female, jpeg: 30, nifti: 36),
        CohortEntry(121, "51", .female, jpeg: 31, nifti: 37),
        CohortEntry(122, "47", .female, jpeg: 30, nifti: 39),
        CohortEntry(123, "3", .male, jpeg: 30, nifti: 37),
        CohortEntry(124, "4", .female, jpeg: 33, nifti: 38),
        CohortEntry(125, "39", .female, jpeg: 40, nifti: 44),
        CohortEntry(126, "2", .male, jpeg: 32, nifti: 39),
        CohortEntry(127, "23", .female, jpeg: 31, nifti: 38),
        CohortEntry(128, "9", .male, jpeg: 34, nifti: 41),
        CohortEntry(129, "56", .male, jpeg: 32, nifti: 40),
        CohortEntry(130, "39", .male, jpeg: 30, nifti: 32),
    ]
}
