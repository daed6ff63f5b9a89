internal import DICOM
internal import Imaging

/// How large a look-alike of the RSNA 2019 challenge is.
package struct RSNA2019Options: Sendable {
    package var seed: UInt64 = 2019
    package var patientCount = 4
    package var slicesPerSeries = 6
    /// Columns and rows, 16…512.
    package var matrixSize = 64
    /// Rows of the label table for images that were not downloaded, six an image.
    package var absentImages = 10

    package init() {}
}

/// Synthetic head CT in the form of the RSNA 2019 challenge: `stage_2_train/ID_*.dcm` and `stage_2_train.csv`.
///
/// Headers are stripped as there: UIDs that are none, no SOP Class UID, no Instance Number; a tilted gantry, windows with
/// two values, a series whose 12-bit values wrapped. One file is cut; one image has its six rows twice; one has none.
package struct RSNA2019Phantom: Sendable {
    private let options: RSNA2019Options

    package init(_ options: RSNA2019Options = RSNA2019Options()) {
        self.options = options
    }

    static let subtypes = ["epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any"]
    /// The file whose pixels are cut in the published set too.
    package static let corruptImage = "ID_6431af929"

    /// Writes into `directory`, which must be new or empty.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`.
    package func write(to directory: String) throws -> PhantomSummary {
        guard (1...100_000).contains(options.patientCount), (3...100).contains(options.slicesPerSeries),
            (16...512).contains(options.matrixSize)
        else {
            throw PhantomError.invalidOption("patients, slices or matrix", "at least 1, 3 and 16, at most 512 pixels")
        }
        let output = try OutputTree(root: directory)
        try output.makeFolder("stage_2_train")
        var table = "ID,Label\n"
        for patient in 0..<options.patientCount {
            try Task.checkCancellation()
            for slice in 0..<options.slicesPerSeries {
                let image = RSNA2019Image(options: options, patient: patient, slice: slice)
                try output.write(try image.file(), to: "stage_2_train/\(image.id).dcm")
                // The very last image has no row, the second one has its six twice.
                if patient == options.patientCount - 1, slice == options.slicesPerSeries - 1 { continue }
                for _ in 0..<(patient == 0 && slice == 1 ? 2 : 1) { table += rows(image.id, labels: image.labels) }
            }
        }
        for number in 0..<options.absentImages {
            let id = RSNA2019Image.identifier(options.seed, UInt64(number), 0x61_62, digits: 9)
            table += rows(id, labels: Array(repeating: 0, count: 6))
        }
        try output.write(table, to: "stage_2_train.csv")
        try output.write("ID,Label\nID_0fbf6a978_any,0.5\n", to: "stage_2_sample_submission.csv")
        let entries = output.entries
        let images = options.patientCount * options.slicesPerSeries
        return PhantomSummary(
            patients: options.patientCount, series: options.patientCount, slices: images, masks: 0, defects: 1,
            files: entries.count, bytes: entries.reduce(0) { $0 + $1.byteCount },
            labelRows: ["stage_2_train.csv": images * 6 + options.absentImages * 6])
    }

    private func rows(_ id: String, labels: [Int]) -> String {
        zip(Self.subtypes, labels).map { "\(id)_\($0),\($1)\n" }.joined()
    }
}

/// One image of the look-alike.
struct RSNA2019Image {
    let options: RSNA2019Options
    let patient: Int
    let slice: Int

    static func identifier(_ seed: UInt64, _ first: UInt64, _ second: UInt64, digits: Int) -> String {
        var random = SeededGenerator(seed: seed, key: first, second)
        return "ID_" + (0..<digits).map { _ in String(random.pick(Array("0123456789abcdef"))) }.joined()
    }

    var id: String {
        patient == 0 && slice == 2
            ? RSNA2019Phantom.corruptImage
            : Self.identifier(options.seed, UInt64(patient), UInt64(slice), digits: 9)
    }

    var labels: [Int] {
        var labels = (0..<5).map { (patient + slice + $0) % 7 == 0 ? 1 : 0 }
        labels.append(labels.max() ?? 0)
        return labels
    }

    /// The second patient's values wrapped: 12 bits, unsigned, intercept 0 where it should be -1024.
    private var hasWrapped: Bool { patient == 1 }
    private var isTilted: Bool { patient % 2 == 0 }

    func file() throws -> [UInt8] {
        let size = options.matrixSize
        var noise = SeededGenerator(seed: options.seed, key: UInt64(patient), UInt64(slice), 0x70)
        let values = (0..<size * size).map { index -> Int in
            let (x, y) = (2 * (index % size) - size, 2 * (index / size) - size)
            let hu = x * x + y * y < size * size * 3 / 4 ? 35 + noise.index(below: 9) : -1000
            return hasWrapped ? (hu + 4_096) % 4_096 : hu + 1_024
        }
        do {
            let pixels =
                hasWrapped
                ? try PixelBuffer(rows: size, columns: size, elements: values.map { UInt16($0) })
                : try PixelBuffer(rows: size, columns: size, elements: values.map { Int16($0) })
            var bytes = try DICOMWriter().file(elements: header.list, frames: [pixels])
            bytes = Self.withoutClass(bytes)
            return id == RSNA2019Phantom.corruptImage ? Array(bytes.dropLast(size * size)) : bytes
        } catch let error as DICOMError {
            throw PhantomError.encodingFailed(id, underlying: error)
        }
    }

    private var header: HeaderBuilder {
        var header = HeaderBuilder(characterSet: nil)
        header.text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2")
        header.text(0x0008, 0x0018, .UI, id)
        header.text(0x0008, 0x0060, .CS, "CT")
        header.text(0x0010, 0x0020, .LO, Self.identifier(options.seed, UInt64(patient), 0x70_61, digits: 8))
        header.text(0x0020, 0x000D, .UI, Self.identifier(options.seed, UInt64(patient), 0x73_74, digits: 10))
        header.text(0x0020, 0x000E, .UI, Self.identifier(options.seed, UInt64(patient), 0x73_65, digits: 10))
        header.text(0x0020, 0x0010, .SH, "")
        let step = Double(slice) * 5
        let position = isTilted ? [-125, -121 + step * 0.25, 95 + step * 0.97] : [-125, -121, 95 + step]
        header.decimals(0x0020, 0x0032, position)
        header.decimals(0x0020, 0x0037, isTilted ? [1, 0, 0, 0, 0.968148, -0.250380] : [1, 0, 0, 0, 1, 0])
        header.decimals(0x0028, 0x0030, [0.488281, 0.488281])
        header.texts(0x0028, 0x1050, .DS, patient == 0 ? ["00036", "00036"] : ["40"])
        header.texts(0x0028, 0x1051, .DS, patient == 0 ? ["00080", "00080"] : ["80"])
        header.decimals(0x0028, 0x1052, [hasWrapped ? 0 : -1_024])
        header.decimals(0x0028, 0x1053, [1])
        if hasWrapped {
            header.unsigned(0x0028, 0x0101, 12)
            header.unsigned(0x0028, 0x0102, 11)
        }
        return header
    }

    /// The published headers name no class; the element is cut out of the data set, explicit little-endian.
    private static func withoutClass(_ bytes: [UInt8]) -> [UInt8] {
        let mark: [UInt8] = [0x08, 0x00, 0x16, 0x00, 0x55, 0x49]
        let places = 0..<bytes.count - 8
        guard let start = places.first(where: { bytes[$0] == 8 && bytes[$0..<$0 + 6].elementsEqual(mark) })
        else { return bytes }
        let length = Int(bytes[start + 6]) | Int(bytes[start + 7]) << 8
        return Array(bytes[..<start] + bytes[(start + 8 + length)...])
    }
}
