/// A table of a header that gives values for stored or rescaled ones: modality LUT, VOI LUT, one channel of a palette.
///
/// Values below the first one mapped take the first entry, values above the last take the last.
/// **Source** DICOM PS3.3 C.11.1.1.1 (descriptor and data), C.7.6.3.1.5 (palettes).
package struct LookupTable: Sendable, Equatable {
    /// The value that the first entry belongs to.
    package let firstMapped: Int
    package let entries: [UInt16]
    /// Bits of an entry: its greatest possible value is 2^bits - 1.
    package let bits: Int

    /// **Throws** `invalidTable` without entries, or for entries of no or more than 16 bits.
    package init(firstMapped: Int, entries: [UInt16], bits: Int) throws(ImagingError) {
        guard !entries.isEmpty, (1...16).contains(bits) else {
            throw .invalidTable(reason: "it has no entries, or entries of \(bits) bits")
        }
        self.firstMapped = firstMapped
        self.entries = entries
        self.bits = bits
    }

    package var greatest: Double { Double((1 << bits) - 1) }

    package func entry(for value: Int) -> UInt16 {
        entries[min(max(value - firstMapped, 0), entries.count - 1)]
    }

    /// The entry for a value that need not be whole: the nearest whole one counts. NaN takes the first entry.
    package func entry(for value: Double) -> UInt16 {
        guard value.isFinite, value.magnitude < 4e9 else { return value > 0 ? entries[entries.count - 1] : entries[0] }
        return entry(for: Int(value.rounded(.toNearestOrEven)))
    }
}

/// The three tables of a PALETTE COLOR image.
package struct ColourPalette: Sendable, Equatable {
    package let red: LookupTable
    package let green: LookupTable
    package let blue: LookupTable

    package init(red: LookupTable, green: LookupTable, blue: LookupTable) {
        self.red = red
        self.green = green
        self.blue = blue
    }
}
