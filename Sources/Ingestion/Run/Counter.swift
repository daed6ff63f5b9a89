internal import Synchronization

/// A number that several tasks count up.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// The new value.
    @discardableResult
    func increment(by amount: Int = 1) -> Int {
        value.add(amount, ordering: .relaxed).newValue
    }

    var current: Int { value.load(ordering: .relaxed) }
}
