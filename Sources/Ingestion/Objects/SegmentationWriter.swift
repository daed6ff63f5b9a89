internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Makes an annotation of each segment of a stored segmentation, with a mask on each slice that it marks.
struct SegmentationWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// A frame with the slice it belongs to.
    private struct PlacedFrame {
        let frame: SegmentationFrames.Frame
        let slice: MarkedSlices.Slice
    }

    /// What has a place already changes nothing.
    func write(_ object: MarkingObjectPass.Object) async throws -> MarkingObjectPass.Written {
        let tie = ObjectTie(object: object, connection: connection, context: context)
        let stored = try await SegmentationFrames(of: object, on: connection)
        guard try await tie.imageSeriesID() == nil || stored.hasOpen else {
            try await tie.refreshTotals()
            return MarkingObjectPass.Written()
        }
        guard !stored.instances.contains(where: \.header.isTiled) else {
            return MarkingObjectPass.Written(findings: try await tie.replaceFindings([.tiled]))
        }
        let images = try await MarkedSlices(
            of: object.patientID, series: stored.markedSeries, instances: stored.sources,
            frameOfReferenceUID: stored.frameOfReferenceUID, on: connection)
        var written = MarkingObjectPass.Written()
        guard let first = images.seriesIDs.first else {
            written.findings = try await tie.replaceFindings([ObjectTie.waiting])
            return written
        }
        try await tie.tie(to: first)
        var problems = PlacementProblems()
        for instance in stored.instances {
            let part = try await write(instance, of: object, on: images, problems: &problems)
            written.annotations += part.annotations
            written.masks += part.masks
        }
        written.findings = try await tie.replaceFindings(problems.notes)
        return written
    }

    private func write(
        _ instance: SegmentationFrames.Instance, of object: MarkingObjectPass.Object, on images: MarkedSlices,
        problems: inout PlacementProblems
    ) async throws -> MarkingObjectPass.Written {
        var placed: [PlacedFrame] = []
        // Segments of frames that wait or fit nowhere; nil is any segment of a label map.
        var unplaced: Set<Int?> = []
        for frame in instance.frames where frame.isOpen {
            switch FramePlacement(frame, among: images) {
            case .on(let slice):
                placed.append(PlacedFrame(frame: frame, slice: slice))
                continue
            case .absent: problems.absent += 1
            case .otherSize: problems.otherSize += 1
            case .otherPlace: problems.otherPlace += 1
            }
            unplaced.insert(frame.marks.segment)
        }
        let regions = try await regions(of: placed, instance: instance, object: object)
        let annotated = try await annotatedKeys(of: object)
        var written = MarkingObjectPass.Written()
        for segment in instance.header.marked {
            let own = regions.filter { $0.segment == segment.number }
            // Nothing marked by somebody who looked is an answer too, where it is clear on which images; what was
            // marked and has no place is none.
            guard !own.isEmpty || unplaced.isDisjoint(with: [segment.number, nil]) else {
                if !annotated.contains(instance.annotationKey(of: segment)) {
                    problems.unplaced.insert(
                        UnplacedMark(
                            target: segment.target, reader: segment.reader(of: object.seriesKey).key, kind: "mask"))
                }
                continue
            }
            let series = Set(own.map(\.slice.seriesID) + (images.seriesIDs.count == 1 ? images.seriesIDs : []))
            for seriesID in series.sorted() {
                let (id, isNew) = try await annotate(segment, of: instance, object: object, on: seriesID)
                written.annotations += isNew ? 1 : 0
                written.masks += try await add(own.filter { $0.slice.seriesID == seriesID }, to: id, of: object)
                try await AnnotationTotals(connection: connection).update(id, on: seriesID, of: object.patientID)
            }
        }
        return written
    }

    // MARK: Pixels

    /// What one frame marks of one segment.
    fileprivate struct SegmentRegion {
        let segment: Int
        let slice: MarkedSlices.Slice
        let maskSliceID: Int64
        let region: MarkedRegion
    }

    /// Reads the pixels of frames, some at a time.
    private func regions(
        of placed: [PlacedFrame], instance: SegmentationFrames.Instance, object: MarkingObjectPass.Object
    ) async throws -> [SegmentRegion] {
        let frameOf = Dictionary(placed.map { ($0.frame.sliceID, $0) }) { first, _ in first }
        var regions: [SegmentRegion] = []
        for start in stride(from: 0, to: placed.count, by: 256) {
            let ids = placed[start..<min(start + 256, placed.count)].map(\.frame.sliceID)
            try await SliceStream.slices(patientID: object.patientID, sliceIDs: ids).forEachBatch(on: connection) {
                for stored in $0 {
                    guard let place = frameOf[stored.sliceID] else { continue }
                    let buffer = try stored.pixels()
                    for segment in instance.header.segments(of: place.frame) {
                        guard let region = try instance.header.region(of: segment, in: buffer) else { continue }
                        regions.append(
                            SegmentRegion(
                                segment: segment.number, slice: place.slice, maskSliceID: stored.sliceID,
                                region: region))
                    }
                }
            }
        }
        return regions
    }

    // MARK: Rows

    private func annotate(
        _ segment: SegmentationHeader.Segment, of instance: SegmentationFrames.Instance,
        object: MarkingObjectPass.Object, on seriesID: Int64
    ) async throws -> (id: Int64, isNew: Bool) {
        try await ObjectAnnotations(object: object, connection: connection, context: context).annotate(
            ObjectAnnotations.Mark(
                key: instance.annotationKey(of: segment), kind: "mask", target: segment.target,
                reader: segment.reader(of: object.seriesKey), maskSeriesID: object.seriesID,
                rule: instance.header.rule(of: segment)), on: seriesID)
    }

    /// Of the segments that were annotated before, as ``ObjectAnnotations/Mark`` has them.
    private func annotatedKeys(of object: MarkingObjectPass.Object) async throws -> Set<String> {
        let rows = try await connection.rows(
            """
            SELECT annotation_key FROM annotation
            WHERE patient_id = \(object.patientID) AND mask_series_id = \(object.seriesID)
            """)
        return Set(try rows.map { try $0.get("annotation_key", as: String.self) })
    }

    /// Two frames of one segment on one slice are one mask; where that is stored, neither is placed again.
    private func add(
        _ regions: [SegmentRegion], to annotationID: Int64, of object: MarkingObjectPass.Object
    ) async throws -> Int {
        let stored = try await connection.rows(
            """
            SELECT slice_id FROM annotation_mask
            WHERE patient_id = \(object.patientID) AND annotation_id = \(annotationID)
            """)
        let done = Set(try stored.map { try $0.get("slice_id", as: Int64.self) })
        var masks: [Int64: SegmentRegion] = [:]
        for region in regions.sorted(by: { $0.maskSliceID < $1.maskSliceID }) where !done.contains(region.slice.id) {
            masks[region.slice.id] = try masks[region.slice.id]?.joined(with: region.region) ?? region
        }
        let rows = masks.values.sorted { $0.slice.index < $1.slice.index }.compactMap { item in
            item.region.mask.boundingBox.map { box in
                AnnotationMaskRow(
                    patientID: object.patientID, annotationID: annotationID, sliceID: item.slice.id,
                    maskSliceID: item.maskSliceID, marked: item.region, box: box
                ).values
            }
        }
        try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: rows)
        return rows.count
    }
}

extension SegmentationWriter.SegmentRegion {
    fileprivate func joined(with other: MarkedRegion) throws -> Self {
        let union = zip(region.mask.decoded(), other.mask.decoded()).map { $0 | $1 }
        let mask = try RunLengthMask(mask: union, rows: region.mask.rows, columns: region.mask.columns)
        return Self(
            segment: segment, slice: slice, maskSliceID: maskSliceID,
            region: MarkedRegion(
                target: region.target, mask: mask,
                levelCount: region.levelCount.map { max($0, other.levelCount ?? 0) }, rule: region.rule,
                threshold: region.threshold))
    }
}

// MARK: Meaning

extension SegmentationFrames.Instance {
    fileprivate func annotationKey(of segment: SegmentationHeader.Segment) -> String {
        "\(key)/\(segment.number)"
    }
}

extension SegmentationHeader.Segment {
    /// Programs are known by their name; of people nothing is known but which series they made, whatever images its
    /// objects mark.
    func reader(of seriesKey: String) -> LabelReader {
        let made = ObjectReferences.commonKey(of: seriesKey)
        guard algorithmType == "AUTOMATIC" else { return LabelReader(key: "maker:" + made, kind: .human) }
        return LabelReader(key: "algorithm:" + (algorithmName ?? made), kind: .algorithm)
    }
}

extension SegmentationHeader {
    /// The segments that a frame may mark.
    fileprivate func segments(of frame: SegmentationFrames.Frame) -> [Segment] {
        guard let number = frame.marks.segment else {
            if case .labelMap = kind { return marked }
            return []
        }
        return segments.filter { $0.number == number }
    }

    /// A probability or occupancy marks above one half.
    private func pixelRule(of segment: Segment) -> MaskRule {
        switch kind {
        case .binary: .nonZero
        case .fractional(let maximum): .above(maximum / 2)
        case .labelMap: .values([Double(segment.number)])
        }
    }

    /// The pixels of a segment in a frame; `nil` where there are none.
    fileprivate func region(of segment: Segment, in buffer: PixelBuffer) throws -> MarkedRegion? {
        let rule = pixelRule(of: segment)
        let threshold = try MaskThreshold(rule: rule, frames: [buffer.statistics()], rescale: nil)
        let derived = try threshold.derive(from: buffer)
        guard derived.mask.voxelCount > 0 else { return nil }
        let isFractional = if case .fractional = kind { true } else { false }
        return MarkedRegion(
            target: segment.target, mask: derived.mask,
            levelCount: kind == .binary ? nil : derived.distinctLevelCount, rule: rule.description,
            threshold: isFractional ? threshold.limit : nil)
    }

    /// `annotation.rule`.
    fileprivate func rule(of segment: Segment) -> JSONValue {
        var rule: [String: JSONValue] = [
            "source": "dicom_segmentation", "segment": .integer(segment.number),
            "rule": .string(pixelRule(of: segment).description),
        ]
        rule["label"] = segment.label.map(JSONValue.string)
        rule["type"] = segment.type.map { type in
            ["scheme": .string(type[0]), "value": .string(type[1]), "meaning": .string(type[2])]
        }
        rule["algorithm_type"] = segment.algorithmType.map(JSONValue.string)
        rule["algorithm_name"] = segment.algorithmName.map(JSONValue.string)
        return .object(rule)
    }
}
