/// A dense matrix of doubles that lies in memory.
///
/// **Shape** `rows` × `columns`, column-major, as BLAS and LAPACK want it: entry (i, j) is `elements[j * rows + i]`.
package struct Matrix: Sendable, Equatable {
    package let rows: Int
    package let columns: Int
    package var elements: [Double]

    /// Zeros.
    package init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a side is negative")
        self.rows = rows
        self.columns = columns
        elements = [Double](repeating: 0, count: rows * columns)
    }

    /// Adopts entries in column-major order.
    package init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns, "the entries are not those of the shape")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    package static func identity(_ side: Int) -> Matrix {
        var matrix = Matrix(rows: side, columns: side)
        for index in 0..<side { matrix[index, index] = 1 }
        return matrix
    }

    package subscript(row: Int, column: Int) -> Double {
        get { elements[column * rows + row] }
        set { elements[column * rows + row] = newValue }
    }

    package func column(_ index: Int) -> ArraySlice<Double> { elements[index * rows..<(index + 1) * rows] }

    /// The first columns.
    package func leadingColumns(_ count: Int) -> Matrix {
        Matrix(rows: rows, columns: count, elements: Array(elements[0..<rows * count]))
    }

    package var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for column in 0..<columns {
            for row in 0..<rows { result[column, row] = self[row, column] }
        }
        return result
    }

    package var isFinite: Bool { elements.allSatisfy(\.isFinite) }
}
