internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The slices of series in order, and where one volume ends and the next begins.
struct SeriesSlices: Sendable {
    struct Slice: Sendable {
        let id: Int64
        let digest: [UInt8]
    }

    struct Size: Sendable, Equatable {
        let rows: Int
        let columns: Int
        let samplesPerPixel: Int
    }

    struct Stack: Sendable {
        private(set) var slices: [Slice] = []
        /// Where slices of another size begin, and theirs: most series have one.
        private var sizes: [(first: Int, size: Size)] = []
        /// Slice indices of each volume; one range where the series is one volume.
        var volumes: [Range<Int>] = []

        mutating func append(_ slice: Slice, _ size: Size) {
            if sizes.last?.size != size { sizes.append((first: slices.count, size: size)) }
            slices.append(slice)
        }

        /// Of each of these slices; nil where they have several.
        func size(of indices: Range<Int>) -> Size? {
            sizes.last { $0.first < indices.upperBound }.flatMap { $0.first <= indices.lowerBound ? $0.size : nil }
        }
    }

    private var stacks: [Int64: Stack] = [:]

    subscript(series: Int64) -> Stack? { stacks[series] }

    /// **Cost** memory for the id and digest of every slice of these series.
    init(of series: Set<Int64>, splitID: Int64, on connection: any WarehouseConnection) async throws {
        var stacks: [Int64: Stack] = [:]
        try await connection.stream(
            """
            SELECT slice.series_id, slice.slice_id, slice.pixel_digest, slice.rows, slice.columns,
                slice.samples_per_pixel
            FROM slice
            JOIN split_assignment
                ON split_assignment.patient_id = slice.patient_id AND split_assignment.split_id = \(splitID)
            ORDER BY slice.patient_id, slice.series_id, slice.slice_index
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                let id: Int64 = try row.get(at: 0)
                guard series.contains(id) else { continue }
                stacks[id, default: Stack()].append(
                    Slice(id: try row.get(at: 1), digest: try row.get(at: 2)),
                    Size(
                        rows: try row.get(at: 3), columns: try row.get(at: 4),
                        samplesPerPixel: try row.get(at: 5)))
            }
        }
        let volumes = try await connection.rows(
            "SELECT series_id, first_slice_index, slice_count FROM series_volume ORDER BY series_id, volume_index")
        for row in volumes {
            let first: Int = try row.get(at: 1)
            stacks[try row.get(at: 0, as: Int64.self)]?.volumes.append(
                first..<first + (try row.get(at: 2, as: Int.self)))
        }
        for (id, stack) in stacks where stack.volumes.isEmpty { stacks[id]?.volumes = [0..<stack.slices.count] }
        self.stacks = stacks
    }

    /// The slices that a sample is made of.
    ///
    /// **Throws** why it cannot be made: `outsideVolume`, `severalSizes`.
    func slices(
        of candidate: SampleCandidate, _ form: SampleForm
    ) throws(SampleCandidate.Refused) -> SampleSlices {
        guard form.hasSeveralSlices else { return SampleSlices(candidate) }
        guard let stack = stacks[candidate.seriesID], !stack.slices.isEmpty else { throw Self.outside }
        let whole = 0..<stack.slices.count
        switch form {
        case .slice, .image: throw Self.outside
        case .volume: return SampleSlices(stack, whole, in: whole, middle: nil, size: try Self.size(of: whole, stack))
        case .context(let neighbours):
            guard let index = candidate.sliceIndex, whole.contains(index),
                let volume = stack.volumes.first(where: { $0.contains(index) })
            else { throw Self.outside }
            let indices = index - neighbours..<index + neighbours + 1
            return SampleSlices(
                stack, indices, in: volume, middle: index, size: try Self.size(of: indices.clamped(to: volume), stack))
        case .crop(let shape, let outside):
            guard let centre = candidate.centre else { throw Self.outside }
            return try crop(stack, around: centre, shape, outside)
        }
    }

    private func crop(
        _ stack: Stack, around centre: VoxelPoint, _ shape: SampleForm.CropShape, _ outside: CropPlacement.Outside
    ) throws(SampleCandidate.Refused) -> SampleSlices {
        // A query may give any number, and none.
        guard let middle = Int(exactly: centre.slice.rounded(.toNearestOrEven)),
            let volume = stack.volumes.first(where: { $0.contains(middle) }),
            let place = CropPlacement(
                centre: centre.slice - Double(volume.lowerBound), size: shape.slices, count: volume.count,
                outside: outside)
        else { throw Self.outside }
        let first = place.first + volume.lowerBound
        let indices = first..<first + place.size
        let size = try Self.size(of: indices.clamped(to: volume), stack)
        let region = shape.region(
            column: centre.column, row: centre.row, ofRows: size.rows, columns: size.columns, outside: outside)
        guard let region else { throw Self.outside }
        return SampleSlices(stack, indices, in: volume, middle: middle, size: size, region: region)
    }

    private static func size(of indices: Range<Int>, _ stack: Stack) throws(SampleCandidate.Refused) -> Size {
        guard let size = stack.size(of: indices) else { throw SampleCandidate.Refused(why: .severalSizes) }
        return size
    }

    private static var outside: SampleCandidate.Refused { SampleCandidate.Refused(why: .outsideVolume) }
}
