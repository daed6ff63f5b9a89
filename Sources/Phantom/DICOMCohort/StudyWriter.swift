internal import DICOM
internal import Imaging

/// Renders one study and writes its series; slices are rendered once and reconstructed with both kernels.
///
/// **Cost** one slice and one scout in memory.
struct StudyWriter: Sendable {
    let study: SyntheticStudy
    let stack: HeadStack
    let output: OutputTree
    private let header: StudyHeader

    init(_ study: SyntheticStudy, options: DICOMPhantomOptions, atlas: HeadStack.Atlas, output: OutputTree) {
        self.study = study
        self.output = output
        header = StudyHeader(study: study)
        stack = HeadStack(
            seed: options.seed, plan: study.plan, size: options.matrixSize, fieldOfView: Float(study.fieldOfView),
            atlas: atlas)
    }

    /// Writes every series. Returns what was written.
    func write() throws -> TreeCounts {
        for kind in study.kinds { try output.makeFolder(study.folder(kind)) }
        var counts = TreeCounts(series: study.kinds.count)
        var scout: [Int16] = []
        for index in 0..<study.sliceCount {
            try Task.checkCancellation()
            let tissue = stack.tissue(index).hu
            scout += projection(tissue)
            let images: [(SyntheticStudy.Kind, ReconstructionKernel)] = [(.soft, .soft), (.bone, .bone)]
            for (kind, kernel) in images where study.kinds.contains(kind) {
                let hu = stack.scan(tissue, slice: index, kernel: kernel)
                try writeAxial(kind, index: index, hu: hu)
                counts.slices += 1
            }
        }
        try writeScout(scout)
        counts.slices += 1
        if study.kinds.contains(.doseReport) {
            try write(header.doseReport(), frames: [], to: path(.doseReport, 1))
        }
        return counts
    }

    func path(_ kind: SyntheticStudy.Kind, _ instance: Int) -> String {
        study.folder(kind) + "/" + study.fileName(kind, instance)
    }

    /// The instance number of a slice, by its index from the neck.
    func instance(_ index: Int) -> Int {
        study.dialect.startsAtVertex ? study.sliceCount - index : index + 1
    }

    /// The header of an axial slice, for the defects that alter it.
    func axialHeader(_ kind: SyntheticStudy.Kind, index: Int) -> HeaderBuilder {
        let spacing = study.fieldOfView / Double(stack.size)
        let geometry = AxialGeometry(study: study, size: stack.size, spacing: spacing)
        return header.axial(kind, instance: instance(index), index: index, geometry: geometry)
    }

    func pixels(_ hu: [Int16]) throws -> PixelBuffer {
        let size = stack.size
        let stored = hu.indices.map { study.dialect.stored(hu[$0], isOutside: isOutsideCircle($0)) }
        if study.dialect.isUnsigned12Bit {
            return try PixelBuffer(rows: size, columns: size, elements: stored.map { UInt16($0) })
        }
        return try PixelBuffer(rows: size, columns: size, elements: stored.map { Int16($0) })
    }

    func file(_ header: HeaderBuilder, frames: [PixelBuffer], path: String) throws -> [UInt8] {
        do {
            return try DICOMWriter().file(elements: header.list, frames: frames)
        } catch {
            throw PhantomError.encodingFailed(path, underlying: error)
        }
    }

    private func write(_ header: HeaderBuilder, frames: [PixelBuffer], to path: String) throws {
        try output.write(file(header, frames: frames, path: path), to: path)
    }

    private func writeAxial(_ kind: SyntheticStudy.Kind, index: Int, hu: [Int16]) throws {
        try write(axialHeader(kind, index: index), frames: [pixels(hu)], to: path(kind, instance(index)))
    }

    /// Reconstruction fills the circle inside the square only.
    private func isOutsideCircle(_ index: Int) -> Bool {
        let size = stack.size
        let (x, y) = (2 * (index % size) - size + 1, 2 * (index / size) - size + 1)
        return x * x + y * y > size * size
    }

    /// Mean density along the ray from front to back: one row of the scout.
    private func projection(_ hu: [Float]) -> [Int16] {
        let size = stack.size
        var sums = [Float](repeating: 0, count: size)
        for row in 0..<size {
            for column in 0..<size { sums[column] += hu[row * size + column] }
        }
        return sums.map { Int16($0 / Float(size)) }
    }

    /// The scout repeats each projected row to about square pixels, head up.
    private func writeScout(_ projected: [Int16]) throws {
        let size = stack.size
        let spacing = study.fieldOfView / Double(size)
        let repeats = max(1, Int((Double(HeadStack.sliceThickness) / spacing).rounded()))
        var picture: [Int16] = []
        for index in (0..<study.sliceCount).reversed() {
            for _ in 0..<repeats { picture += projected[index * size..<(index + 1) * size] }
        }
        let rows = study.sliceCount * repeats
        let rowSpacing = Double(HeadStack.sliceThickness) / Double(repeats)
        let frame = try PixelBuffer(rows: rows, columns: size, elements: picture)
        let builder = header.localizer(rows: rows, columns: size, spacing: spacing, rowSpacing: rowSpacing)
        try write(builder, frames: [frame], to: path(.localizer, 1))
    }
}
