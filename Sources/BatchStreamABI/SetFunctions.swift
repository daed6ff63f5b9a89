internal import BatchStream
internal import CSlicehouseStream
internal import CanonicalJSON
internal import Glibc
internal import Imaging

@c @implementation public func slicehouse_abi_version() -> Int32 { SLICEHOUSE_ABI_VERSION }

@c @implementation public func slicehouse_free(_ text: UnsafeMutablePointer<CChar>?) { unsafe free(text) }

@c @implementation public func slicehouse_set_open(
    _ url: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
    unsafe Reply.trying(error) {
        let location = try unsafe StreamLocation(parsing: String(cString: url))
        return try unsafe Handle.out(StreamReader(location, set: String(cString: name)))
    }
}

@c @implementation public func slicehouse_set_describe(
    _ set: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutablePointer<CChar>? {
    unsafe Reply.trying(error) {
        let reader = unsafe Handle.use(set, as: StreamReader.self)
        try reader.checkProcess()
        return unsafe Reply.json(reader.set.json)
    } ?? nil
}

@c @implementation public func slicehouse_set_affine(
    _ set: UnsafeMutableRawPointer, _ sample_number: Int64, _ matrix: UnsafeMutablePointer<Double>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    let affine: VoxelAffine?? = unsafe Reply.trying(error) {
        try unsafe Handle.use(set, as: StreamReader.self).affine(of: Int(sample_number))
    }
    guard let affine else { return -1 }
    guard let affine else { return 0 }
    // Arrays are indexed by slice first, an affine by column.
    let numbers = affine.rows.flatMap { [$0[2], $0[1], $0[0], $0[3]] }
    for (index, number) in numbers.enumerated() { unsafe matrix[index] = number }
    return 1
}

@c @implementation public func slicehouse_set_close(_ set: UnsafeMutableRawPointer?) {
    guard let set = unsafe set, !(unsafe Handle.use(set, as: StreamReader.self).isForked) else { return }
    unsafe Handle.release(set, as: StreamReader.self).close()
}

extension TrainingSetInfo {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "version": .integer(version), "sample_kind": .string(sampleKind.rawValue),
            "target_kind": .string(targetKind.rawValue), "parameters": parameters,
            "class_weights": classWeights ?? .null, "sampling_plan": samplingPlan ?? .null,
            "sample_count": .integer(sampleCount), "recipe": recipe.json,
            "digest": .string(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()),
            "folds": .object(Dictionary(uniqueKeysWithValues: folds.map { ($0.name, .integer($0.count)) })),
        ]
    }
}
