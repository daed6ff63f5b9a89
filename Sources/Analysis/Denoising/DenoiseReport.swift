package import CanonicalJSON
internal import Catalogue
package import LinearAlgebra

/// What a run did, for people and programs.
package struct DenoiseReport: Sendable {
    /// The derived series.
    package struct Output: Sendable {
        package let levelIndex: Int
        package let seriesID: Int64
        package let seriesInstanceUID: String
        /// Of its DICOM files.
        package let folder: String
    }

    /// `nil` for a matrix that came from a file.
    package let seriesID: Int64?
    package let runID: Int64?
    package let folder: String
    package let shape: [Int]
    package let levels: [LevelResult]
    package let output: Output?
    /// Why a derived series that was asked for was not made.
    package let withheld: String?
    package let method: String
    package let route: String
    package let routeReason: String
    package let valueCount: Int
    package let choice: RankChoice
    package let certificate: ResidualCertificate
    /// Frobenius norm of what the automatic rank leaves out, by the singular values.
    package let frobeniusError: Double
    package let patchSummary: PatchPCA.Summary?
    package var seconds = 0.0
    /// Seconds by step.
    package var steps: [String: Double] = [:]
    /// What the analysis found: `analysis_run.result`.
    package let result: JSONValue
    private let recipe: JSONValue
    /// What was asked for beside the recipe: slice, window, factors, matrix.
    private let files: JSONValue

    init(
        series: AnalysedSeries?, settings: DenoiseSettings, recipe: RecipeIdentity, plan: MemoryPlan,
        outcome: Denoising.Outcome, runID: Int64?, folder: String, output: Output?,
        withheld: String? = nil, files: JSONValue = .null
    ) {
        seriesID = series?.seriesID
        self.runID = runID
        self.folder = folder
        shape = [outcome.compared.rows, outcome.compared.columns, outcome.factors.right.rows]
        levels = outcome.levels
        self.output = output
        self.withheld = withheld
        self.files = files
        method = settings.method.rawValue
        route = outcome.factors.route.rawValue
        routeReason = outcome.factors.reason
        valueCount = outcome.factors.values.count
        choice = outcome.choice
        certificate = outcome.certificate
        frobeniusError = outcome.factors.squaredResidual(of: outcome.choice.rank).squareRoot()
        patchSummary = outcome.patches
        self.recipe = recipe.json
        result = Self.result(outcome, plan: plan, frobeniusError: frobeniusError)
    }

    private static func result(
        _ outcome: Denoising.Outcome, plan: MemoryPlan, frobeniusError: Double
    ) -> JSONValue {
        let (factors, choice, certificate) = (outcome.factors, outcome.choice, outcome.certificate)
        var members: [String: JSONValue] = [
            "route": .string(factors.route.rawValue), "route_reason": .string(factors.reason),
            "values": .integer(factors.values.count), "effective_rank": .integer(factors.effectiveRank),
            "squared_norm": .number(factors.squaredNorm), "compared_slices": .integer(outcome.compared.slices.count),
            "automatic_rank": [
                "rank": .integer(choice.rank), "rule": .string(choice.rule.rawValue), "noise": .number(choice.noise),
                "noise_source": .string(choice.noiseSource), "threshold": .number(choice.threshold),
                "explanation": .string(choice.explanation),
            ],
            "certificate": [
                "rank": .integer(choice.rank), "probes": .integer(certificate.probeCount),
                "power_iterations": .integer(certificate.powerIterations),
                "frobenius_by_values": .number(frobeniusError),
                "frobenius_by_probes": .number(certificate.frobeniusEstimate),
                "next_value": factors.values.count > choice.rank ? .number(factors.values[choice.rank]) : .null,
                "spectral_estimate": .number(certificate.spectralEstimate),
                "spectral_bound": .number(certificate.spectralBound),
            ],
            "levels": .array(outcome.levels.map(\.json)),
        ]
        if let patches = outcome.patches {
            func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
            members["patches"] = [
                "count": .integer(patches.patchCount), "constant": .integer(patches.untouchedCount),
                "mean_rank": .number(patches.meanRank), "noise_10": number(patches.noiseQuantile(0.1)),
                "noise_50": number(patches.noiseQuantile(0.5)), "noise_90": number(patches.noiseQuantile(0.9)),
            ]
        }
        return .object(members)
    }

    /// One object for a run; ids are strings.
    package var json: JSONValue {
        func text(_ id: Int64?) -> JSONValue { id.map { .string(String($0)) } ?? .null }
        return [
            "series_id": text(seriesID), "analysis_run_id": text(runID), "folder": .string(folder),
            "shape": .array(shape.map { .integer($0) }), "recipe": recipe, "files": files, "result": result,
            "output_series_id": text(output?.seriesID),
            "output_series_instance_uid": output.map { .string($0.seriesInstanceUID) } ?? .null,
            "output_folder": output.map { .string($0.folder) } ?? .null,
            "output_withheld": withheld.map(JSONValue.string) ?? .null, "seconds": .number(seconds),
            "steps": .object(steps.mapValues(JSONValue.number)),
        ]
    }
}
