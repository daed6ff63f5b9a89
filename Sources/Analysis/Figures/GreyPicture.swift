internal import Imaging

/// Values as grey levels, pixel by pixel.
enum GreyPicture {
    /// The window of the header, else from the 1st to the 99th percentile of the slice.
    static func window(for values: [Float], given: WindowLevel?) -> WindowLevel {
        if let given { return given }
        var values = values
        let low = Double(OrderStatistics.value(at: values.count / 100, of: &values))
        let high = Double(OrderStatistics.value(at: values.count - 1 - values.count / 100, of: &values))
        let fallback = WindowLevel.spanning(minimum: low - 0.5, maximum: low + 0.5)
        guard let window = WindowLevel.spanning(minimum: low, maximum: high) ?? fallback else {
            preconditionFailure("a range of width 1 is a window")
        }
        return window
    }

    /// DICOM PS3.3 C.11.2.1.3.2 (LINEAR_EXACT), truncated.
    static func grey(_ values: [Float], window: WindowLevel) -> [UInt8] {
        let low = window.center - window.width / 2
        return values.map { value in
            let level = (Double(value) - low) * 255 / window.width
            return level <= 0 ? 0 : level >= 255 ? 255 : UInt8(level)
        }
    }
}
