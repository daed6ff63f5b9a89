/// Work over the elements of a large array, a piece of it on each core.
package struct ParallelPieces<Element: Sendable>: Sendable {
    private let pieces: [ArraySlice<Element>]

    package init(_ elements: [Element], count: Int) {
        let size = max(1, (elements.count + count - 1) / max(1, count))
        pieces = stride(from: 0, to: elements.count, by: size).map {
            elements[$0..<min($0 + size, elements.count)]
        }
    }

    /// Results in the order of the elements.
    package func compactMap<R: Sendable>(_ transform: @escaping @Sendable (Element) -> R?) async -> [R] {
        await withTaskGroup(of: (Int, [R]).self) { group in
            for (index, piece) in pieces.enumerated() {
                group.addTask { @concurrent in (index, piece.compactMap(transform)) }
            }
            var results: [[R]] = Array(repeating: [], count: pieces.count)
            for await (index, result) in group { results[index] = result }
            return Array(results.joined())
        }
    }
}
