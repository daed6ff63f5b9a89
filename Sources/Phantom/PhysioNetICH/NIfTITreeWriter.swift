internal import ImageFiles
internal import Imaging

/// Writes version 1.3.1: `ct_scans/NNN.nii`, `masks/NNN.nii` and the tables.
///
/// Rows run from the back of the head to the face, as converters from DICOM store them, so the affine is
/// diag(−x, +y, +z) in RAS. Masks are 16-bit extremes whose slope and intercept give nearly 0 and 255. Faces are blurred
/// and overlaid with noise, as the published ones were for privacy.
struct NIfTITreeWriter: TreeWriter {
    let output: OutputTree
    let prefix: String
    let seed: UInt64
    /// What a writer that spreads 0...255 over all of 16 bits stores as scl_slope and scl_inter.
    static let maskRescale = (slope: 255.0 / 65535, intercept: 255.0 / 65535 * 32768)

    func begin() throws {
        try output.makeFolder(prefix + "ct_scans")
        try output.makeFolder(prefix + "masks")
    }

    func session(_ patient: CohortPatient, _ stack: HeadStack) throws -> (any TreeSession)? {
        guard patient.entry.niftiCount != nil else { return nil }
        return NIfTIPatient(self, patient, stack)
    }

    func finish(_ tables: CohortTables) throws {
        try output.write(tables.niftiDiagnosis(), to: prefix + "hemorrhage_diagnosis_raw_ct.csv")
        try output.write(tables.niftiDemographics(), to: prefix + "Patient_demographics.csv")
        try output.write(Self.readMe, to: prefix + "README.txt")
    }

    private static let readMe = """
        Synthetic cohort in the layout of "Computed Tomography Images for Intracranial Hemorrhage Detection and \
        Segmentation", version 1.3.1. No image or person in it is real.

        ct_scans - one NIfTI volume per patient, Hounsfield units
        masks - the hemorrhage regions of the same slices
        hemorrhage_diagnosis_raw_ct.csv - labels for each slice and for each patient
        patient_demographics.csv - patient age and gender

        """
}

/// One patient of the NIfTI tree: both volumes are built in memory, 40 MiB at 512² × 39.
private final class NIfTIPatient: TreeSession {
    private let writer: NIfTITreeWriter
    private let patient: CohortPatient
    private let stack: HeadStack
    private var scan: [PixelBuffer] = []
    private var mask: [PixelBuffer] = []
    private var counts = TreeCounts(series: 1)

    init(_ writer: NIfTITreeWriter, _ patient: CohortPatient, _ stack: HeadStack) {
        self.writer = writer
        self.patient = patient
        self.stack = stack
    }

    func wants(slice number: Int) -> Bool { (1...stack.sliceCount).contains(number) }

    func add(_ slice: HeadStack.Slice, number: Int) throws {
        let size = stack.size
        let blurred = stack.withFaceBlurred(slice.hu, slice: number - 1)
        scan.append(try PixelBuffer(rows: size, columns: size, elements: flipped(blurred)))
        let stored = slice.mask?.map { $0 > 0 ? Int16.max : Int16.min }
        let outline = stored ?? [Int16](repeating: .min, count: size * size)
        mask.append(try PixelBuffer(rows: size, columns: size, elements: flipped(outline)))
        counts.slices += 1
        if slice.mask != nil { counts.masks += 1 }
    }

    func end() throws -> TreeCounts {
        try write(scan, rescale: nil, to: "ct_scans")
        try write(mask, rescale: NIfTITreeWriter.maskRescale, to: "masks")
        return counts
    }

    private func write(_ frames: [PixelBuffer], rescale: (slope: Double, intercept: Double)?, to folder: String) throws
    {
        let path = "\(writer.prefix)\(folder)/\(patient.key).nii"
        let file = try NIfTIWriter(
            pixelType: .i16, columns: stack.size, rows: stack.size, slices: frames.count, rasAffine: rasAffine(),
            rescale: rescale.map { Rescale(slope: $0.slope, intercept: $0.intercept) })
        try writer.output.write(file.encode(frames), to: path)
    }

    /// Voxel to RAS millimetres: columns run to the left, rows to the front, slices up.
    private func rasAffine() -> VoxelAffine {
        let spacing = Double(stack.spacing)
        let half = Double(stack.size - 1) / 2 * spacing
        var generator = SeededGenerator(seed: writer.seed, key: 5, UInt64(patient.number))
        let table = Double(generator.uniform(-900 ... -300).rounded())
        return VoxelAffine(
            i: SIMD3(-spacing, 0, 0), j: SIMD3(0, spacing, 0), k: SIMD3(0, 0, Double(HeadStack.sliceThickness)),
            translation: SIMD3(half, -half, table))
    }

    /// Turns rows over: face last instead of first.
    private func flipped(_ image: [Int16]) -> [Int16] {
        let size = stack.size
        var result: [Int16] = []
        result.reserveCapacity(image.count)
        for row in (0..<size).reversed() { result += image[row * size..<(row + 1) * size] }
        return result
    }
}
