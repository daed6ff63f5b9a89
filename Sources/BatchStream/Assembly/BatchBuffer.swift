internal import Glibc
package import Imaging

/// Where the parts of a batch lie in its memory, each aligned to 64 bytes.
package struct BatchLayout: Sendable, Equatable {
    package let shape: SampleShape
    package let hasMask: Bool
    package let targetWidth: Int
    package let capacity: Int

    package let image: Int
    package let mask: Int
    package let target: Int
    package let numbers: Int
    package let weights: Int
    package let byteCount: Int

    package init(shape: SampleShape, hasMask: Bool, targetWidth: Int, capacity: Int) {
        self.shape = shape
        self.hasMask = hasMask
        self.targetWidth = targetWidth
        self.capacity = capacity
        var end = 0
        func part(_ byteCount: Int) -> Int {
            defer { end += (byteCount * capacity + 63) / 64 * 64 }
            return end
        }
        image = part(shape.byteCount)
        mask = part(hasMask ? shape.maskByteCount : 0)
        target = part(targetWidth * 4)
        numbers = part(8)
        weights = part(4)
        byteCount = end
    }
}

/// The memory of one batch.
// @unchecked: threads write disjoint samples of it, and whoever reads does so after the monitor has handed it over.
@safe package final class BatchBuffer: @unchecked Sendable {
    package let start: UnsafeMutableRawPointer
    package let byteCount: Int

    /// Anonymous memory, in large pages where the system gives them: a batch is written once and read once.
    ///
    /// **Throws** `resources`.
    init(byteCount: Int) throws(StreamError) {
        let size = max(byteCount, 4_096)
        let memory = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw StreamError(.resources, "There is not enough memory for a batch of \(byteCount) bytes.")
        }
        unsafe madvise(memory, size, MADV_HUGEPAGE)
        unsafe start = memory
        self.byteCount = size
    }

    deinit { unsafe munmap(start, byteCount) }

    func part(at offset: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer {
        precondition(offset >= 0 && offset + byteCount <= self.byteCount, "the part lies in the batch")
        return unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: byteCount)
    }
}

/// Buffers that were given back, for the next batches of the same size: the system zeroes new memory, which takes a fifth
/// of the time of a batch of windowed slices.
final class BatchPool: Sendable {
    private struct State {
        var byteCount = 0
        var limit = 0
        var free: [BatchBuffer] = []
    }

    private let state = Monitor<State>(State())

    /// Keeps up to `limit` buffers of this size from now on, and drops those of another.
    func prepare(byteCount: Int, limit: Int) {
        state.change { state in
            if state.byteCount != byteCount { state.free = [] }
            (state.byteCount, state.limit) = (byteCount, limit)
        }
    }

    func take(byteCount: Int) throws(StreamError) -> BatchBuffer {
        if let known = state.change({ $0.byteCount == byteCount ? $0.free.popLast() : nil }) { return known }
        return try BatchBuffer(byteCount: byteCount)
    }

    func put(_ buffer: BatchBuffer) {
        state.change { state in
            if buffer.byteCount == max(state.byteCount, 4_096), state.free.count < state.limit {
                state.free.append(buffer)
            }
        }
    }
}

/// A finished batch. Its memory is the caller's until the last reference goes; then it serves the next batch.
package final class Batch: Sendable {
    package let plan: PlannedBatch
    package let layout: BatchLayout
    package let buffer: BatchBuffer
    private let pool: BatchPool
    private let process = getpid()

    init(plan: PlannedBatch, layout: BatchLayout, buffer: BatchBuffer, pool: BatchPool) {
        self.plan = plan
        self.layout = layout
        self.buffer = buffer
        self.pool = pool
    }

    deinit { pool.put(buffer) }

    /// Whether the process is another than the one that made it.
    package var isForked: Bool { getpid() != process }
    package var count: Int { plan.positions.count }
}
