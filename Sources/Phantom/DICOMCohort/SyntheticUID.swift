/// Unique identifiers below 2.25, the root for identifiers made from 128 random bits.
///
/// **Source** DICOM PS3.5 B.2; ITU-T X.667. The bits come from the keyed generator with the version (4) and variant of a
/// random UUID set, so the same options give the same UIDs.
enum SyntheticUID {
    static func make(seed: UInt64, _ key: UInt64...) -> String {
        var state = SeededGenerator(seed: seed, key: 0x75_69_64)
        for element in key {
            state = SeededGenerator(seed: state.next(), key: element)
        }
        var high = state.next()
        var low = state.next()
        high = high & ~0xF000 | 0x4000
        low = low & ~(0b11 << 62) | 0b10 << 62
        return "2.25." + String(UInt128(high) << 64 | UInt128(low))
    }
}
