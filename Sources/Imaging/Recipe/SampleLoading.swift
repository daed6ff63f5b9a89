/// Where the renderer puts the samples of one channel of one frame.
@safe struct SampleTarget<Word: BitwiseCopyable> {
    /// Of the first pixel.
    let start: UnsafeMutablePointer<Word>
    /// From one column to the next, 1 for planes.
    let step: Int
    /// From one row to the next.
    let rowStep: Int
}

/// Reads a region of a frame sample by sample, and puts what a table or a chain makes of it where it belongs.
struct SampleLoading {
    let frame: SampleFrame
    let region: SampleRegion

    init(_ frame: SampleFrame, region: SampleRegion?) {
        self.frame = frame
        self.region =
            region
            ?? SampleRegion(firstRow: frame.firstRow, firstColumn: 0, rows: frame.rows, columns: frame.columns)
    }

    /// Whether stored values are so few that a table holds them all.
    static func hasTable(_ type: PixelType) -> Bool {
        switch type {
        case .u8, .i8, .u16, .i16: true
        case .u32, .i32, .f32, .f64: false
        }
    }

    /// One look-up a sample.
    func byTable<Word: BitwiseCopyable>(
        _ table: UnsafePointer<Word>, sample: Int, mirrored: (rows: Bool, columns: Bool), to target: SampleTarget<Word>
    ) {
        if frame.type.byteCount == 1 {
            map(UInt8.self, sample, mirrored, target) { unsafe table[Int($0)] }
        } else {
            map(UInt16.self, sample, mirrored, target) { unsafe table[Int($0)] }
        }
    }

    /// The chain once a sample.
    func byChain(_ chain: [ValueMap], rule: StoredValueRule, sample: Int, to target: SampleTarget<Float>) {
        func value(_ stored: Double) -> Float { Float(chain(rule.value(ofStored: stored))) }
        let plain = (rows: false, columns: false)
        switch frame.type {
        case .u32: map(UInt32.self, sample, plain, target) { value(Double($0)) }
        case .i32: map(Int32.self, sample, plain, target) { value(Double($0)) }
        case .f32: map(Float.self, sample, plain, target) { value(Double($0)) }
        case .f64: map(Double.self, sample, plain, target) { value($0) }
        case .u8, .i8, .u16, .i16: preconditionFailure("narrow samples have tables")
        }
    }

    @inline(__always)
    private func map<Stored: BitwiseCopyable, Word: BitwiseCopyable>(
        _ stored: Stored.Type, _ sample: Int, _ mirrored: (rows: Bool, columns: Bool), _ target: SampleTarget<Word>,
        _ transform: (Stored) -> Word
    ) {
        guard let base = unsafe frame.bytes.baseAddress?.assumingMemoryBound(to: Stored.self) else { return }
        let stride = frame.samplesPerPixel
        for row in 0..<region.rows {
            let storedRow = min(max(region.firstRow + row - frame.firstRow, 0), frame.rows - 1)
            let from = unsafe base + storedRow * frame.columns * stride + sample
            let placed = mirrored.rows ? region.rows - 1 - row : row
            var to = unsafe target.start + placed * target.rowStep
            var step = target.step
            if mirrored.columns {
                unsafe to += (region.columns - 1) * step
                step = -step
            }
            unsafe mapRow(from, stride, to, step, transform)
        }
    }

    /// One row; the middle lies within the frame, its ends repeat the outermost columns.
    @inline(__always)
    private func mapRow<Stored: BitwiseCopyable, Word: BitwiseCopyable>(
        _ from: UnsafePointer<Stored>, _ stride: Int, _ to: UnsafeMutablePointer<Word>, _ step: Int,
        _ transform: (Stored) -> Word
    ) {
        let before = min(region.columns, max(0, -region.firstColumn))
        let end = max(before, min(region.columns, frame.columns - region.firstColumn))
        for column in 0..<before { unsafe to[column * step] = transform(from[0]) }
        let first = unsafe from + (region.firstColumn + before) * stride
        if stride == 1, step == 1 {
            let place = unsafe to + before
            for index in 0..<end - before { unsafe place[index] = transform(first[index]) }
        } else {
            for index in 0..<end - before { unsafe to[(before + index) * step] = transform(first[index * stride]) }
        }
        for column in end..<max(end, region.columns) {
            unsafe to[column * step] = transform(from[(frame.columns - 1) * stride])
        }
    }
}
