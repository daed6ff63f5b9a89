/// Which folds of a split are read together, as typed: `train`, `fold-1+fold-2`, or `all-but:fold-0`.
package struct FoldChoice: Sendable, Hashable {
    /// In the order of the split.
    package let folds: [String]
    /// Whether a model is trained on them, where nothing else says so: several folds, or what others are held out of.
    /// One fold by its name is read to look at, as a held-out one.
    package let isTrainingPart: Bool

    /// What stands before the folds that are left out.
    package static let allBut = "all-but:"

    /// Why a text chooses no folds.
    package enum Problem: Error, Equatable {
        case unknown(String)
        case twice(String)
        case nothing
    }

    /// - Parameter known: The folds of the split, in order.
    package init(parsing text: String, among known: [String]) throws(Problem) {
        if known.contains(text) {
            folds = [text]
            isTrainingPart = false
            return
        }
        let isComplement = text.hasPrefix(Self.allBut)
        let named = (isComplement ? text.dropFirst(Self.allBut.count) : text[...])
            .split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        var seen: Set<String> = []
        for fold in named {
            guard known.contains(fold) else { throw .unknown(fold) }
            guard seen.insert(fold).inserted else { throw .twice(fold) }
        }
        folds = known.filter { seen.contains($0) != isComplement }
        isTrainingPart = true
        guard !folds.isEmpty else { throw .nothing }
    }
}

extension FoldChoice.Problem {
    /// What is wrong, to be followed by the folds that there are.
    package var reason: String {
        switch self {
        case .unknown(let fold): "there is no fold \(fold.isEmpty ? "without a name" : fold)"
        case .twice(let fold): "fold \(fold) is named twice"
        case .nothing: "no fold is left"
        }
    }
}
