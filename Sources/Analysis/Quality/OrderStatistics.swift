/// A value by its place in the order of the others, which are not sorted for it.
enum OrderStatistics {
    /// The value that would stand at `place` if all were sorted; then those before it are not greater, those behind it
    /// not less.
    ///
    /// **Cost** linear on average. **Source** Hoare, algorithm 65 (Find), 1961.
    static func value<Value: Comparable>(at place: Int, of values: inout [Value]) -> Value {
        var (low, high) = (0, values.count - 1)
        while low < high {
            let pivot = values[low + (high - low) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                guard left <= right else { break }
                values.swapAt(left, right)
                left += 1
                right -= 1
            }
            if place <= right { high = right } else if place >= left { low = left } else { break }
        }
        return values[place]
    }

    /// The middle value, or the mean of the two.
    static func median(_ values: inout [Double]) -> Double {
        let middle = values.count / 2
        let upper = value(at: middle, of: &values)
        guard values.count.isMultiple(of: 2) else { return upper }
        return (upper + (values[..<middle].max() ?? upper)) / 2
    }
}
