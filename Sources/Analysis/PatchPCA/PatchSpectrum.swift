/// Which components of a patch are noise, by the Marchenko–Pastur law alone: no noise level is given.
///
/// Eigenvalues are taken from the least upwards as long as their spread is no more than noise of their mean would show.
/// **Source** Veraart et al.: Denoising of diffusion MRI using random matrix theory (2016), with the edge of
/// Cordero-Grande et al. (2019), as in MRtrix `dwidenoise`, estimator Exp2.
package struct PatchSpectrum: Sendable, Equatable {
    package let signalCount: Int
    /// Variance of the noise; `nil` where no component is noise.
    package let variance: Double?

    /// - Parameters:
    ///   - squares: Squares of the singular values of the patch, greatest first; as many as the shorter side.
    ///   - longSide: The longer side of the patch's matrix.
    package init(squares: [Double], longSide: Int) {
        let count = squares.count
        let long = Double(longSide)
        let least = max(0, squares.last ?? 0) / long
        var sum = 0.0
        var noiseCount = 0
        var variance: Double?
        for index in 0..<count {
            let value = max(0, squares[count - 1 - index]) / long
            sum += value
            let ratio = Double(index + 1) / (long - Double(count - index - 1))
            let mean = sum / Double(index + 1)
            if (value - least) / (4 * ratio.squareRoot()) < mean {
                noiseCount = index + 1
                variance = mean
            }
        }
        signalCount = count - noiseCount
        self.variance = variance
    }
}
