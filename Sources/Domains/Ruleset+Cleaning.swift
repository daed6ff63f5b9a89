extension Ruleset {
    /// Longer raw values are quarantined unread, so that no value can hold an ingest up. Bytes of UTF-8.
    package static let maximumRawLength = 65_536

    /// What `raw` comes to; `nil` is a value nobody gave (no column, no attribute), other than a blank one.
    ///
    /// Total and deterministic: every text gives a result, and equal texts give equal results.
    ///
    /// **Cost** linear in the length of the text for each rule; use `Cleaner` where values repeat.
    package func clean(_ raw: String?) -> CleanResult {
        guard let raw else { return .without(.empty, CleanReason(code: .absent, sentence: "the value is missing")) }
        guard raw.utf8.count <= Self.maximumRawLength else {
            let sentence = "the value is longer than \(Self.maximumRawLength) bytes; look at its source"
            return .without(.quarantined, CleanReason(code: .tooLong, sentence: sentence))
        }
        switch outcome(of: raw, from: 0) {
        case .values(let found): return .clean(Self.merged(found))
        case .stopped(let status, let reason, let rule): return .without(status, reason, rule: rule)
        case .blank: return .without(.empty, CleanReason(code: .blank, sentence: "the value is blank"))
        }
    }

    private enum Outcome {
        case values([(content: CleanValue.Content, rule: Int)])
        case stopped(CleanResult.Status, CleanReason, rule: Int)
        case blank

        static func term(_ name: String, rule: Int) -> Outcome { .values([(.term(name), rule)]) }
    }

    private static func merged(_ found: [(content: CleanValue.Content, rule: Int)]) -> [CleanValue] {
        var seen: Set<CleanValue.Content> = []
        let distinct = found.filter { seen.insert($0.content).inserted }
        return distinct.enumerated().map { ordinal, value in
            CleanValue(content: value.content, ordinal: ordinal, ruleIndex: value.rule)
        }
    }

    private func outcome(of raw: String, from first: Int) -> Outcome {
        var text = raw
        for (index, step) in steps.enumerated().dropFirst(first) {
            if case .rewrite(let rewriting) = step {
                text = rewriting.apply(to: text)
            } else if case .split(let separators) = step {
                let parts = text.split(separators: separators)
                if parts.count > 1 { return outcome(ofParts: parts, after: index) }
            } else if let outcome = decision(of: step, at: index, on: text) {
                return outcome
            }
        }
        return text.isBlank ? .blank : unmatched
    }

    /// What a rule other than `split` and the rewriting ones decides; `nil` where it leaves the text to the next.
    private func decision(of step: CleaningStep, at index: Int, on text: String) -> Outcome? {
        switch step {
        case .rewrite, .split: nil
        case .blank(let term): text.isBlank ? .term(term, rule: index) : nil
        case .lookup(let table): table[text].map { .term($0, rule: index) }
        case .regex(let pattern, let sources, let aliases):
            terms(sources, of: pattern, aliases: aliases, in: text).map { terms in
                .values(terms.map { (.term($0), index) })
            }
        case .number(let format): format.number(in: text).map { checked($0, rule: index) }
        case .text: text.isBlank ? nil : .values([(.text(text), index)])
        case .stop(let status, let condition, let reason):
            condition.holds(for: text)
                ? .stopped(status, CleanReason(code: .rule, sentence: reason), rule: index) : nil
        }
    }

    /// A list: its values in order; or the first quarantine of a part, because half a list would be a wrong answer.
    private func outcome(ofParts parts: [String], after index: Int) -> Outcome {
        var values: [(content: CleanValue.Content, rule: Int)] = []
        var dropped: Outcome?
        for part in parts where !part.isBlank {
            switch outcome(of: part, from: index + 1) {
            case .values(let found): values += found
            case .stopped(.quarantined, let reason, let rule): return .stopped(.quarantined, reason, rule: rule)
            case let stopped: dropped = dropped ?? stopped
            }
        }
        return values.isEmpty ? dropped ?? .blank : .values(values)
    }

    private func terms(
        _ sources: [CleaningStep.TermSource], of pattern: Pattern, aliases: [String: String], in text: String
    ) -> [String]? {
        let scalars = Array(text.unicodeScalars)
        guard let match = pattern.firstMatch(in: scalars) else { return nil }
        var terms: [String] = []
        for source in sources {
            switch source {
            case .term(let term): terms.append(term)
            case .group(let group):
                guard let range = match.groups[group] else { return nil }
                let captured = String(String.UnicodeScalarView(scalars[range])).trimmed()
                guard let term = aliases[captured] else { return nil }
                terms.append(term)
            }
        }
        return terms
    }

    private func checked(_ number: Double, rule: Int) -> Outcome {
        let unit = domain.unit.map { " \($0)" } ?? ""
        if let range = domain.range, !range.contains(number) {
            let sentence = "the number is outside \(range.minimum) to \(range.maximum)\(unit)"
            return .stopped(.quarantined, CleanReason(code: .outOfRange, sentence: sentence), rule: rule)
        }
        guard number.isFinite else {
            let reason = CleanReason(code: .outOfRange, sentence: "the number is too large to store")
            return .stopped(.quarantined, reason, rule: rule)
        }
        return .values([(.number(number), rule)])
    }

    private var unmatched: Outcome {
        let reason = CleanReason(code: .unmatched, sentence: "no rule of the domain \(domain.name) reads the value")
        return switch domain.unmatched {
        case .quarantine: .stopped(.quarantined, reason, rule: steps.count)
        case .drop: .stopped(.dropped, reason, rule: steps.count)
        case .term(let term): .term(term, rule: steps.count)
        }
    }
}

extension String {
    /// The parts between separators; where several separators begin at one place, the first listed wins.
    fileprivate func split(separators: [[Unicode.Scalar]]) -> [String] {
        let scalars = Array(unicodeScalars)
        var parts: [String] = []
        var start = 0
        var position = 0
        while position < scalars.count {
            guard let separator = separators.first(where: { scalars[position...].starts(with: $0) }) else {
                position += 1
                continue
            }
            parts.append(String(UnicodeScalarView(scalars[start..<position])))
            position += separator.count
            start = position
        }
        parts.append(String(UnicodeScalarView(scalars[start...])))
        return parts
    }
}
