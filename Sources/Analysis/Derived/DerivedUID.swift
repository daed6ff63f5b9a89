internal import Crypto

/// UIDs of derived objects: below 2.25, from 128 bits of a digest over what they are made of.
///
/// The same input and recipe give the same UIDs, so that a run that is repeated writes the same files.
enum DerivedUID {
    static func make(_ parts: [String]) -> String {
        var hash = SHA256()
        hash.update(data: Array("slicehouse-derived-1".utf8))
        for part in parts {
            hash.update(data: Array("\(part.utf8.count):".utf8))
            hash.update(data: Array(part.utf8))
        }
        let value = hash.finalize().prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return "2.25." + String(value)
    }
}
