/// One step of the automaton. Targets are indices into the program.
enum PatternInstruction: Sendable, Equatable {
    case consume(ScalarSet)
    case assert(PatternAssertion)
    /// Tries `first`, then `second`: the order is the preference.
    case fork(first: Int, second: Int)
    case jump(Int)
    /// Notes the position in a slot: 2g is the start of group g, 2g + 1 its end.
    case save(Int)
    case match
}

/// Turns the tree of a pattern into a program.
struct PatternCompiler {
    private static let maximumSize = 1_000
    private var program: [PatternInstruction] = []

    mutating func compile(_ tree: PatternNode) throws(PatternError) -> [PatternInstruction] {
        try emit(.save(0))
        try emit(tree)
        try emit(.save(1))
        try emit(.match)
        return program
    }

    private mutating func emit(_ instruction: PatternInstruction) throws(PatternError) {
        guard program.count < Self.maximumSize else {
            throw PatternError(offset: 0, reason: "is too large; repeat less or split the rule")
        }
        program.append(instruction)
    }

    private mutating func emit(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .scalars(let set): try emit(.consume(set))
        case .assertion(let assertion): try emit(.assert(assertion))
        case .sequence(let parts): for part in parts { try emit(part) }
        case .alternatives(let branches): try emit(alternatives: branches[...])
        case .group(let body, let index):
            try emit(.save(2 * index))
            try emit(body)
            try emit(.save(2 * index + 1))
        case .repetition(let body, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum { try emit(body) }
            if let maximum {
                try emit(optional: body, count: maximum - minimum, isLazy: isLazy)
            } else {
                try emit(star: body, isLazy: isLazy)
            }
        }
    }

    private mutating func emit(alternatives branches: ArraySlice<PatternNode>) throws(PatternError) {
        var exits: [Int] = []
        for branch in branches.dropLast() {
            let fork = program.count
            try emit(.jump(0))
            try emit(branch)
            exits.append(program.count)
            try emit(.jump(0))
            program[fork] = .fork(first: fork + 1, second: program.count)
        }
        if let last = branches.last { try emit(last) }
        for exit in exits { program[exit] = .jump(program.count) }
    }

    private mutating func emit(star body: PatternNode, isLazy: Bool) throws(PatternError) {
        let fork = program.count
        try emit(.jump(0))
        try emit(body)
        try emit(.jump(fork))
        program[fork] = Self.fork(into: fork + 1, past: program.count, isLazy: isLazy)
    }

    private mutating func emit(optional body: PatternNode, count: Int, isLazy: Bool) throws(PatternError) {
        var forks: [Int] = []
        for _ in 0..<count {
            forks.append(program.count)
            try emit(.jump(0))
            try emit(body)
        }
        for fork in forks {
            program[fork] = Self.fork(into: fork + 1, past: program.count, isLazy: isLazy)
        }
    }

    private static func fork(into body: Int, past end: Int, isLazy: Bool) -> PatternInstruction {
        isLazy ? .fork(first: end, second: body) : .fork(first: body, second: end)
    }
}
