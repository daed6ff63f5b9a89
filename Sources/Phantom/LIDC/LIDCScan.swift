internal import DICOM
internal import Imaging

/// One CT of the look-alike.
struct LIDCScan: Sendable {
    let number: Int
    let seed: UInt64
    let stack: ChestStack

    init(number: Int, options: LIDCOptions) {
        self.number = number
        seed = options.seed
        let size = options.matrixSize
        let spacing = 0.703125 * 512 / Double(size)
        let middle = Double(options.slices / 2)
        let unit = Double(size) / 128
        // Two nodules apart, and two that touch: a voxel between their outlines.
        let nodules = [
            ChestStack.Nodule(centre: SIMD3(40 * unit, 60 * unit, middle), radius: 5 * spacing * unit),
            ChestStack.Nodule(centre: SIMD3(86 * unit, 50 * unit, middle - 2), radius: 4 * spacing * unit),
            ChestStack.Nodule(centre: SIMD3(80 * unit, 78 * unit, middle + 1), radius: 3 * spacing * unit),
            ChestStack.Nodule(centre: SIMD3(88 * unit, 78 * unit, middle + 1), radius: 3 * spacing * unit),
        ]
        stack = ChestStack(
            seed: options.seed &+ UInt64(number), size: size, sliceCount: options.slices,
            spacing: SIMD3(spacing, spacing, 2.5), nodules: nodules)
    }

    var patientID: String { "LIDC-IDRI-" + String(repeating: "0", count: 4 - String(number).count) + "\(number)" }
    var studyUID: String { SyntheticUID.make(seed: seed, UInt64(number), 1) }
    var seriesUID: String { SyntheticUID.make(seed: seed, UInt64(number), 2) }
    func sopUID(slice index: Int) -> String { SyntheticUID.make(seed: seed, UInt64(number), 3, UInt64(index)) }
    func z(slice index: Int) -> Double { -340 + 2.5 * Double(index) }

    func header(slice index: Int) -> HeaderBuilder {
        var header = HeaderBuilder(characterSet: "ISO_IR 100")
        header.text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2")
        header.text(0x0008, 0x0018, .UI, sopUID(slice: index))
        header.text(0x0008, 0x0060, .CS, "CT")
        header.text(0x0010, 0x0020, .LO, patientID)
        header.text(0x0020, 0x000D, .UI, studyUID)
        header.text(0x0020, 0x000E, .UI, seriesUID)
        header.text(0x0020, 0x0013, .IS, "\(index + 1)")
        header.decimals(0x0018, 0x0050, [2.5])
        header.decimals(0x0020, 0x0032, [-180, -180, z(slice: index)])
        header.decimals(0x0020, 0x0037, [1, 0, 0, 0, 1, 0])
        header.decimals(0x0028, 0x0030, [stack.spacing.y, stack.spacing.x])
        header.decimals(0x0028, 0x1052, [0])
        header.decimals(0x0028, 0x1053, [1])
        return header
    }
}
