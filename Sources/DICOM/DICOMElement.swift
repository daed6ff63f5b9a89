/// The value of an attribute, in the exact form that its value representation has.
package enum DICOMValue: Sendable, Equatable {
    /// Present without a value.
    case empty
    /// Text values without trailing padding; a PN keeps its "=" between representations.
    case strings([String])
    case signed([Int64])
    case unsigned([UInt64])
    case reals([Double])
    case tags([DICOMTag])
    /// Little-endian bytes.
    case bytes([UInt8])
    case items([DICOMHeader])

    /// How many values there are; bytes count as one.
    package var count: Int {
        switch self {
        case .empty: 0
        case .strings(let values): values.count
        case .signed(let values): values.count
        case .unsigned(let values): values.count
        case .reals(let values): values.count
        case .tags(let values): values.count
        case .bytes: 1
        case .items(let items): items.count
        }
    }
}

/// One attribute of a data set.
package struct DICOMElement: Sendable, Equatable {
    package let tag: DICOMTag
    package let vr: DICOMVR
    package let value: DICOMValue

    package init(tag: DICOMTag, vr: DICOMVR, value: DICOMValue) {
        self.tag = tag
        self.vr = vr
        self.value = value
    }
}
