extension HeadStack {
    /// The slice with the face made unrecognisable: a coarse blur of everything in front of the skull base, plus noise.
    ///
    /// Slices above the eyes stay as they are. **Shape** `[rows][columns]`.
    func withFaceBlurred(_ hu: [Int16], slice: Int) -> [Int16] {
        guard isFacial(slice) else { return hu }
        let block = max(2, size / 40)
        let last = firstRowBehindFace()
        guard last > block else { return hu }
        var result = hu
        var generator = noiseGenerator(purpose: 6, slice: slice)
        for top in stride(from: 0, to: last, by: block) {
            for left in stride(from: 0, to: size, by: block) {
                let rows = top..<min(last, top + block)
                let columns = left..<min(size, left + block)
                var sum = 0
                for row in rows { for column in columns { sum += Int(hu[row * size + column]) } }
                let mean = sum / (rows.count * columns.count)
                guard mean > -990 else { continue }
                for row in rows {
                    for column in columns {
                        let noise = Int(generator.next() >> 57) - 64
                        result[row * size + column] = Int16(max(-1024, min(3071, mean + noise)))
                    }
                }
            }
        }
        return result
    }
}
