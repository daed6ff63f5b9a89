internal import BatchStream
public import CSlicehouseStream
internal import CanonicalJSON
internal import Imaging

@c @implementation public func slicehouse_stream_open(
    _ set: UnsafeMutableRawPointer, _ options: UnsafePointer<CChar>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
    unsafe Reply.trying(error) {
        let reader = unsafe Handle.use(set, as: StreamReader.self)
        let request = try unsafe StreamRequest(JSONValue(parsing: String(cString: options)))
        return try unsafe Handle.out(request.stream(of: reader))
    }
}

@c @implementation public func slicehouse_stream_describe(
    _ stream: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutablePointer<CChar>? {
    unsafe Reply.trying(error) {
        unsafe Reply.json(Handle.use(stream, as: BatchStream.self).json)
    } ?? nil
}

@c @implementation public func slicehouse_stream_next(
    _ stream: UnsafeMutableRawPointer, _ timeout_milliseconds: Int64, _ batch: UnsafeMutablePointer<slicehouse_batch>,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    let delivery = unsafe Reply.trying(error) {
        try unsafe Handle.use(stream, as: BatchStream.self).next(
            timeoutMilliseconds: timeout_milliseconds < 0 ? nil : Int(timeout_milliseconds))
    }
    switch delivery {
    case .batch(let made):
        unsafe batch.pointee = slicehouse_batch(made)
        return 1
    case .end: return 0
    case .timeout: return 2
    case nil: return -1
    }
}

@c @implementation public func slicehouse_batch_release(_ owner: UnsafeMutableRawPointer?) {
    guard let owner = unsafe owner else { return }
    let batch = unsafe Handle.use(owner, as: Batch.self)
    guard !batch.isForked else { return }
    _ = unsafe Handle.release(owner, as: Batch.self)
}

@c @implementation public func slicehouse_stream_close(_ stream: UnsafeMutableRawPointer?) {
    guard let stream = unsafe stream, !(unsafe Handle.use(stream, as: BatchStream.self).isForked) else { return }
    unsafe Handle.release(stream, as: BatchStream.self).close()
}

extension slicehouse_batch {
    fileprivate init(_ batch: Batch) {
        let start = unsafe batch.buffer.start
        let layout = batch.layout
        unsafe self.init(
            owner: Handle.out(batch), image: start + layout.image, mask: layout.hasMask ? start + layout.mask : nil,
            target: layout.targetWidth > 0 ? (start + layout.target).assumingMemoryBound(to: Float.self) : nil,
            sample_number: (start + layout.numbers).assumingMemoryBound(to: Int64.self),
            weight: (start + layout.weights).assumingMemoryBound(to: Float.self), count: Int64(batch.count),
            valid_count: Int64(batch.plan.validCount), index: Int64(batch.plan.index),
            consumed: Int64(batch.plan.consumed))
    }
}

extension BatchStream {
    fileprivate var json: JSONValue {
        let shape = layout.shape
        func array(_ dtype: String, _ dimensions: [Int]) -> JSONValue {
            ["dtype": .string(dtype), "shape": .array(dimensions.map(JSONValue.integer))]
        }
        return [
            "image": array(shape.dtype.rawValue, shape.dimensions),
            "mask": layout.hasMask ? array(shape.maskDType.rawValue, shape.maskDimensions) : .null,
            "target": layout.targetWidth > 0 ? array("float32", table.targetDimensions) : .null,
            "target_names": .strings(table.targetNames), "layout": .string(shape.layout.rawValue),
            "batch_count": .integer(plan.batchCount), "rank_batch_count": .integer(plan.rankBatchCount),
            "epoch_count": .integer(plan.sampleCount), "consumed": .integer(plan.consumed),
            "stride": .integer(plan.stride), "retries": .integer(retryCount), "baked": .boolean(isBaked),
            "tail": .string(plan.tail.rawValue), "folds": .strings(table.folds),
            "trained_on": .strings(list.trainedOn), "class_weights": list.classWeights ?? .null,
        ]
    }
}
