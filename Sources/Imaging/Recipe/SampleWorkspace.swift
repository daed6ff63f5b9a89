/// Memory that a renderer uses again from sample to sample; one per thread.
///
/// **Cost** two float copies of the largest sample on its way through geometric steps, and tables of stored values.
package final class SampleWorkspace {
    let front = ScratchBuffer<Float>()
    let back = ScratchBuffer<Float>()
    let sums = ScratchBuffer<Double>()
    let maskFront = ScratchBuffer<UInt8>()
    let maskBack = ScratchBuffer<UInt8>()
    var floatTables = ValueTables<Float>()
    var byteTables = ValueTables<UInt8>()
    var wordTables = ValueTables<UInt16>()

    /// What the last sample was made by.
    var pruned: (extent: SampleExtent, recipe: SampleRecipe, renderer: SampleRenderer)?

    package init() {}

    func forgetTables() {
        floatTables = ValueTables()
        byteTables = ValueTables()
        wordTables = ValueTables()
    }
}

/// Uninitialised memory that only grows.
@safe final class ScratchBuffer<Element: BitwiseCopyable> {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity: Int

    init() {
        capacity = 0
        unsafe start = .allocate(capacity: 1)
    }

    deinit { unsafe start.deallocate() }

    /// At least this many elements; what was there is lost when it grows.
    @discardableResult
    func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if count > capacity {
            unsafe start.deallocate()
            unsafe start = UnsafeMutableRawPointer.allocate(
                byteCount: count * MemoryLayout<Element>.stride, alignment: 64
            ).bindMemory(to: Element.self, capacity: count)
            capacity = count
        }
        return unsafe start
    }

    func swap(with other: ScratchBuffer) {
        unsafe Swift.swap(&start, &other.start)
        Swift.swap(&capacity, &other.capacity)
    }
}

/// Tables from the bit pattern of a stored value to what its first stage makes of it, one per pixel type and rule.
struct ValueTables<Word: BitwiseCopyable> {
    struct Key: Hashable {
        let type: PixelType
        let rule: StoredValueRule
    }

    private var tables: [Key: [Word]] = [:]
    private var last: (key: Key, table: [Word])?
    /// Slices of PET have rescales of their own; the tables of a thread stay below a few MiB.
    private static var limit: Int { 8 }

    /// **Shape** `[chain][bit pattern]`, 256 or 65,536 patterns a chain.
    mutating func table(
        type: PixelType, rule: StoredValueRule, chains: [[ValueMap]], encode: (Double) -> Word
    ) -> [Word] {
        let key = Key(type: type, rule: rule)
        if let last, last.key == key { return last.table }
        let table = tables[key] ?? Self.make(key, chains, encode)
        if tables.count >= Self.limit { tables.removeAll(keepingCapacity: true) }
        tables[key] = table
        last = (key, table)
        return table
    }

    private static func make(
        _ key: Key, _ chains: [[ValueMap]], _ encode: (Double) -> Word
    ) -> [Word] {
        let patterns = key.type.byteCount == 1 ? 256 : 65_536
        var table: [Word] = []
        table.reserveCapacity(chains.count * patterns)
        for chain in chains {
            for pattern in 0..<patterns {
                let stored =
                    switch key.type {
                    case .i8: Double(Int8(truncatingIfNeeded: pattern))
                    case .i16: Double(Int16(truncatingIfNeeded: pattern))
                    default: Double(pattern)
                    }
                table.append(encode(chain(key.rule.value(ofStored: stored))))
            }
        }
        return table
    }
}
