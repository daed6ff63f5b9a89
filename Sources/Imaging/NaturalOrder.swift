/// Compares names as people number files: runs of digits by value ("2" before "10"), the rest byte by byte.
///
/// A strict total order: names that differ only in leading zeros fall back to their bytes.
package func isInNaturalOrder(_ first: String, _ second: String) -> Bool {
    let left = Array(first.utf8)
    let right = Array(second.utf8)
    var leftIndex = 0
    var rightIndex = 0
    while leftIndex < left.count, rightIndex < right.count {
        if isDigit(left[leftIndex]), isDigit(right[rightIndex]) {
            let leftNumber = digits(of: left, from: &leftIndex)
            let rightNumber = digits(of: right, from: &rightIndex)
            if leftNumber.count != rightNumber.count { return leftNumber.count < rightNumber.count }
            if !leftNumber.elementsEqual(rightNumber) { return leftNumber.lexicographicallyPrecedes(rightNumber) }
        } else {
            if left[leftIndex] != right[rightIndex] { return left[leftIndex] < right[rightIndex] }
            leftIndex += 1
            rightIndex += 1
        }
    }
    let leftRest = left.count - leftIndex
    let rightRest = right.count - rightIndex
    return leftRest == rightRest ? left.lexicographicallyPrecedes(right) : leftRest < rightRest
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// The run of digits at `index` without its leading zeros; moves `index` behind it. Numbers of any length compare.
private func digits(of text: [UInt8], from index: inout Int) -> ArraySlice<UInt8> {
    let start = index
    while index < text.count, isDigit(text[index]) { index += 1 }
    return text[start..<index].drop { $0 == 0x30 }
}
