/// The value representations of PS3.5 table 6.2-1.
package enum DICOMVR: String, Sendable, CaseIterable {
    case AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, OB, OD, OF, OL, OV, OW, PN, SH, SL, SQ, SS, ST, SV, TM, UC, UI
    case UL, UN, UR, US, UT, UV

    /// By its two letters; `nil` for letters that PS3.5 does not define.
    init?(_ first: UInt8, _ second: UInt8) {
        let letters: ClosedRange<UInt8> = 0x41...0x5A
        guard letters.contains(first), letters.contains(second),
            let vr = Self.byLetters[Int(first - 0x41) * 26 + Int(second - 0x41)]
        else { return nil }
        self = vr
    }

    private static let byLetters: [DICOMVR?] = (0..<26 * 26).map { (index: Int) -> DICOMVR? in
        let letters: [UInt8] = [UInt8(0x41 + index / 26), UInt8(0x41 + index % 26)]
        return DICOMVR(rawValue: String(decoding: letters, as: UTF8.self))
    }

    /// What the value is made of.
    enum Content {
        case text, signed, unsigned, real, tags, bytes, items
    }

    var content: Content {
        switch self {
        case .AE, .AS, .CS, .DA, .DS, .DT, .IS, .LO, .LT, .PN, .SH, .ST, .TM, .UC, .UI, .UR, .UT: .text
        case .SS, .SL, .SV: .signed
        case .US, .UL, .UV: .unsigned
        case .FL, .FD: .real
        case .AT: .tags
        case .OB, .OD, .OF, .OL, .OV, .OW, .UN: .bytes
        case .SQ: .items
        }
    }

    /// Bytes of one number; 1 for text and for bytes without a width.
    var width: Int {
        switch self {
        case .SS, .US, .OW: 2
        case .SL, .UL, .FL, .OF, .OL, .AT: 4
        case .SV, .UV, .FD, .OD, .OV: 8
        default: 1
        }
    }

    /// False where a backslash is a character of the text (PS3.5 6.2: ST, LT, UT, UR).
    var separatesValues: Bool {
        switch self {
        case .ST, .LT, .UT, .UR: false
        default: true
        }
    }

    /// True where explicit VR has two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).
    var hasLongLength: Bool {
        switch self {
        case .OB, .OD, .OF, .OL, .OV, .OW, .SQ, .SV, .UC, .UN, .UR, .UT, .UV: true
        default: false
        }
    }
}
