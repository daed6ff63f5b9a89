internal import Glibc
internal import CanonicalJSON
internal import ImageFiles
package import Imaging
internal import LinearAlgebra

/// The files that a run leaves for people and programs.
///
/// `original_slice-N.png`, one `LEVEL_slice-N.png` a level (true pixels, one window for all), `figure_slice-N.png`,
/// `singular_values.csv`, `levels.csv`; on request `s.npy`, `u.npy`, `v.npy` and `s.csv`.
package struct ResultFiles: Sendable {
    private let denoising: Denoising
    private let outcome: Denoising.Outcome
    private let window: WindowLevel
    private let title: String

    package init(_ denoising: Denoising, _ outcome: Denoising.Outcome, window: WindowLevel?, title: String) {
        self.denoising = denoising
        self.outcome = outcome
        self.window = GreyPicture.window(for: outcome.original, given: denoising.settings.window ?? window)
        self.title = title
    }

    package func write(to folder: OutputFolder) throws {
        try writePictures(to: folder)
        try folder.write(Array(singularValues.utf8), to: "singular_values.csv")
        try folder.write(Array(levels.utf8), to: "levels.csv")
    }

    // MARK: Pictures

    private func writePictures(to folder: OutputFolder) throws {
        let suffix = "_slice-\(outcome.shownSlice).png"
        try put(outcome.original, note: "original", to: folder, name: "original" + suffix)
        for (level, picture) in zip(outcome.levels, outcome.pictures) {
            try put(picture, note: level.name, to: folder, name: level.name + suffix)
        }
        let figure = try DenoiseFigure(
            outcome: outcome, settings: denoising.settings, rows: denoising.store.rows,
            columns: denoising.store.columns, window: window, title: title
        ).draw()
        try folder.write(try PNGCodec.encode(figure, method: .fast(for: figure)), to: "figure" + suffix)
    }

    private func put(_ values: [Float], note: String, to folder: OutputFolder, name: String) throws {
        let pixels = try PixelBuffer(
            type: .u8, rows: denoising.store.rows, columns: denoising.store.columns,
            bytes: GreyPicture.grey(values, window: window))
        let text =
            "{\"level\":\"\(note)\",\"window_center\":\(JSONValue.ecmaScript(window.center)),"
            + "\"window_width\":\(JSONValue.ecmaScript(window.width))}"
        try folder.write(
            try PNGCodec.encode(pixels, method: .fast(for: pixels), note: PNGNote(key: "Slicehouse", text: text)),
            to: name)
    }

    // MARK: Tables

    private var singularValues: String {
        var lines = ["value_index,singular_value,energy"]
        var sum = 0.0
        for (index, value) in outcome.factors.values.enumerated() {
            sum += value * value
            let energy = outcome.factors.squaredNorm > 0 ? sum / outcome.factors.squaredNorm : 1
            lines.append("\(index),\(value),\(min(1, energy))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var levels: String {
        func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        var lines = [
            "level,dropped_fraction,kept,zeroed,energy,rmse,psnr_db,ssim,noise_before,noise_after,"
                + "residual_correlation,residual_edge_correlation"
        ]
        for level in outcome.levels {
            let cells = [
                level.name, cell(level.droppedFraction), String(level.keptCount), String(level.zeroedCount),
                cell(level.energy), cell(level.rmse), cell(level.psnr), cell(level.ssim), cell(level.noiseBefore),
                cell(level.noiseAfter), cell(level.residualCorrelation), cell(level.edgeCorrelation),
            ]
            lines.append(cells.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Factors

    /// `s.npy` (k), `v.npy` (slices × k), `u.npy` (voxels × k): the matrix is u · diag(s) · vᵀ.
    ///
    /// Columns of u whose singular value is 0 in doubles are 0: any vector would do.
    package func writeFactors(to folder: OutputFolder) async throws {
        let factors = outcome.factors
        try folder.write(NPYFile.bytes(of: factors.values, shape: [factors.values.count]), to: "s.npy")
        try folder.write(NPYFile.bytes(of: factors.right), to: "v.npy")
        let inverse = factors.values.enumerated().map { $0.offset < factors.effectiveRank ? 1 / $0.element : 0 }
        let weights = factors.right.scalingColumns(by: inverse)
        let header = NPYFile.header(shape: [denoising.store.pixelCount, factors.values.count])
        let file = try PositionedFile(folder.place("u.npy"))
        try file.write(header, at: 0)
        BLASThreads.use(1)
        let width = 8 * factors.values.count
        _ = try await denoising.plan.pass.fold(VoxelMatrix(denoising.store), initial: 0) { _, block in
            let rows = block.times(weights).transposed
            try unsafe rows.elements.withUnsafeBytes { bytes in
                unsafe try file.write(Array(bytes), at: header.count + block.rows.lowerBound * width)
            }
        }
    }
}

/// A new file that is written at any place, from several threads at once.
private final class PositionedFile: Sendable {
    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw AnalysisError(.inputOutput, path, "it cannot be written; check the folder")
        }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress.map { unsafe $0 + done }, bytes.count - done, offset + done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw AnalysisError(.inputOutput, path, "it cannot be written; make room on the disk")
            }
            done += count
        }
    }
}
