internal import Datasets
internal import Imaging
internal import SQLInterface

/// Slices of one variant with their headers, stored ones before new ones.
struct VariantSlices: Sendable {
    var records: [SliceRecord]
    /// Complete header of each record.
    var headers: [HeaderAccumulator.Header]

    init(records: [SliceRecord], headers: [HeaderAccumulator.Header]) {
        self.records = records
        self.headers = headers
    }

    init(new records: [SliceRecord]) {
        self.init(records: records, headers: records.map { $0.prepared?.header ?? [:] })
    }

    func followed(by other: VariantSlices) -> VariantSlices {
        VariantSlices(records: records + other.records, headers: headers + other.headers)
    }
}

/// All rows of one variant of a series.
struct VariantRows: Sendable {
    let series: SeriesRow
    let slices: VariantSlices
    let object: PreparedObject?
    let removed: [RemovedPath: Int]

    var records: [SliceRecord] { slices.records }

    var findings: [Finding] {
        var found = OrderingNotes(series.assembly?.findings ?? []).notes.map { note in
            Finding(check: note.code, severity: .warning, subject: subject, sentence: note.sentence)
        }
        if series.variant > 0, object != nil {
            found.append(
                Finding(
                    check: "conflicting_object", severity: .warning, subject: subject,
                    sentence: "This object came again with another header; both are kept (variant \(series.variant))"
                        + (series.plan.modality == "RTSTRUCT" ? Self.firstMarks : ".")))
        } else if series.variant > 0, series.plan.role == .mask, series.plan.modality == "SEG" {
            found.append(
                Finding(
                    check: "conflicting_pixels", severity: .warning, subject: subject,
                    sentence: "This segmentation came again with other pixels; both are kept (variant "
                        + "\(series.variant))" + Self.firstMarks))
        } else if series.variant > 0 {
            found.append(
                Finding(
                    check: "conflicting_pixels", severity: .warning, subject: subject,
                    sentence: "Slices of this series came again with other pixels; both are kept. Training sets take "
                        + "this variant (\(series.variant)) where they say --include-variants."))
        }
        found += MixedHeaders(slices.headers).findings(about: subject)
        if let unplaced = UnplacedSlices(series, records) { found.append(unplaced.finding(about: subject)) }
        if let unscaled = UnscaledSlices(series, slices) { found.append(unscaled.finding(about: subject)) }
        if let source = series.plan.source, series.derivedFrom == nil {
            found.append(WaitingDerivations.finding(subject, source: source))
        }
        if series.plan.namesOtherPatient { found.append(MarkedImageIndex.findingOfOtherPatient(subject)) }
        if !series.plan.patientIsNamed {
            found.append(
                Finding(
                    check: "patient_without_identifier", severity: .warning, subject: subject,
                    sentence: "The source names no patient, so each study counts as a patient of its own."))
        }
        return found
    }

    /// Of marking objects with one SOP Instance UID.
    private static let firstMarks =
        ", and what came first marks the images. One that was edited is another object: send it with Series and SOP "
        + "Instance UIDs of its own, and take the first out of force with slicehouse domains retire."

    private var subject: Finding.Subject {
        .series(patientID: series.identity.patientID, seriesID: series.seriesID)
    }

    func add(to loads: inout RowLoads, isGrowth: Bool) {
        if !isGrowth { loads.add([series.values], columns: SeriesRow.columns, to: "series") }
        loads.add(volumeRows, columns: VolumeAssembly.columns, to: "series_volume")
        loads.add(sliceRows, columns: PreparedSlice.columns, to: "slice")
        addHeaders(to: &loads)
    }

    /// The place of each record in the order: `slice_index` by index into `records`.
    var sliceIndices: [Int] {
        var indices = Array(records.indices)
        for (place, record) in (series.assembly?.order ?? []).enumerated() { indices[record] = place }
        return indices
    }

    /// Rows of the volumes, where the series holds several.
    private var volumeRows: [[SQLValue]] {
        var firstSlice = 0
        return (series.assembly?.volumes ?? []).enumerated().map { index, volume in
            defer { firstSlice += volume.order.count }
            return volume.row(
                patientID: series.identity.patientID, seriesID: series.seriesID, index: index, firstSlice: firstSlice)
        }
    }

    /// Rows of the new slices.
    private var sliceRows: [[SQLValue]] {
        let indices = sliceIndices
        return records.enumerated().compactMap { index, record in
            guard record.isNew, let prepared = record.prepared else { return nil }
            return prepared.row(
                patientID: series.identity.patientID, seriesID: series.seriesID, sliceID: record.sliceID,
                index: indices[index], position: position(of: indices[index]))
        }
    }

    func position(of sliceIndex: Int) -> Double? {
        guard let positions = series.assembly?.positions, positions.indices.contains(sliceIndex) else { return nil }
        return positions[sliceIndex].flatMap { $0.isFinite ? $0 : nil }
    }

    private func addHeaders(to loads: inout RowLoads) {
        var accumulator = HeaderAccumulator()
        for (record, header) in zip(records, slices.headers) { accumulator.add(header, of: record.sliceID) }
        if let object { accumulator.add(object.header, of: 0) }
        let rows = HeaderRows(
            patientID: series.identity.patientID, seriesID: series.seriesID, sliceCount: max(1, records.count))
        if !accumulator.isEmpty {
            let common = accumulator.common
            loads.add([rows.seriesRow(common)], columns: HeaderRows.seriesColumns, to: "series_header")
            if object == nil {
                let particular = accumulator.particular
                loads.add(rows.sliceRows(particular), columns: HeaderRows.sliceColumns, to: "slice_header")
                loads.add(
                    rows.sliceValueRows(particular), columns: HeaderRows.sliceValueColumns, to: "header_slice_value")
            }
            loads.add(rows.valueRows(common), columns: HeaderRows.valueColumns, to: "header_value")
        }
        loads.add(rows.removedRows(removed), columns: HeaderRows.removedColumns, to: "header_removed")
    }
}
