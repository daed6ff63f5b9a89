/// NumPy's file of one array, version 1.0.
///
/// **Source** NumPy Enhancement Proposal 1: magic, version, length, a Python dictionary padded to 64 bytes, entries in C
/// order.
enum NPYArray {
    /// - Parameter descr: NumPy's name of the type, such as `<f4`.
    static func header(descr: String, shape: [Int]) -> [UInt8] {
        let sides = shape.map { String($0) }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(sides)), }"
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
        text += String(repeating: " ", count: length - text.utf8.count - 1) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
    }

    static func file(descr: String, shape: [Int], _ entries: [UInt8]) -> [UInt8] {
        header(descr: descr, shape: shape) + entries
    }
}
