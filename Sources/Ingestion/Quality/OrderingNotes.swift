internal import Imaging

/// What is odd about the order of a series, one sentence a kind: thirteen gaps are one finding.
struct OrderingNotes: Sendable {
    struct Note: Sendable, Equatable {
        let code: String
        let sentence: String
    }

    let notes: [Note]

    init(_ findings: [OrderingFinding]) {
        let gaps = findings.compactMap { finding -> (after: Int, millimetres: Double)? in
            if case .gap(let after, let millimetres) = finding { (after, millimetres) } else { nil }
        }
        var notes = findings.compactMap { finding -> Note? in
            if case .gap = finding { return nil }
            return Note(code: finding.code, sentence: Self.sentence(of: finding))
        }
        if let widest = gaps.max(by: { $0.millimetres < $1.millimetres }) {
            notes.append(
                Note(
                    code: OrderingFinding.gap(afterSlice: 0, millimetres: 0).code,
                    sentence: "\(gaps.count) steps between slices are more than 1.5 times the usual one; the widest is "
                        + "\(Self.rounded(widest.millimetres)) mm, after slice \(widest.after)."))
        }
        self.notes = notes
    }

    private static func sentence(of finding: OrderingFinding) -> String {
        switch finding {
        case .duplicatePosition(let count): "\(count) slices lie where another slice of the series lies."
        case .gap(let after, let millimetres): "After slice \(after) the next one is \(rounded(millimetres)) mm away."
        case .nonUniformSpacing(let minimum, let maximum):
            "The steps between slices range from \(rounded(minimum)) to \(rounded(maximum)) mm."
        case .tilt(let degrees):
            "The slices are stacked \(rounded(degrees)) degrees off their normal (gantry tilt)."
        case .shift(let millimetres):
            "The slices do not stand on one line; one is \(rounded(millimetres)) mm off it, so they are no grid."
        case .mixedOrientation(let count): "\(count) slices have another orientation than the rest."
        case .mixedGrid(let count): "\(count) slices have another pixel spacing than the rest."
        case .severalVolumes(let count, let traits):
            "The series holds \(count) volumes, told apart by \(traits.map(\.name).joined(separator: ", ")); its slices "
                + "are numbered volume by volume (series_volume)."
        }
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
