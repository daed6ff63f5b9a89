/// The slices that patches are cut from at the moment, and what has been summed up for them so far.
struct PatchWindow: Sendable {
    let rows: Int
    let columns: Int
    let options: PatchOptions
    /// Index of the first slice.
    private(set) var first = 0
    /// **Shape** `[slices][rows * columns]`.
    private(set) var values: [[Float]] = []
    private var sums: [[Float]] = []
    private var weights: [[Float]] = []

    init(rows: Int, columns: Int, options: PatchOptions) {
        self.rows = rows
        self.columns = columns
        self.options = options
    }

    /// Lets go of the slices before `first` and takes in those up to the end of the window.
    mutating func move(to first: Int, read: (Int) throws -> [Float]) rethrows {
        let gone = min(first - self.first, values.count)
        values.removeFirst(gone)
        sums.removeFirst(gone)
        weights.removeFirst(gone)
        self.first = first
        while values.count < options.slices {
            values.append(try read(first + values.count))
            sums.append([Float](repeating: 0, count: rows * columns))
            weights.append([Float](repeating: 0, count: rows * columns))
        }
    }

    /// The slices alone: what tasks may hold while the sums change.
    var input: PatchWindow {
        var copy = self
        copy.sums = []
        copy.weights = []
        return copy
    }

    mutating func add(_ band: PatchBand) {
        let start = band.firstRow * columns
        for slice in band.sums.indices {
            for index in band.sums[slice].indices {
                sums[slice][start + index] += band.sums[slice][index]
                weights[slice][start + index] += band.weights[slice][index]
            }
        }
    }

    /// The weighted mean of the patches over a slice that no further patch covers.
    func finished(_ slice: Int) -> [Float] {
        let index = slice - first
        return sums[index].indices.map { pixel in
            let weight = weights[index][pixel]
            return weight > 0 ? sums[index][pixel] / weight : values[index][pixel]
        }
    }
}
