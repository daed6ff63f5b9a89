internal import BatchStream
internal import CanonicalJSON
internal import Imaging

/// The options of `slicehouse_stream_open`; what is absent or null gets its default.
struct StreamRequest {
    private let members: [String: JSONValue]

    private static let known: Set<String> = [
        "fold", "batch_size", "seed", "epoch", "shuffle", "rank", "world_size", "worker", "workers", "tail", "consumed",
        "skip",
        "augment", "oversample", "trained_on", "baked", "verify", "threads", "prefetch", "retry_seconds",
    ]

    init(_ json: JSONValue) throws(StreamError) {
        members = json.object ?? [:]
        if let unknown = members.keys.filter({ !Self.known.contains($0) }).min() {
            throw StreamError(.invalidPlan, "The batches cannot be planned: there is no option \(unknown).")
        }
    }

    func stream(of reader: StreamReader) throws -> BatchStream {
        guard let fold = members["fold"]?.string else {
            throw StreamError(.invalidPlan, "The batches cannot be planned: the fold is missing.")
        }
        let choice = try reader.folds(fold)
        let list = try EpochList(
            reader.table(choice), read: choice, trainedOn: try trainedFolds(reader),
            repeats: try flag("oversample") ?? true)
        let worldSize = try integer("world_size") ?? 1
        let isShuffled = try flag("shuffle") ?? true
        let plan = try StreamPlan(
            sampleCount: list.count, seed: UInt64(bitPattern: Int64(try integer("seed") ?? 0)),
            epoch: UInt64(try integer("epoch", from: 0) ?? 0), isShuffled: isShuffled,
            batchSize: try integer("batch_size") ?? 32, rank: try integer("rank") ?? 0, worldSize: worldSize,
            worker: try integer("worker") ?? 0, workers: try integer("workers") ?? 1,
            tail: try tail() ?? (worldSize > 1 ? .pad : .short), consumed: try integer("consumed") ?? 0,
            skip: try integer("skip") ?? 0)
        var options = BatchStream.Options()
        options.bakedFolder = value("baked")?.string
        options.verifiesBake = try flag("verify") ?? false
        options.threads = try integer("threads", from: 1)
        options.prefetch = try integer("prefetch", from: 1)
        options.augments = try flag("augment") ?? isShuffled
        if let seconds = try seconds("retry_seconds") { options.retrySeconds = seconds }
        return try BatchStream(reader, list: list, plan: plan, options: options)
    }

    private func trainedFolds(_ reader: StreamReader) throws(StreamError) -> FoldChoice? {
        guard let value = value("trained_on") else { return nil }
        guard let text = value.string else { throw wrong("trained_on", "one or more folds, such as all-but:fold-0") }
        return try reader.folds(text)
    }

    private func value(_ name: String) -> JSONValue? {
        let value = members[name]
        return value == .null ? nil : value
    }

    private func integer(_ name: String, from least: Int = .min) throws(StreamError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.number.flatMap({ Int(exactly: $0) }) else {
            throw wrong(name, "a whole number of 64 bits")
        }
        guard number >= least else { throw wrong(name, "at least \(least)") }
        return number
    }

    private func seconds(_ name: String) throws(StreamError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.number, number >= 0 else { throw wrong(name, "a number of seconds, at least 0") }
        return number
    }

    private func flag(_ name: String) throws(StreamError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .boolean(let flag) = value else { throw wrong(name, "true or false") }
        return flag
    }

    private func tail() throws(StreamError) -> StreamPlan.Tail? {
        guard let value = value("tail") else { return nil }
        guard let tail = value.string.flatMap(StreamPlan.Tail.init) else { throw wrong("tail", "drop, pad or short") }
        return tail
    }

    private func wrong(_ name: String, _ rule: String) -> StreamError {
        StreamError(.invalidPlan, "The batches cannot be planned: \(name) must be \(rule).")
    }
}
