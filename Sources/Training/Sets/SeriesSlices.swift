internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The slices of series in order, and where one volume ends and the next begins.
struct SeriesSlices: Sendable {
    struct Slice: Sendable {
        let id: Int64
        let digest: [UInt8]
    }

    struct Stack: Sendable {
        var slices: [Slice] = []
        var rows = 0
        var columns = 0
        /// Slice indices of each volume; one range where the series is one volume.
        var volumes: [Range<Int>] = []
    }

    private var stacks: [Int64: Stack] = [:]

    subscript(series: Int64) -> Stack? { stacks[series] }

    /// **Cost** memory for the id and digest of every slice of these series.
    init(of series: Set<Int64>, splitID: Int64, on connection: any WarehouseConnection) async throws {
        var stacks: [Int64: Stack] = [:]
        try await connection.stream(
            """
            SELECT slice.series_id, slice.slice_id, slice.pixel_digest, slice.rows, slice.columns FROM slice
            JOIN split_assignment
                ON split_assignment.patient_id = slice.patient_id AND split_assignment.split_id = \(splitID)
            ORDER BY slice.patient_id, slice.series_id, slice.slice_index
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                let id: Int64 = try row.get(at: 0)
                guard series.contains(id) else { continue }
                stacks[id, default: Stack()].slices.append(
                    Slice(id: try row.get(at: 1), digest: try row.get(at: 2)))
                if stacks[id]?.slices.count == 1 {
                    stacks[id]?.rows = try row.get(at: 3)
                    stacks[id]?.columns = try row.get(at: 4)
                }
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

    /// The slices that a sample is made of; `nil` where it cannot be made.
    func slices(of candidate: SampleCandidate, _ form: SampleForm) -> SampleSlices? {
        guard form.hasSeveralSlices else { return SampleSlices(candidate) }
        guard let stack = stacks[candidate.seriesID], !stack.slices.isEmpty else { return nil }
        switch form {
        case .slice, .image: return nil
        case .volume: return SampleSlices(stack, 0..<stack.slices.count, in: 0..<stack.slices.count, middle: nil)
        case .context(let neighbours):
            guard let index = candidate.sliceIndex, stack.slices.indices.contains(index),
                let volume = stack.volumes.first(where: { $0.contains(index) })
            else { return nil }
            return SampleSlices(stack, index - neighbours..<index + neighbours + 1, in: volume, middle: index)
        case .crop(let shape, let outside):
            guard let centre = candidate.centre else { return nil }
            return crop(stack, around: centre, shape, outside)
        }
    }

    private func crop(
        _ stack: Stack, around centre: VoxelPoint, _ shape: SampleForm.CropShape, _ outside: CropPlacement.Outside
    ) -> SampleSlices? {
        // A query may give any number, and none.
        guard let middle = Int(exactly: centre.slice.rounded(.toNearestOrEven)),
            let volume = stack.volumes.first(where: { $0.contains(middle) })
        else { return nil }
        let place = CropPlacement(
            centre: centre.slice - Double(volume.lowerBound), size: shape.slices, count: volume.count, outside: outside)
        let region = shape.region(
            column: centre.column, row: centre.row, ofRows: stack.rows, columns: stack.columns, outside: outside)
        guard let place, let region else { return nil }
        let first = place.first + volume.lowerBound
        return SampleSlices(stack, first..<first + place.size, in: volume, middle: middle, region: region)
    }
}
