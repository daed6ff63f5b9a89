/// Finds what contradicts itself in the description of a domain, before its rules are compiled.
struct DomainCheck {
    private let domain: LabelDomain
    private let vocabulary: String

    init(_ domain: LabelDomain, vocabulary: String) {
        self.domain = domain
        self.vocabulary = vocabulary
    }

    func run() throws(DomainError) {
        guard domain.name.isDomainName else {
            throw failure("its name is not a lower-case word of letters, digits and underscores; rename it")
        }
        guard !domain.levels.isEmpty, Set(domain.levels).count == domain.levels.count else {
            throw failure("its levels are missing or repeated; list each level once")
        }
        try checkTerms()
        try checkRange()
    }

    private func checkTerms() throws(DomainError) {
        guard domain.terms.isEmpty == (domain.valueKind != .term) else {
            throw failure("a domain has terms exactly where its values are terms; add or remove them")
        }
        var names: Set<String> = []
        var ordinals: Set<Int> = []
        for term in domain.terms {
            guard term.name.isTermName else {
                throw failure("the term '\(term.name)' is not made of letters, digits and underscores; rename it")
            }
            guard names.insert(term.name).inserted else {
                throw failure("the term '\(term.name)' is defined twice; remove one")
            }
            guard term.ordinal.map({ ordinals.insert($0).inserted }) ?? true else {
                throw failure("the ordinal of the term '\(term.name)' is already taken; number the terms anew")
            }
        }
    }

    private func checkRange() throws(DomainError) {
        guard domain.valueKind == .number || (domain.range == nil && domain.unit == nil) else {
            throw failure("only a domain of numbers has a unit or a range; remove them")
        }
        guard let range = domain.range else { return }
        guard range.minimum.isFinite, range.maximum.isFinite, range.minimum <= range.maximum else {
            throw failure("its range does not run from a finite minimum up to a finite maximum; correct it")
        }
    }

    private func failure(_ reason: String) -> DomainError {
        DomainError(code: .invalidDomain, subject: "\(vocabulary), domain \(domain.name)", reason: reason)
    }
}

extension String {
    fileprivate var isDomainName: Bool {
        guard let first = utf8.first, (0x61...0x7A).contains(first) else { return false }
        return isTermName && utf8.allSatisfy { !(0x41...0x5A).contains($0) }
    }

    fileprivate var isTermName: Bool {
        !isEmpty && unicodeScalars.allSatisfy { ScalarSet.wordCharacters.contains($0) }
    }
}
