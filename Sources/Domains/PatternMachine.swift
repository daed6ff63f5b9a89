/// Runs a compiled pattern over a text, all its threads in step.
///
/// Each program counter occurs at most once among the threads of a position, which bounds the work; the threads stand
/// in order of preference, so the first to reach `match` cuts off those behind it.
struct PatternMachine {
    private struct Thread {
        let counter: Int
        var slots: [Int?]
    }

    private let program: [PatternInstruction]
    private let text: [Unicode.Scalar]
    private let emptySlots: [Int?]
    /// The step at which each instruction was last entered, so that nothing need be cleared between steps.
    private var entered: [Int]
    private var step = 0
    /// Work space of `enter`, kept so that following a step allocates nothing.
    private var pending: [Thread] = []

    init(program: [PatternInstruction], groupCount: Int, text: [Unicode.Scalar]) {
        self.program = program
        self.text = text
        emptySlots = Array(repeating: nil, count: 2 * (groupCount + 1))
        entered = Array(repeating: 0, count: program.count)
    }

    mutating func firstMatch(from start: Int) -> PatternMatch? {
        var threads: [Thread] = []
        var best: [Int?]?
        for position in start...max(start, text.count) {
            if position == start { step += 1 }
            // A thread that starts here is the least preferred; once something matched, none starts any more.
            if best == nil { enter(0, at: position, slots: emptySlots, into: &threads) }
            if threads.isEmpty, best != nil { break }
            var advanced: [Thread] = []
            step += 1
            for thread in threads {
                if case .match = program[thread.counter] {
                    best = thread.slots
                    break
                }
                if case .consume(let set) = program[thread.counter], position < text.count,
                    set.contains(text[position])
                {
                    enter(thread.counter + 1, at: position + 1, slots: thread.slots, into: &advanced)
                }
            }
            threads = advanced
        }
        return best.map(Self.match)
    }

    /// Follows all steps that consume nothing, in order of preference, from `start`.
    private mutating func enter(_ start: Int, at position: Int, slots: [Int?], into threads: inout [Thread]) {
        pending.append(Thread(counter: start, slots: slots))
        while var thread = pending.popLast() {
            let counter = thread.counter
            guard entered[counter] != step else { continue }
            entered[counter] = step
            switch program[counter] {
            case .consume, .match: threads.append(thread)
            case .jump(let target): follow(thread, to: target)
            case .fork(let first, let second):
                follow(thread, to: second)
                follow(thread, to: first)
            case .save(let slot):
                thread.slots[slot] = position
                follow(thread, to: counter + 1)
            case .assert(let assertion):
                if assertion.holds(in: text, at: position) { follow(thread, to: counter + 1) }
            }
        }
    }

    private mutating func follow(_ thread: Thread, to counter: Int) {
        guard entered[counter] != step else { return }
        pending.append(Thread(counter: counter, slots: thread.slots))
    }

    private static func match(_ slots: [Int?]) -> PatternMatch {
        PatternMatch(
            groups: stride(from: 0, to: slots.count, by: 2).map { slot in
                guard let start = slots[slot], let end = slots[slot + 1] else { return nil }
                return start..<end
            })
    }
}

extension PatternAssertion {
    func holds(in text: [Unicode.Scalar], at position: Int) -> Bool {
        func isWord(_ position: Int) -> Bool {
            text.indices.contains(position) && ScalarSet.wordCharacters.contains(text[position])
        }
        return switch self {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        }
    }
}
