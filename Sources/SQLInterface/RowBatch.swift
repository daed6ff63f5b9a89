/// The rows of one batch while it fills.
///
/// A batch is full at `maxRows` rows, or before that once its blobs and texts reach 1 MiB, so that what a stream keeps
/// in memory does not depend on the size of its blobs, and the allocator can use the same memory again.
package struct RowBatch {
    package private(set) var rows: [[SQLValue]] = []
    private let maxRows: Int
    private var byteCount = 0
    private static let maxBytes = 1 << 20

    package init(maxRows: Int) {
        self.maxRows = max(1, maxRows)
    }

    package var isFull: Bool { rows.count >= maxRows || byteCount >= Self.maxBytes }

    package mutating func append(_ row: [SQLValue]) {
        for value in row {
            switch value {
            case .blob(let bytes): byteCount += bytes.count
            case .text(let text): byteCount += text.utf8.count
            default: break
            }
        }
        rows.append(row)
    }
}
