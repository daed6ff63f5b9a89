package import Imaging
internal import SQLInterface
package import Warehouse

/// Draws slices with the outlines of their masks on one sheet, because people look before they train.
package struct SheetBuilder: Sendable {
    /// Which slices a sheet shows.
    package enum Choice: Sendable, Hashable {
        /// Slices with something marked on them, from as many patients as possible.
        case marked(limit: Int)
        /// Some series, evenly thinned out.
        case series(ids: [Int64], limit: Int)
    }

    private let window: WindowLevel
    private let sheet: ContactSheet

    /// - Parameter window: for slices with a rescale; others are drawn from their smallest to their largest value.
    package init(window: WindowLevel, sheet: ContactSheet = ContactSheet()) {
        self.window = window
        self.sheet = sheet
    }

    /// An RGB raster. **Throws** when no slice fits the choice (an empty sheet helps nobody).
    package func build(_ choice: Choice, on connection: any WarehouseConnection) async throws -> PixelBuffer {
        let wanted = try await slices(choice, on: connection)
        guard !wanted.isEmpty else { throw choice.emptiness }
        var tiles: [ContactSheet.Tile] = []
        for (patientID, sliceID) in wanted {
            tiles.append(try await tile(patientID: patientID, sliceID: sliceID, on: connection))
        }
        return try sheet.compose(tiles)
    }

    private func slices(
        _ choice: Choice, on connection: any WarehouseConnection
    ) async throws -> [(Int64, Int64)] {
        let query: SQL =
            switch choice {
            case .marked(let limit):
                """
                WITH marked AS (
                    SELECT slice.patient_id, slice.slice_id, dataset.name, dataset.version, patient.patient_key,
                        row_number() OVER (PARTITION BY slice.patient_id
                            ORDER BY annotation_mask.voxel_count DESC, slice.slice_id) AS place
                    FROM annotation_mask
                    JOIN annotation_current ON annotation_current.patient_id = annotation_mask.patient_id
                        AND annotation_current.annotation_id = annotation_mask.annotation_id
                    JOIN slice ON slice.patient_id = annotation_mask.patient_id
                        AND slice.slice_id = annotation_mask.slice_id
                    JOIN patient ON patient.patient_id = slice.patient_id
                    JOIN dataset ON dataset.dataset_id = patient.dataset_id
                )
                SELECT patient_id, slice_id FROM marked
                ORDER BY place, name, version DESC, patient_key, slice_id LIMIT \(limit)
                """
            case .series(let ids, let limit):
                """
                WITH numbered AS (
                    SELECT slice.patient_id, slice.slice_id, count(*) OVER () AS slice_count,
                        row_number() OVER (ORDER BY series.series_id, slice.slice_index) - 1 AS place
                    FROM series
                    JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
                    WHERE series.series_id IN \(list: ids)
                )
                SELECT patient_id, slice_id FROM numbered
                WHERE slice_count <= \(limit) OR place = 0
                    OR place * \(limit) / slice_count <> (place - 1) * \(limit) / slice_count
                ORDER BY place LIMIT \(limit)
                """
            }
        return try await connection.rows(query).map { (try $0.get("patient_id"), try $0.get("slice_id")) }
    }

    private func tile(
        patientID: Int64, sliceID: Int64, on connection: any WarehouseConnection
    ) async throws -> ContactSheet.Tile {
        var found: StoredSlice?
        try await SliceStream.slice(patientID: patientID, sliceID: sliceID).forEachBatch(on: connection) {
            found = $0.first
        }
        guard let slice = found else { throw CatalogueError("slice \(sliceID)", "it is no longer in the warehouse") }
        let buffer = try slice.pixels()
        let masks = try await connection.rows(
            """
            SELECT annotation_mask.rle FROM annotation_mask
            JOIN annotation_current ON annotation_current.patient_id = annotation_mask.patient_id
                AND annotation_current.annotation_id = annotation_mask.annotation_id
            WHERE annotation_mask.patient_id = \(patientID) AND annotation_mask.slice_id = \(sliceID)
            """)
        let outlines = try masks.map { row in
            ContactSheet.Outline(
                mask: try RunLengthMask(rows: slice.rows, columns: slice.columns, bytes: try row.get("rle")),
                colour: .red)
        }
        return try ContactSheet.Tile(
            grey: try grey(buffer, rescale: slice.rescale), rows: slice.rows, columns: slice.columns,
            outlines: outlines)
    }

    /// 8-bit grey: the window where values mean something (HU), else the slice's own range; colour by its mean.
    private func grey(_ buffer: PixelBuffer, rescale: Rescale?) throws -> [UInt8] {
        if buffer.samplesPerPixel > 1 { return luminance(buffer) }
        if buffer.type == .u8, rescale == nil { return buffer.bytes }
        if let rescale { return window.render8Bit(buffer, rescale: rescale) }
        let ends = buffer.finiteRange() ?? 0...0
        let looksLikeHU = ends.lowerBound < -500 && ends.upperBound < 5_000
        let range = try WindowLevel(
            center: (ends.lowerBound + ends.upperBound) / 2, width: max(1, ends.upperBound - ends.lowerBound))
        return (looksLikeHU ? window : range).render8Bit(buffer, rescale: nil)
    }

    private func luminance(_ buffer: PixelBuffer) -> [UInt8] {
        let samples = buffer.samplesPerPixel
        let values = buffer.doubles()
        let scale = buffer.type == .u8 ? 1.0 : 255 / max(1, buffer.statistics().maximum)
        return (0..<buffer.pixelCount).map { pixel in
            let sum = (0..<min(3, samples)).reduce(0.0) { $0 + values[pixel * samples + $1] }
            return UInt8(min(255, max(0, sum * scale / Double(min(3, samples)))))
        }
    }
}

extension SheetBuilder.Choice {
    /// Why a sheet would show nothing.
    fileprivate var emptiness: CatalogueError {
        switch self {
        case .marked:
            CatalogueError(
                "export sheet", "no slice has a mask; name a series with --series, and slicehouse series lists them")
        case .series(let ids, _):
            CatalogueError(
                "--series \(ids.map(String.init).joined(separator: ", "))",
                "it has no slices; slicehouse series says how many a series has")
        }
    }
}
