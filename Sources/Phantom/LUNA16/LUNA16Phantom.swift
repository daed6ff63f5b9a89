internal import ImageFiles
internal import Imaging

/// Which part of a LUNA16 look-alike to make, and how large.
package struct LUNA16Options: Sendable {
    package var seed: UInt64 = 2016
    /// Volumes, at most 601; tables speak of all 601 series with nodules, as after a partial download.
    package var scanCount = 10
    /// Columns and rows, 32…512.
    package var matrixSize = 128
    package var slices = 12
    /// Candidates that are no nodules, for each series with nodules.
    package var candidatesPerSeries = 8
    /// Adds what goes wrong: a header without voxels, voxels without header, a row that is no number, a mask without its
    /// volume, a table with a column more.
    package var includesDefects = false

    package init() {}
}

/// A synthetic LUNA16: MetaImage volumes in ten subsets, lung masks, tables of nodules, candidates and malignancy.
///
/// The tables have the numbers of the published ones: 1,186 nodules in 601 series; 1,182 with malignancy in 600 series,
/// of which 378 malignant, read by 3, 4, 5, 6 and 7 readers in 408, 763, 8, 1 and 2 rows. Volumes have the axes of the
/// real ones and worse: some are flipped (−1 0 0, 0 −1 0), one is oblique; some compressed. No image is real.
package struct LUNA16Phantom: Sendable {
    private let options: LUNA16Options

    package init(_ options: LUNA16Options = LUNA16Options()) {
        self.options = options
    }

    /// Writes into `directory`, which must be new or empty.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`. **Cost** one volume in memory.
    package func write(to directory: String) throws -> PhantomSummary {
        guard (1...601).contains(options.scanCount) else {
            throw PhantomError.invalidOption("scans", "there are 1 to 601 series")
        }
        guard (32...512).contains(options.matrixSize), (4...400).contains(options.slices) else {
            throw PhantomError.invalidOption("matrix or slices", "32 to 512 pixels and 4 to 400 slices")
        }
        let output = try OutputTree(root: directory)
        let cohort = LUNA16Cohort(options)
        for fold in 0...9 { try output.makeFolder("subset\(fold)") }
        try output.makeFolder("seg-lungs-LUNA16")
        for scan in cohort.scans.prefix(options.scanCount) {
            try Task.checkCancellation()
            try write(scan, to: output)
        }
        for (name, text) in try LUNA16Tables(cohort: cohort).files { try output.write(text, to: name) }
        if options.includesDefects { try writeDefects(cohort, to: output) }
        let entries = output.entries
        return PhantomSummary(
            patients: options.scanCount, series: options.scanCount, slices: options.scanCount * options.slices,
            masks: options.scanCount, defects: options.includesDefects ? 3 : 0, files: entries.count,
            bytes: entries.reduce(0) { $0 + $1.byteCount },
            labelRows: ["annotations.csv": 1_186, "annotations_with_malignancy.csv": 1_182])
    }

    private func write(_ scan: LUNA16Scan, to output: OutputTree) throws {
        let stack = scan.stack
        let frames = try (0..<stack.sliceCount).map {
            try PixelBuffer(rows: stack.size, columns: stack.size, elements: stack.slice($0))
        }
        let compression = scan.isCompressed ? 6 : nil
        try write(frames, of: scan, folder: "subset\(scan.number % 10)", compression: compression, to: output)
        let plane = (0..<stack.size * stack.size).map {
            stack.region(column: $0 % stack.size, row: $0 / stack.size).rawValue
        }
        let mask = try PixelBuffer(type: .u8, rows: stack.size, columns: stack.size, bytes: plane)
        let masks = Array(repeating: mask, count: stack.sliceCount)
        try write(masks, of: scan, folder: "seg-lungs-LUNA16", compression: 6, to: output)
    }

    private func write(
        _ frames: [PixelBuffer], of scan: LUNA16Scan, folder: String, compression: Int?, to output: OutputTree
    ) throws {
        do {
            let data = scan.uid + (compression == nil ? ".raw" : ".zraw")
            let writer = MetaImageWriter(
                geometry: try scan.geometry(), pixelType: frames[0].type, compression: compression)
            let files = try writer.encode(frames, dataFile: data)
            try output.write(files.header, to: "\(folder)/\(scan.uid).mhd")
            try output.write(files.data, to: "\(folder)/\(data)")
        } catch let error as ImageFileError {
            throw PhantomError.encodingFailed(scan.uid, underlying: error)
        }
    }

    private func writeDefects(_ cohort: LUNA16Cohort, to output: OutputTree) throws {
        let absent = cohort.scans[options.scanCount % 601]
        let writer = MetaImageWriter(geometry: try absent.geometry(), pixelType: .i16)
        let frame = try PixelBuffer(
            type: .i16, rows: absent.stack.size, columns: absent.stack.size,
            bytes: Array(repeating: 0, count: absent.stack.size * absent.stack.size * 2))
        let frames = Array(repeating: frame, count: absent.stack.sliceCount)
        let files = try writer.encode(frames, dataFile: absent.uid + ".raw")
        try output.write(files.header, to: "subset0/\(absent.uid).mhd")
        try output.write(Array(repeating: 0, count: 64), to: "subset1/orphan.raw")
        try output.write(
            "seriesuid,coordX,coordY,coordZ,class,remark\n\(cohort.scans[0].uid),1,2,3,0,an extra column\n"
                + "\(cohort.scans[0].uid),x,2,3,0,no number\n", to: "candidates_extra.csv")
    }
}
