internal import LinearAlgebra

/// All patches of a window that start at one row.
struct PatchBand: Sendable {
    let firstRow: Int
    /// **Shape** `[slices][side * columns]`, weighted.
    private(set) var sums: [[Float]]
    private(set) var weights: [[Float]]
    private(set) var summary = PatchPCA.Summary()

    init(of window: PatchWindow, firstRow: Int) throws {
        self.firstRow = firstRow
        let options = window.options
        let blank = [Float](repeating: 0, count: options.side * window.columns)
        sums = [[Float]](repeating: blank, count: options.slices)
        weights = sums
        for column in PatchPCA.starts(count: window.columns, length: options.side, step: options.step) {
            let patch = Self.cut(window, row: firstRow, column: column)
            let (denoised, spectrum) = try Self.denoise(patch)
            add(denoised, spectrum, column: column, columns: window.columns, side: options.side)
        }
    }

    /// **Shape** pixels of the patch × slices.
    private static func cut(_ window: PatchWindow, row: Int, column: Int) -> Matrix {
        let side = window.options.side
        var entries: [Double] = []
        entries.reserveCapacity(side * side * window.values.count)
        for slice in window.values {
            for line in row..<row + side {
                let start = line * window.columns + column
                for index in start..<start + side { entries.append(Double(slice[index])) }
            }
        }
        return Matrix(rows: side * side, columns: window.values.count, elements: entries)
    }

    private static func denoise(_ patch: Matrix) throws -> (Matrix, PatchSpectrum) {
        // The mean is taken off first, so that a level far from 0 (air) does not drown the rest in its rounding.
        let mean = patch.elements.reduce(0, +) / Double(patch.elements.count)
        var centred = patch
        for index in centred.elements.indices { centred.elements[index] -= mean }
        let isTall = patch.rows >= patch.columns
        let gram = isTall ? centred.transposedTimes(centred) : centred.times(transposed: centred)
        let eigen = try SymmetricEigen(upperTriangleOf: gram)
        let spectrum = PatchSpectrum(squares: eigen.values, longSide: max(patch.rows, patch.columns))
        guard spectrum.signalCount < eigen.values.count else { return (patch, spectrum) }
        let kept = eigen.vectors.leadingColumns(spectrum.signalCount)
        var result = isTall ? centred.times(kept).times(transposed: kept) : kept.times(kept.transposedTimes(centred))
        for index in result.elements.indices { result.elements[index] += mean }
        return (result, spectrum)
    }

    private mutating func add(
        _ patch: Matrix, _ spectrum: PatchSpectrum, column: Int, columns: Int, side: Int
    ) {
        let weight = 1 / Float(1 + spectrum.signalCount)
        for slice in 0..<patch.columns {
            for line in 0..<side {
                for offset in 0..<side {
                    let target = line * columns + column + offset
                    sums[slice][target] += weight * Float(patch[line * side + offset, slice])
                    weights[slice][target] += weight
                }
            }
        }
        summary.patchCount += 1
        summary.rankSum += spectrum.signalCount
        if let variance = spectrum.variance, variance > 0 {
            summary.noise.append(Float(variance.squareRoot()))
        } else if spectrum.variance == nil {
            summary.untouchedCount += 1
        }
    }
}
