/// How one manufacturer's scanner writes its headers; values as met in real files of these makes.
struct ScannerDialect: Sendable {
    let manufacturer: String
    let model: String
    let software: String
    let softKernel: String
    let boneKernel: String
    /// Further values of ImageType after ORIGINAL\PRIMARY\AXIAL.
    let imageTypeTail: [String]
    /// Pixels are stored with 12 of 16 bits, unsigned; otherwise all 16 bits, signed.
    let isUnsigned12Bit: Bool
    let rescaleIntercept: Int
    /// What is stored outside the circle of reconstruction.
    let padding: Int?
    let hasSliceLocation: Bool
    let hasSpacingBetweenSlices: Bool
    /// The first instance is at the vertex instead of the neck.
    let startsAtVertex: Bool
    /// Degrees that a head scan is tilted by default.
    let tilt: Double
    let privateCreator: String
    let privateGroup: UInt16
    let windows: [(center: Int, width: Int)]
    let hasDoseReport: Bool

    static let all = [
        ScannerDialect(
            manufacturer: "SIEMENS", model: "SOMATOM Definition AS", software: "syngo CT 2014A", softKernel: "J40s",
            boneKernel: "H60s", imageTypeTail: ["CT_SOM5 SEQ"], isUnsigned12Bit: true, rescaleIntercept: -1024,
            padding: nil, hasSliceLocation: true, hasSpacingBetweenSlices: false, startsAtVertex: false, tilt: 0,
            privateCreator: "SIEMENS CSA HEADER", privateGroup: 0x0029, windows: [(40, 80), (600, 3000)],
            hasDoseReport: true),
        ScannerDialect(
            manufacturer: "GE MEDICAL SYSTEMS", model: "LightSpeed VCT", software: "gmp_vct.42", softKernel: "STANDARD",
            boneKernel: "BONEPLUS", imageTypeTail: [], isUnsigned12Bit: false, rescaleIntercept: -1024, padding: -2000,
            hasSliceLocation: true, hasSpacingBetweenSlices: false, startsAtVertex: true, tilt: 18.5,
            privateCreator: "GEMS_PARM_01", privateGroup: 0x0043, windows: [(35, 85)], hasDoseReport: false),
        ScannerDialect(
            manufacturer: "Philips", model: "Brilliance 64", software: "3.5.5", softKernel: "UB", boneKernel: "YC",
            imageTypeTail: ["HELIX"], isUnsigned12Bit: true, rescaleIntercept: -1024, padding: nil,
            hasSliceLocation: true, hasSpacingBetweenSlices: true, startsAtVertex: false, tilt: 0,
            privateCreator: "ELSCINT1", privateGroup: 0x01F1, windows: [(40, 120)], hasDoseReport: false),
        ScannerDialect(
            manufacturer: "TOSHIBA", model: "Aquilion", software: "V4.86ER008", softKernel: "FC26", boneKernel: "FC81",
            imageTypeTail: [], isUnsigned12Bit: false, rescaleIntercept: 0, padding: nil, hasSliceLocation: false,
            hasSpacingBetweenSlices: false, startsAtVertex: true, tilt: 0, privateCreator: "TOSHIBA_MEC_CT3",
            privateGroup: 0x7005, windows: [(35, 90)], hasDoseReport: false),
    ]

    /// Hounsfield units as the scanner stores them; `isOutside` is true beyond the circle of reconstruction.
    func stored(_ hu: Int16, isOutside: Bool) -> Int {
        if isOutside, let padding { return padding }
        let value = Int(hu) - rescaleIntercept
        return isUnsigned12Bit ? max(0, min(4095, value)) : value
    }
}
