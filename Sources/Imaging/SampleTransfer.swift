/// A function from a stored value to eight bits; a type rather than a closure, so that kernels specialise on it.
protocol SampleTransfer {
    func byte(ofStored stored: Double) -> UInt8
}

extension PixelBuffer {
    /// Applies a transfer to every sample.
    ///
    /// **Shape** as the buffer's. **Cost** 8- and 16-bit samples: the transfer runs once per value between the frame's
    /// extremes, then one table look-up a sample. Wider samples: once per sample.
    func mapSamples(_ transfer: some SampleTransfer) -> [UInt8] {
        switch type {
        case .u8: unsafe withSamples(as: UInt8.self) { unsafe mappedByTable($0, transfer) }
        case .i8: unsafe withSamples(as: Int8.self) { unsafe mappedByTable($0, transfer) }
        case .u16: unsafe withSamples(as: UInt16.self) { unsafe mappedByTable($0, transfer) }
        case .i16: unsafe withSamples(as: Int16.self) { unsafe mappedByTable($0, transfer) }
        case .u32: unsafe withSamples(as: UInt32.self) { unsafe mapped($0, transfer) }
        case .i32: unsafe withSamples(as: Int32.self) { unsafe mapped($0, transfer) }
        case .f32: unsafe withSamples(as: Float.self) { unsafe mapped($0, transfer) }
        case .f64: unsafe withSamples(as: Double.self) { unsafe mapped($0, transfer) }
        }
    }
}

@inline(__always)
private func mappedByTable<T: PixelElement & FixedWidthInteger>(
    _ samples: UnsafeBufferPointer<T>, _ transfer: some SampleTransfer
) -> [UInt8] {
    var minimum = T.max
    var maximum = T.min
    for index in 0..<samples.count {
        let value = unsafe samples[index]
        minimum = value < minimum ? value : minimum
        maximum = value > maximum ? value : maximum
    }
    let base = Int(minimum)
    let table = (base...Int(maximum)).map { transfer.byte(ofStored: Double($0)) }
    return unsafe table.withUnsafeBufferPointer { table in
        unsafe [UInt8](unsafeUninitializedCapacity: samples.count) { target, count in
            for index in 0..<samples.count {
                unsafe target[index] = table[Int(samples[index]) &- base]
            }
            count = samples.count
        }
    }
}

@inline(__always)
private func mapped<T: PixelElement>(
    _ samples: UnsafeBufferPointer<T>, _ transfer: some SampleTransfer
) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: samples.count) { target, count in
        for index in 0..<samples.count {
            unsafe target[index] = transfer.byte(ofStored: samples[index].doubleValue)
        }
        count = samples.count
    }
}
