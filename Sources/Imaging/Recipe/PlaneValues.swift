/// Value steps on the working picture.
enum PlaneValues {
    /// Applies the chains; several make several channels of each.
    static func map(_ chains: [[ValueMap]], _ planes: inout SamplePlanes, _ workspace: SampleWorkspace) {
        let size = planes.volumeSize
        let input = unsafe UnsafePointer(workspace.front.start)
        let output = unsafe workspace.back.reserve(planes.count * chains.count)
        for channel in 0..<planes.channels {
            for (branch, chain) in chains.enumerated() {
                let from = unsafe input + channel * size
                let to = unsafe output + (channel * chains.count + branch) * size
                if chain.count == 1 {
                    let only = chain[0]
                    for index in 0..<size { unsafe to[index] = Float(only(Double(from[index]))) }
                } else {
                    for index in 0..<size { unsafe to[index] = Float(chain(Double(from[index]))) }
                }
            }
        }
        planes.channels *= chains.count
        workspace.front.swap(with: workspace.back)
    }

    /// With the mean and the population standard deviation of all values where none is given; a deviation of 0 divides
    /// by 1.
    static func standardize(
        _ planes: SamplePlanes, mean: Double?, deviation: Double?, _ workspace: SampleWorkspace
    ) {
        let values = unsafe workspace.front.start
        let count = planes.count
        var sum = 0.0
        for index in 0..<count { unsafe sum += Double(values[index]) }
        let own = sum / Double(count)
        var squares = 0.0
        for index in 0..<count {
            let distance = unsafe Double(values[index]) - own
            squares += distance * distance
        }
        let spread = deviation ?? (squares / Double(count)).squareRoot()
        let map = ValueMap.standardize(mean: mean ?? own, deviation: spread == 0 ? 1 : spread)
        for index in 0..<count { unsafe values[index] = Float(map(Double(values[index]))) }
    }

    /// The smallest box of rows and columns that holds all voxels above the threshold in any channel or slice; the first
    /// pixel where there is none. **Source** as ``BlackBorders``.
    static func brightBox(_ planes: SamplePlanes, threshold: Double, _ workspace: SampleWorkspace) -> PixelBox {
        let (rows, columns) = (planes.extent.rows, planes.extent.columns)
        var (top, bottom, left, right) = (rows, -1, columns, -1)
        var line = unsafe UnsafePointer(workspace.front.start)
        for index in 0..<planes.count / columns {
            var (first, last) = (columns, -1)
            for column in 0..<columns where unsafe Double(line[column]) > threshold {
                first = min(first, column)
                last = column
            }
            if last >= 0 {
                (top, bottom) = (min(top, index % rows), max(bottom, index % rows))
                (left, right) = (min(left, first), max(right, last))
            }
            unsafe line += columns
        }
        guard bottom >= 0 else { return PixelBox(minimumRow: 0, minimumColumn: 0, maximumRow: 0, maximumColumn: 0) }
        return PixelBox(minimumRow: top, minimumColumn: left, maximumRow: bottom, maximumColumn: right)
    }
}
