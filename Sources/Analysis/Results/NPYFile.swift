internal import Foundation
internal import LinearAlgebra

/// NumPy's file of one array, version 1.0: magic, a line of text that says type and shape, then the entries.
///
/// **Source** NumPy Enhancement Proposal 1. Entries are little-endian doubles in C order.
enum NPYFile {
    /// The bytes before the entries; their number is a multiple of 64.
    static func header(shape: [Int]) -> [UInt8] {
        let sides = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(sides)), }"
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
        text += String(repeating: " ", count: length - text.utf8.count - 1) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
    }

    static func bytes(of values: [Double], shape: [Int]) -> [UInt8] {
        var bytes = header(shape: shape)
        unsafe values.withUnsafeBytes { bytes += unsafe Array($0) }
        return bytes
    }

    static func bytes(of matrix: Matrix) -> [UInt8] {
        // Columns of the transposed matrix are the rows, one after the other: C order.
        bytes(of: matrix.transposed.elements, shape: [matrix.rows, matrix.columns])
    }
}
