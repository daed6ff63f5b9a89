import Analysis
import Foundation
import LinearAlgebra

/// The end of a denoising for people.
struct DenoiseText {
    private let report: DenoiseReport

    init(_ report: DenoiseReport) { self.report = report }

    var text: String {
        let name = report.seriesID.map { "series \($0)" } ?? "matrix"
        let shape = report.shape.map(String.init).joined(separator: " × ")
        var lines = [
            "\(name): \(shape), \(report.method) by \(report.route), \(report.valueCount) singular values; "
                + String(format: "%.1f s", report.seconds),
            "  method: \(report.routeReason)",
            "  automatic rank: \(report.choice.rank); \(report.choice.explanation)",
            "  certificate: rank \(report.choice.rank) leaves out \(number(report.frobeniusError)) by the singular values, "
                + "\(number(report.certificate.frobeniusEstimate)) by \(report.certificate.probeCount) random probes; "
                + "greatest left out ≥ \(number(report.certificate.spectralEstimate)), ≤ "
                + "\(number(report.certificate.spectralBound))",
        ]
        lines += table
        if let verdict { lines.append("  " + verdict) }
        lines.append("  files: \(report.folder)")
        if let output = report.output {
            let level = report.levels[output.levelIndex]
            lines.append("  derived series \(output.seriesID) from \(level.name): \(output.folder)")
            if level.noiseAfter >= level.noiseBefore {
                lines.append("  the noise did not fall by it: look at what was taken away before you use this series")
            }
        }
        if let withheld = report.withheld { lines.append("  no derived series: \(withheld)") }
        return lines.joined(separator: "\n")
    }

    private var table: [String] {
        let header = ["level", "kept", "zeroed", "energy", "RMSE", "PSNR dB", "SSIM", "noise", "residual r", "edges r"]
        let rows = report.levels.map { level in
            [
                level.name, String(level.keptCount), String(level.zeroedCount), String(format: "%.6f", level.energy),
                number(level.rmse), level.psnr.map { String(format: "%.2f", $0) } ?? "-",
                level.ssim.map { String(format: "%.4f", $0) } ?? "-",
                "\(number(level.noiseBefore)) → \(number(level.noiseAfter))", correlation(level.residualCorrelation),
                correlation(level.edgeCorrelation),
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        return ([header] + rows).map { row in
            "  "
                + row.indices.map { column in
                    let padding = String(repeating: " ", count: widths[column] - row[column].count)
                    return column == 0 ? row[column] + padding : padding + row[column]
                }.joined(separator: "  ")
        }
    }

    /// MP-PCA beside the truncation of the whole stack: less noise left, and no more of the edges taken away.
    private var verdict: String? {
        guard let patches = report.levels.last(where: { $0.kind == .patches }),
            let automatic = report.levels.last(where: { $0.kind == .automatic })
        else { return nil }
        let edges = (patches.edgeCorrelation ?? 0, automatic.edgeCorrelation ?? 0)
        let wins = patches.noiseAfter < automatic.noiseAfter && edges.0 <= max(edges.1, 0.1)
        let levels = [0.1, 0.5, 0.9].compactMap { report.patchSummary?.noiseQuantile($0).map(number) }
        guard !levels.isEmpty else { return "MP-PCA found no noise in any patch, and took nothing away" }
        let found = "patches found noise of \(levels.joined(separator: " / ")) (10%, median, 90%)"
        guard automatic.residualCorrelation != nil else {
            return
                "MP-PCA leaves noise of \(number(patches.noiseAfter)) of \(number(patches.noiseBefore)); the automatic "
                + "truncation drops nothing to compare it with; \(found)"
        }
        return "MP-PCA \(wins ? "wins over" : "does not win over") the automatic truncation: noise left "
            + "\(number(patches.noiseAfter)) against \(number(automatic.noiseAfter)), edges in the residual "
            + "\(correlation(patches.edgeCorrelation)) against \(correlation(automatic.edgeCorrelation)); \(found)"
    }

    private func number(_ value: Double) -> String { String(format: "%.4g", value) }
    private func correlation(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
}
