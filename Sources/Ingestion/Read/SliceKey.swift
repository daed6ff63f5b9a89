/// The natural key of a slice within its series.
enum SliceKey {
    /// A DICOM frame: `sop:UID`, `#n` for the n-th frame of a multi-frame object.
    static func sop(_ uid: String, frame: Int?) -> String {
        "sop:" + uid + (frame.map { "#\($0)" } ?? "")
    }

    /// A frame of a file without SOP Instance UID: digest of the file, number within the series, frame.
    ///
    /// The number is part of the key because two files of one series may hold the same bytes (blank masks do).
    static func content(sha256: [UInt8], instanceNumber: Int?, frame: Int?) -> String {
        "sha256:" + hexadecimal(sha256) + (instanceNumber.map { "@\($0)" } ?? "") + (frame.map { "#\($0)" } ?? "")
    }

    /// What makes two slices the same place of a series: the SOP instance where there is one, else the number by which
    /// the source calls the slice, else the content itself.
    ///
    /// Of the key alone, so that a slice that is read and the row that is stored of it never differ. An Instance Number
    /// is no such number: DICOM files without UIDs may repeat it.
    static func mergeKey(of sliceKey: String) -> String {
        guard !sliceKey.hasPrefix("sop:"), let mark = sliceKey.firstIndex(of: "@") else { return sliceKey }
        let number = sliceKey[mark...].dropFirst().prefix { $0 != "#" }
        return "number:\(number)"
    }
}
