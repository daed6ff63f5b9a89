internal import CanonicalJSON
internal import PixelCodec

/// What a target is known by: how it is stored, and what it holds.
///
/// Marks are stored in order of the ids of their annotations. A corrected file gives these other ids, so that the same
/// marks may be stored in another order, under another digest.
struct TargetIdentity: Sendable, Hashable {
    /// As ``TargetDigest`` has it.
    let digest: [UInt8]
    /// The same with the marks in order of what they are.
    let content: [UInt8]

    /// Of labels or a grade, which have one order.
    init(_ json: JSONValue) {
        digest = TargetDigest.of(text: json.text)
        content = digest
    }

    /// - Parameter list: A list of numbers for each sphere.
    init(spheres list: JSONValue) {
        digest = TargetDigest.of(text: list.text)
        let spheres = list.array ?? []
        guard spheres.count > 1 else {
            content = digest
            return
        }
        content = TargetDigest.of(text: JSONValue.array(spheres.sorted { $0.text < $1.text }).text)
    }

    /// - Parameter slices: Of each slice, the run lengths of its masks in order of annotation id.
    init(masks slices: [[[UInt8]]]) {
        digest = TargetDigest.of(slices: slices.map { $0.flatMap(\.self) })
        guard slices.contains(where: { $0.count > 1 }) else {
            content = digest
            return
        }
        content = TargetDigest.of(
            slices: slices.map { masks in masks.sorted { $0.lexicographicallyPrecedes($1) }.flatMap(\.self) })
    }
}
