internal import ImageFiles
internal import Imaging

/// How large a look-alike of Kaggle's diabetic retinopathy set is.
package struct RetinopathyOptions: Sendable {
    package var seed: UInt64 = 2015
    /// People with two photographs each.
    package var patientCount = 10
    /// Columns of a photograph, 64…4096; rows are two thirds of it.
    package var width = 192
    /// Adds what goes wrong: a grade without photograph, a photograph without grade, a grade of 7, a cut file.
    package var includesDefects = false

    package init() {}
}

/// Synthetic photographs of the retina with black borders, and `trainLabels.csv`.
///
/// Cameras differ: borders are wide or narrow, some pictures are upside down (a notch says so), one is all dark. Grades
/// have the shares of the published set, 73.5, 7.0, 15.1, 2.5 and 2.0 percent.
package struct RetinopathyPhantom: Sendable {
    private let options: RetinopathyOptions

    package init(_ options: RetinopathyOptions = RetinopathyOptions()) {
        self.options = options
    }

    /// Writes into `directory`, which must be new or empty.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`.
    package func write(to directory: String) throws -> PhantomSummary {
        guard (1...50_000).contains(options.patientCount), (64...4_096).contains(options.width) else {
            throw PhantomError.invalidOption("patients or width", "1 to 50000 people, 64 to 4096 columns")
        }
        let output = try OutputTree(root: directory)
        try output.makeFolder("train")
        var table = "image,level\n"
        var rows = 0
        for number in 1...options.patientCount {
            try Task.checkCancellation()
            for (eye, side) in ["left", "right"].enumerated() {
                let name = "\(number * 3 + 7)_\(side)"
                try write(photograph(number, eye), name: name, to: output)
                table += "\(name),\(grade(number, eye))\n"
                rows += 1
            }
        }
        if options.includesDefects {
            try write(photograph(0, 0), name: "999999_left", to: output)
            try output.write([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], to: "train/888888_left.jpeg")
            table += "777777_left,2\n888888_left,1\n\(10)_extra,0\n"
            table = table.replacing("\n\(1 * 3 + 7)_right,", with: "\n\(1 * 3 + 7)_right,7")
        }
        try output.write(table, to: "trainLabels.csv")
        try output.write("image,level\n1_left,0\n", to: "sampleSubmission.csv")
        let entries = output.entries
        return PhantomSummary(
            patients: options.patientCount, series: rows, slices: rows, masks: 0,
            defects: options.includesDefects ? 4 : 0, files: entries.count,
            bytes: entries.reduce(0) { $0 + $1.byteCount }, labelRows: ["trainLabels.csv": rows])
    }

    /// Shares of the published grades, out of 35,126.
    private static let shares = [25_810, 2_443, 5_292, 873, 708]

    private func grade(_ number: Int, _ eye: Int) -> Int {
        var random = SeededGenerator(seed: options.seed, key: UInt64(number), UInt64(eye), 0x67)
        var place = random.index(below: 35_126)
        for (grade, share) in Self.shares.enumerated() {
            if place < share { return grade }
            place -= share
        }
        return 0
    }

    private func write(_ picture: PixelBuffer, name: String, to output: OutputTree) throws {
        do {
            try output.write(JPEGCodec.encode(picture, quality: 90), to: "train/\(name).jpeg")
        } catch let error as ImageFileError {
            throw PhantomError.encodingFailed(name, underlying: error)
        }
    }

    /// A reddish disc on black, `[row][column][channel]`.
    private func photograph(_ number: Int, _ eye: Int) throws -> PixelBuffer {
        let (width, height) = (options.width, options.width * 2 / 3)
        var random = SeededGenerator(seed: options.seed, key: UInt64(number), UInt64(eye), 0x70)
        // The second person's right eye was photographed with the lens cap on.
        let isDark = number == 2 && eye == 1
        let radius = Double(height) * Double(random.uniform(0.36...0.49))
        let centre = (x: Double(width) / 2 + Double(random.uniform(-8...8)), y: Double(height) / 2)
        var bytes = [UInt8](repeating: 2, count: width * height * 3)
        for row in 0..<height where !isDark {
            for column in 0..<width {
                let (x, y) = (Double(column) - centre.x, Double(row) - centre.y)
                guard x * x + y * y <= radius * radius else { continue }
                let shade = 1 - 0.5 * (x * x + y * y) / (radius * radius)
                let place = (row * width + column) * 3
                bytes[place] = UInt8(200 * shade)
                bytes[place + 1] = UInt8(90 * shade)
                bytes[place + 2] = UInt8(40 * shade)
            }
        }
        return try PixelBuffer(type: .u8, rows: height, columns: width, samplesPerPixel: 3, bytes: bytes)
    }
}
