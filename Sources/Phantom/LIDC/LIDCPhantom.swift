internal import DICOM
internal import Imaging

/// How large a LIDC-IDRI look-alike is.
package struct LIDCOptions: Sendable {
    package var seed: UInt64 = 2011
    package var patientCount = 4
    /// Columns and rows, 64…512.
    package var matrixSize = 128
    package var slices = 16
    /// Leaves out every third image of the last patient, as an interrupted download does.
    package var isPartial = false

    package init() {}
}

/// A synthetic LIDC-IDRI: CT series as DICOM with the readings of four radiologists as XML beside them, and one reading
/// of a radiograph.
///
/// Readers disagree about outlines and ratings, one misses a nodule, one rates outside a scale; there are contours that
/// cut a hole, stray single points, small nodules, non-nodules, and two neighbours that no distance tells apart. No
/// image or reading is real.
package struct LIDCPhantom: Sendable {
    private let options: LIDCOptions

    package init(_ options: LIDCOptions = LIDCOptions()) {
        self.options = options
    }

    /// Writes into `directory`, which must be new or empty.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`.
    package func write(to directory: String) throws -> PhantomSummary {
        guard (1...999).contains(options.patientCount), (64...512).contains(options.matrixSize),
            (8...400).contains(options.slices)
        else {
            throw PhantomError.invalidOption(
                "patients, matrix or slices", "1 to 999 patients, 64 to 512 pixels, 8 to 400 slices")
        }
        let output = try OutputTree(root: directory)
        var sliceCount = 0
        for number in 1...options.patientCount {
            try Task.checkCancellation()
            sliceCount += try write(LIDCScan(number: number, options: options), to: output)
        }
        try output.makeFolder("LIDC-IDRI/radiographs")
        try output.write(LIDCReadings.radiograph(seed: options.seed), to: "LIDC-IDRI/radiographs/068.xml")
        let entries = output.entries
        return PhantomSummary(
            patients: options.patientCount, series: options.patientCount, slices: sliceCount, masks: 0, defects: 0,
            files: entries.count, bytes: entries.reduce(0) { $0 + $1.byteCount }, labelRows: [:])
    }

    private func write(_ scan: LIDCScan, to output: OutputTree) throws -> Int {
        let folder = "LIDC-IDRI/\(scan.patientID)/\(scan.studyUID)/\(scan.seriesUID)"
        try output.makeFolder(folder)
        var count = 0
        for index in 0..<options.slices {
            if options.isPartial, scan.number == options.patientCount, index % 3 == 2 { continue }
            let pixels = try PixelBuffer(
                rows: options.matrixSize, columns: options.matrixSize, elements: scan.stack.slice(index))
            let name = String(repeating: "0", count: 6 - String(index + 1).count) + "\(index + 1).dcm"
            do {
                let bytes = try DICOMWriter().file(elements: scan.header(slice: index).list, frames: [pixels])
                try output.write(bytes, to: "\(folder)/\(name)")
            } catch let error as DICOMError {
                throw PhantomError.encodingFailed(name, underlying: error)
            }
            count += 1
        }
        try output.write(LIDCReadings(scan: scan).xml, to: "\(folder)/\(scan.number + 68).xml")
        return count
    }
}
