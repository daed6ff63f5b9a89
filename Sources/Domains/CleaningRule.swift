/// One step in the cleaning of a raw value, written in YAML as a word or as a map of one key.
///
/// Rules run in the order of the file. The first three and `replace` rewrite the text and go on; the others either
/// decide what becomes of the value, and nothing later runs, or leave it to the next rule.
package enum CleaningRule: Sendable, Equatable {
    /// `trim`: removes white space, NUL padding, byte order marks and zero-width spaces at both ends.
    case trim
    /// `collapse_space`: turns each run of white space, newlines included, into one space.
    case collapseSpace
    /// `case_fold`: compares without regard to case from here on.
    case caseFold
    /// `replace: {pattern: P, with: T}`: replaces each match of P; `$0`…`$9` in T are the match and its groups.
    case replace(pattern: String, template: String)

    /// `blank: absent`: a blank value, asserted by a cell that exists, means this term.
    case blank(term: String)
    /// `exact: {"0": absent, "1": present}`: the text is one of the keys.
    case exact([String: String])
    /// `alias`: the text is the name or an alias of a term, these being rewritten by the earlier rules.
    case alias
    /// `regex: {pattern: P, term: T}` or `{pattern: P, terms: [T, $1]}`: where P matches, these are the terms. A
    /// `$n` stands for the term whose name or alias group n holds; where it holds none, the rule does not apply.
    case regex(pattern: String, terms: [String])
    /// `split: ["+", ","]`: cuts a list; each part is cleaned by the remaining rules, and equal values are merged.
    /// The whole value is quarantined when one part is: half a list would be a wrong answer, not a partial one.
    case split(separators: [String])
    /// `number` or `number: {decimal: ".", grouping: ",", units: {years: 1, months: 12}}`: the text is a number.
    case number(NumberFormat)
    /// `text`: any text that is not blank is the value.
    case text
    /// `quarantine: {pattern: P, reason: R}` or `{values: […], reason: R}`: a person has to decide.
    case quarantine(Condition, reason: String)
    /// `drop: {pattern: P, reason: R}` or `{values: […], reason: R}`: no value; the raw text is kept.
    case drop(Condition, reason: String)

    /// When a quarantine or drop rule applies.
    package enum Condition: Sendable, Equatable {
        /// The pattern matches somewhere in the text; anchor it with `^` and `$` to match the whole.
        case pattern(String)
        /// The text is one of these, as the earlier rules leave it.
        case values([String])
    }

    /// The word that names the kind of rule, in YAML and in the table `label_rule`.
    package var kind: String {
        switch self {
        case .trim: "trim"
        case .collapseSpace: "collapse_space"
        case .caseFold: "case_fold"
        case .replace: "replace"
        case .blank: "blank"
        case .exact: "exact"
        case .alias: "alias"
        case .regex: "regex"
        case .split: "split"
        case .number: "number"
        case .text: "text"
        case .quarantine: "quarantine"
        case .drop: "drop"
        }
    }

    /// The one term that the rule leads to; `nil` where it leads to none or several.
    package var term: String? {
        switch self {
        case .blank(let term): term
        case .regex(_, let terms) where terms.count == 1 && terms[0].first != "$": terms[0]
        case .exact(let table) where Set(table.values).count == 1: table.values.first
        default: nil
        }
    }

    /// The regular expression of the rule; `nil` for rules that have none.
    package var pattern: String? {
        switch self {
        case .replace(let pattern, _), .regex(let pattern, _): pattern
        case .quarantine(.pattern(let pattern), _), .drop(.pattern(let pattern), _): pattern
        default: nil
        }
    }
}
