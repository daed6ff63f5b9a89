internal import Foundation
internal import Glibc
internal import Imaging
internal import LinearAlgebra

/// A voxels × slices matrix as text: one line a voxel, one column a slice, no header, comma-separated, `%.18e`.
///
/// The shape of `s.csv`, which `numpy.savetxt(delimiter=',')` wrote: `volume.reshape(-1, slices)`.
package enum MatrixCSV {
    /// Writes the matrix of a store.
    package static func write(_ store: SampleStore, to path: String) throws {
        guard let file = unsafe fopen(path, "w") else {
            throw AnalysisError(.inputOutput, path, "it cannot be written; check the folder")
        }
        defer { unsafe fclose(file) }
        let count = store.sliceCount
        let step = max(1, (8 << 20) / (8 * count))
        var block = [Double](repeating: 0, count: step * count)
        var text: [UInt8] = []
        for start in stride(from: 0, to: store.pixelCount, by: step) {
            try Task.checkCancellation()
            let rows = start..<min(start + step, store.pixelCount)
            try unsafe block.withUnsafeMutableBufferPointer { target in
                unsafe try VoxelMatrix(store).read(
                    rows, into: UnsafeMutableBufferPointer(rebasing: target[0..<rows.count * count]))
            }
            text.removeAll(keepingCapacity: true)
            for row in 0..<rows.count {
                for column in 0..<count {
                    append(block[column * rows.count + row], to: &text)
                    text.append(column + 1 < count ? 0x2C : 0x0A)
                }
            }
            guard unsafe fwrite(text, 1, text.count, file) == text.count else {
                throw AnalysisError(.inputOutput, path, "it cannot be written; make room on the disk")
            }
        }
    }

    /// `%.18e`; whole numbers, which CT values are, without the C library.
    static func append(_ value: Double, to text: inout [UInt8]) {
        guard value == value.rounded(), abs(value) < 1e15, value != 0 else {
            text += String(format: "%.18e", value).utf8
            return
        }
        if value < 0 { text.append(0x2D) }
        let digits = Array(String(Int64(abs(value))).utf8)
        text.append(digits[0])
        text.append(0x2E)
        text += digits.dropFirst()
        text += repeatElement(0x30, count: 18 - (digits.count - 1))
        text += (digits.count - 1 < 10 ? "e+0" : "e+").utf8
        text += String(digits.count - 1).utf8
    }

    /// Reads a matrix into a store of doubles.
    ///
    /// **Throws** `unsuitable` with the line where the text is no matrix, `badOption` where it has another shape than was
    /// said; `inputOutput`.
    package static func read(
        _ path: String, rows: Int, columns: Int, inMemory: Bool, environment: [String: String]
    ) throws -> (store: SampleStore, range: ClosedRange<Double>) {
        guard let file = unsafe fopen(path, "r") else {
            throw AnalysisError(.inputOutput, path, "it cannot be read; check the path")
        }
        defer { unsafe fclose(file) }
        var reader = unsafe LineReader(file: file)
        var store: SampleStore?
        var chunk: [[Double]] = []
        var first = 0
        var range: ClosedRange<Double> = 0...0
        func flush() throws {
            guard let store, let width = chunk.first?.count else { return }
            for slice in 0..<width {
                let values = chunk.map { $0[slice] }
                try store.write(slice: slice, range: first..<first + chunk.count, values: values[...])
            }
            first += chunk.count
            chunk.removeAll(keepingCapacity: true)
        }
        while let values = try reader.next(path) {
            if store == nil {
                store = try SampleStore(
                    rows: rows, columns: columns, types: Array(repeating: .f64, count: values.count),
                    rescales: Array(repeating: nil, count: values.count), inMemory: inMemory, environment: environment)
                range = (values.first ?? 0)...(values.first ?? 0)
            }
            guard values.count == store?.sliceCount, values.allSatisfy(\.isFinite) else {
                throw AnalysisError(
                    .unsuitable, path,
                    "line \(reader.line) does not have \(store?.sliceCount ?? 0) numbers, as the first one; one line a "
                        + "voxel, one number a slice")
            }
            guard first + chunk.count < rows * columns else {
                throw wrongShape(path, "more than \(rows * columns)", rows, columns)
            }
            range = min(range.lowerBound, values.min() ?? 0)...max(range.upperBound, values.max() ?? 0)
            chunk.append(values)
            if chunk.count * values.count >= 1 << 20 { try flush() }
        }
        try flush()
        guard let store, store.sliceCount >= 2 else {
            throw AnalysisError(.unsuitable, path, "it has fewer than two slices; one line a voxel, one number a slice")
        }
        guard first == rows * columns else { throw wrongShape(path, String(first), rows, columns) }
        return (store, range)
    }

    private static func wrongShape(_ path: String, _ lines: String, _ rows: Int, _ columns: Int) -> AnalysisError {
        AnalysisError(
            .badOption, "--shape \(rows)x\(columns)",
            "\(path) has \(lines) lines, and slices of this shape need \(rows * columns); write ROWSxCOLUMNS as the "
                + "slices had them")
    }
}

/// Lines of numbers of an open file.
@safe
private struct LineReader {
    private let file: UnsafeMutablePointer<FILE>
    private(set) var line = 0

    init(file: UnsafeMutablePointer<FILE>) { unsafe self.file = file }

    /// `nil` at the end.
    mutating func next(_ path: String) throws -> [Double]? {
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        let length = unsafe getline(&buffer, &capacity, file)
        defer { unsafe free(buffer) }
        guard length > 0, let start = unsafe buffer else { return nil }
        line += 1
        var values: [Double] = []
        var cursor = unsafe start
        while unsafe cursor.pointee != 0, unsafe cursor.pointee != 10, unsafe cursor.pointee != 13 {
            var end: UnsafeMutablePointer<CChar>?
            let value = unsafe strtod(cursor, &end)
            guard let next = unsafe end, unsafe next != cursor else {
                throw AnalysisError(.unsuitable, path, "line \(line) holds something that is not a number")
            }
            values.append(value)
            unsafe cursor = unsafe next.pointee == 0x2C ? next + 1 : next
        }
        return values
    }
}
