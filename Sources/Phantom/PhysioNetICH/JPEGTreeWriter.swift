internal import ImageFiles
internal import Imaging

/// Writes version 1.0.0: `Patients_CT/NNN/brain/n.jpg`, `bone/n.jpg`, `brain/n_HGE_Seg.jpg` and the tables.
///
/// The images are those of a video player's window: 650 × 650, a black frame of ten pixels, baseline JPEG of quality 75.
struct JPEGTreeWriter: TreeWriter {
    let output: OutputTree
    let prefix: String
    let matrixSize: Int
    /// libjpeg's quality of the published files, known from their quantisation table.
    static let quality = 75

    func begin() throws {
        try output.makeFolder(prefix + "Patients_CT")
    }

    func session(_ patient: CohortPatient, _ stack: HeadStack) throws -> (any TreeSession)? {
        let folder = prefix + "Patients_CT/" + patient.key
        try output.makeFolder(folder + "/brain")
        try output.makeFolder(folder + "/bone")
        return try JPEGPatient(self, folder: folder, patient: patient)
    }

    func finish(_ tables: CohortTables) throws {
        try output.write(tables.jpegDiagnosis(), to: prefix + "hemorrhage_diagnosis.csv")
        try output.write(tables.jpegDemographics(), to: prefix + "patient_demographics.csv")
        try output.write(Self.readMe, to: prefix + "README.txt")
        let own = output.entries.filter { $0.path.hasPrefix(prefix) }
        let sums = own.map { "\($0.sha256) \($0.path.dropFirst(prefix.count))\n" }.joined()
        try output.write(sums, to: prefix + "SHA256SUMS.txt")
    }

    private static let readMe = """
        Synthetic cohort in the layout of "Computed Tomography Images for Intracranial Hemorrhage Detection and \
        Segmentation", version 1.0.0. No image or person in it is real.

        Files and folders:
        patient_demographics.csv - patient age and gender
        hemmorhage_diagnosis.csv - labels (hemorrhage type, fracture) for each slice and for each patient.
        Patients_CT - folder

        The sub-folder names are the patient numbers. Each contains:
        \t-brain folder: the brain-window slices, numbered from 1, and the segmentation of the slices that have
        \t hemorrhage (named #HGE_Seg).
        \t-bone folder: the bone-window slices, numbered from 1.

        """
}

/// One patient of the JPEG tree.
private final class JPEGPatient: TreeSession {
    private let writer: JPEGTreeWriter
    private let folder: String
    private let patient: CohortPatient
    private let brain: WindowLevel
    private let bone: WindowLevel
    private let frame: VideoFrame
    private var counts = TreeCounts(series: 2)

    init(_ writer: JPEGTreeWriter, folder: String, patient: CohortPatient) throws {
        self.writer = writer
        self.folder = folder
        self.patient = patient
        brain = try WindowLevel(center: 40, width: 120)
        bone = try WindowLevel(center: 700, width: 3200)
        frame = VideoFrame(matrixSize: writer.matrixSize)
    }

    func wants(slice number: Int) -> Bool {
        (patient.offset + 1...patient.offset + patient.entry.jpegCount).contains(number)
    }

    func add(_ slice: HeadStack.Slice, number: Int) throws {
        let own = number - patient.offset
        let enlarged = frame.enlarge(slice.hu.map(Float.init))
        let pixels = try PixelBuffer(
            rows: frame.inner, columns: frame.inner, elements: enlarged.map { Int16($0.rounded()) })
        try write(frame.framed(brain.render8Bit(pixels)), to: "\(folder)/brain/\(own).jpg")
        counts.slices += 1
        // The published tree lacks this one image.
        if !(patient.number == 84 && own == 36) {
            try write(frame.framed(bone.render8Bit(pixels)), to: "\(folder)/bone/\(own).jpg")
            counts.slices += 1
        }
        guard let mask = slice.mask else { return }
        let outline = frame.enlarge(mask.map(Float.init)).map { $0 >= 127.5 ? UInt8(255) : 0 }
        try write(frame.framed(outline), to: "\(folder)/brain/\(own)_HGE_Seg.jpg")
        counts.masks += 1
    }

    func end() throws -> TreeCounts { counts }

    private func write(_ grey: [UInt8], to path: String) throws {
        do {
            let pixels = try PixelBuffer(type: .u8, rows: frame.outer, columns: frame.outer, bytes: grey)
            try writer.output.write(JPEGCodec.encode(pixels, quality: JPEGTreeWriter.quality), to: path)
        } catch let error as ImageFileError {
            throw PhantomError.encodingFailed(path, underlying: error)
        }
    }
}
