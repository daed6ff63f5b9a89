/// A block of rows of a tall matrix, lent for the length of a call.
///
/// **Shape** `rows.count` × `columns`, column-major.
@safe
package struct RowBlock {
    package let rows: Range<Int>
    package let columns: Int
    let values: UnsafeBufferPointer<Double>

    /// Lends the entries.
    package func withValues<R>(_ body: (UnsafeBufferPointer<Double>) throws -> R) rethrows -> R {
        try unsafe body(values)
    }
}

/// Reads a tall matrix once, in blocks of rows on several cores.
///
/// The rows are cut into stripes whose number follows from the shape alone, and every stripe is summed up by itself:
/// a result does not depend on the number of workers.
/// **Cost** memory is `workers` blocks of `blockByteCount` and one state per stripe.
package struct RowPass: Sendable {
    package let workers: Int
    package let blockByteCount: Int

    package init(workers: Int, blockByteCount: Int = 4 << 20) {
        self.workers = max(1, workers)
        self.blockByteCount = blockByteCount
    }

    /// States that are summed up side by side: fewer for wide matrices, whose states are large.
    package static func stripeCount(columns: Int) -> Int { columns <= 512 ? 16 : 4 }

    /// Folds the blocks of each stripe in order; the results come in the order of the stripes.
    ///
    /// - Parameter minimumRows: of a block, unless the stripe ends before.
    package func fold<State: Sendable>(
        _ matrix: any TallMatrix, minimumRows: Int = 64, initial: State,
        _ body: @escaping @Sendable (inout State, RowBlock) throws -> Void
    ) async throws -> [State] {
        let stripes = Self.stripes(of: matrix)
        let blockRows = max(minimumRows, blockByteCount / max(1, 8 * matrix.columnCount))
        var results = [State?](repeating: nil, count: stripes.count)
        try await withThrowingTaskGroup(of: (Int, State).self) { group in
            var next = 0
            func add() {
                guard next < stripes.count else { return }
                let (index, stripe) = (next, stripes[next])
                next += 1
                group.addTask { @concurrent in
                    (index, try Self.foldStripe(matrix, stripe, blockRows: blockRows, initial: initial, body))
                }
            }
            for _ in 0..<workers { add() }
            while let (index, state) = try await group.next() {
                results[index] = state
                add()
            }
        }
        return results.compactMap(\.self)
    }

    private static func stripes(of matrix: any TallMatrix) -> [Range<Int>] {
        let count = min(stripeCount(columns: matrix.columnCount), max(1, matrix.rowCount))
        return (0..<count).map { index in
            matrix.rowCount * index / count..<matrix.rowCount * (index + 1) / count
        }
    }

    private static func foldStripe<State>(
        _ matrix: any TallMatrix, _ stripe: Range<Int>, blockRows: Int, initial: State,
        _ body: (inout State, RowBlock) throws -> Void
    ) throws -> State {
        var state = initial
        let columns = matrix.columnCount
        let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: min(blockRows, stripe.count) * columns)
        defer { unsafe buffer.deallocate() }
        var start = stripe.lowerBound
        while start < stripe.upperBound {
            try Task.checkCancellation()
            let rows = start..<min(start + blockRows, stripe.upperBound)
            let part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[0..<rows.count * columns])
            unsafe try matrix.read(rows, into: part)
            let block = unsafe RowBlock(rows: rows, columns: columns, values: UnsafeBufferPointer(part))
            try body(&state, block)
            start = rows.upperBound
        }
        return state
    }

    /// Sums arrays of numbers over the blocks.
    package func sum(
        _ matrix: any TallMatrix, count: Int,
        _ body: @escaping @Sendable (inout [Double], RowBlock) throws -> Void
    ) async throws -> [Double] {
        let parts = try await fold(matrix, initial: [Double](repeating: 0, count: count), body)
        var total = [Double](repeating: 0, count: count)
        for part in parts { for index in 0..<count { total[index] += part[index] } }
        return total
    }
}

extension RowBlock {
    /// The block × `factor`. **Shape** `rows.count` × columns of the factor.
    package func times(_ factor: Matrix) -> Matrix {
        precondition(factor.rows == columns, "the shapes do not fit")
        var result = Matrix(rows: rows.count, columns: factor.columns)
        unsafe result.elements.withUnsafeMutableBufferPointer { target in
            unsafe factor.elements.withUnsafeBufferPointer { factorEntries in
                unsafe BLAS.multiply(
                    values, isTransposed: false, factorEntries, isTransposed: false, rows: rows.count,
                    columns: factor.columns, inner: columns, into: target, adding: false)
            }
        }
        return result
    }

    /// Adds blockᵀ × `other` to `total`, which is columns × other.columns.
    func addTransposedTimes(_ other: Matrix, to total: inout [Double]) {
        unsafe total.withUnsafeMutableBufferPointer { target in
            unsafe other.elements.withUnsafeBufferPointer { right in
                unsafe BLAS.multiply(
                    values, isTransposed: true, right, isTransposed: false, rows: columns, columns: other.columns,
                    inner: rows.count, into: target, adding: true)
            }
        }
    }

    /// Adds the upper triangle of blockᵀ × block to `total`.
    func addGram(to total: inout [Double]) {
        unsafe total.withUnsafeMutableBufferPointer { target in
            unsafe BLAS.addGram(of: values, rows: rows.count, columns: columns, to: target)
        }
    }

    /// Sum of the squares of the entries.
    var squaredNorm: Double { unsafe BLAS.squaredNorm(values) }

    /// The rows of `top` with the block below them.
    func stacked(below top: Matrix) -> Matrix {
        var result = Matrix(rows: top.rows + rows.count, columns: columns)
        unsafe result.elements.withUnsafeMutableBufferPointer { target in
            for column in 0..<columns {
                let start = column * (top.rows + rows.count)
                for row in 0..<top.rows { unsafe target[start + row] = top.elements[column * top.rows + row] }
                for row in 0..<rows.count {
                    unsafe target[start + top.rows + row] = values[column * rows.count + row]
                }
            }
        }
        return result
    }
}
