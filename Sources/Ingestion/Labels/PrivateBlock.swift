internal import DICOM

/// A block of private attributes that its creator reserved in the header of a series or slice.
///
/// **Source** PS3.5 7.8.1: (gggg,00bb) names the creator of (gggg,bb00-bbFF).
struct PrivateBlock: Sendable, Hashable {
    /// Where the name of the creator stands.
    let creatorPath: String
    let creator: String

    /// The path of an attribute in this block; `nil` where the block is of another creator, or somewhere else.
    func path(of key: DICOMPath.Key) -> String? {
        guard key.creator == creator, creatorPath.hasPrefix(key.creatorPrefix),
            creatorPath.utf8.count == key.creatorPrefix.utf8.count + 2
        else { return nil }
        return key.inBlock(of: creatorPath).path
    }
}
