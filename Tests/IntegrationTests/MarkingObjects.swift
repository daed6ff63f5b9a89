import Foundation
import Imaging
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// An oblique CT with segmentations and a structure set, written and read by pydicom.
struct MarkingObjects {
    static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pydicom"

    /// Its folder `in` holds the files.
    let folder: TemporaryFolder
    /// `target|SOP Instance UID|marked pixels`, one line a mask that is not empty; `rt:` before the targets of contours.
    /// Each comes twice: as its maker called it, and by the coded type of the segment or the number of the region.
    let masks: [String]

    /// What is expected where the allow-list took the names that makers gave.
    var clinicalMasks: [String] { masks.filter { $0.hasPrefix("type ") || $0.hasPrefix("rt:ROI") } }

    /// What is expected where identifiers are kept.
    var namedMasks: [String] { masks.filter { !$0.hasPrefix("type ") && !$0.hasPrefix("rt:ROI") } }

    init(in folder: TemporaryFolder, program: Program) async throws {
        let answer = try await program.run(tool: Self.python, ["-c", Self.script, folder.path("in")])
        #expect(answer.exitCode == 0, "\(answer.error)")
        self.folder = folder
        masks = answer.output.split(separator: "\n").map(String.init).sorted()
    }

    /// The masks that a warehouse holds, in the same form.
    static func masks(in place: TestWarehouse) async throws -> [String] {
        let rows = try await place.rows(
            """
            SELECT annotation.target, annotation.kind, slice.sop_instance_uid, slice.rows, slice.columns, annotation_mask.rle
            FROM annotation_mask
            JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
                AND annotation.annotation_id = annotation_mask.annotation_id
            JOIN slice ON slice.patient_id = annotation_mask.patient_id
                AND slice.slice_id = annotation_mask.slice_id
            """)
        return try rows.map { row in
            let mask = try RunLengthMask(
                rows: row.get("rows"), columns: row.get("columns"), bytes: row.get("rle", as: [UInt8].self))
            let pixels = mask.decoded().enumerated().filter { $1 == 1 }.map { String($0.offset) }
            let (target, uid): (String, String) = (try row.get("target"), try row.get("sop_instance_uid"))
            let kind = try row.get("kind", as: String.self) == "contour" ? "rt:" : ""
            return "\(kind)\(target)|\(uid)|\(pixels.joined(separator: " "))"
        }.sorted()
    }

    /// Files: `ct/0.dcm` … `ct/5.dcm`; `seg/*.dcm`; `rt/structures.dcm`; `odd/*.dcm`, which fit nowhere.
    ///
    /// 15 × 13 pixels, so that the bits of a frame do not begin at a byte. What is expected is read from the files that
    /// were written: pixels by pydicom, places by the functional groups, polygons by the crossings of a ray.
    private static let script = """
        import os, sys
        import numpy, pydicom
        from pydicom.dataset import Dataset, FileMetaDataset
        from pydicom.pixels import pack_bits
        from pydicom.sequence import Sequence
        root = sys.argv[1]
        for name in ('ct', 'seg', 'rt', 'odd'): os.makedirs(os.path.join(root, name))
        rows, columns, count, step = 15, 13, 6, 2.5
        spacing = (0.75, 0.5)
        across = numpy.array([0.8, 0.6, 0.0]); down = numpy.array([-0.36, 0.48, 0.8])
        normal = numpy.cross(across, down)
        corner = numpy.array([-31.25, 12.5, 40.125])
        origin = lambda k: corner + k * step * normal
        text = lambda values: [f'{value:.9f}'.rstrip('0')[:16] for value in values]
        image = lambda k: f'2.25.77.9.{k}'
        rng = numpy.random.default_rng(5)

        def item(**values):
            data = Dataset()
            for name, value in values.items(): setattr(data, name, value)
            return data

        def write(path, data, sop_class):
            data.SOPClassUID = sop_class
            data.file_meta = FileMetaDataset()
            data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            data.file_meta.MediaStorageSOPClassUID = sop_class
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
            data.PatientID, data.PatientName, data.StudyInstanceUID = '4711', 'Doe^Jane', '2.25.77.1'
            data.FrameOfReferenceUID = '2.25.77.3'
            data.save_as(os.path.join(root, path), enforce_file_format=True)

        def raster(data, values, bits):
            data.Rows, data.Columns = values.shape[1:]
            data.SamplesPerPixel, data.PhotometricInterpretation = 1, 'MONOCHROME2'
            data.BitsAllocated = data.BitsStored = bits
            data.HighBit, data.PixelRepresentation = bits - 1, 0
            data.PixelData = pack_bits(values) if bits == 1 else values.tobytes()
            if len(data.PixelData) % 2: data.PixelData += b'\\0'

        for k in range(count):
            data = item(SOPInstanceUID=image(k), SeriesInstanceUID='2.25.77.2', Modality='CT', InstanceNumber=k + 1,
                        ImagePositionPatient=text(origin(k)), ImageOrientationPatient=text([*across, *down]),
                        PixelSpacing=text(spacing))
            raster(data, rng.integers(0, 4000, (1, rows, columns)).astype('<u2'), 16)
            write(f'ct/{k}.dcm', data, '1.2.840.10008.5.1.4.1.1.2')

        def code(value, meaning):
            return Sequence([item(CodeValue=value, CodingSchemeDesignator='SCT', CodeMeaning=meaning)])

        def segment(number, label, how, program=None):
            found = item(SegmentNumber=number, SegmentLabel=label, SegmentAlgorithmType=how,
                         SegmentedPropertyCategoryCodeSequence=code('123037004', 'Anatomical Structure'),
                         SegmentedPropertyTypeCodeSequence=code('10200004', 'type ' + label))
            if program: found.SegmentAlgorithmName = program
            return found

        def frame(k, number=None, sources=None, placed=True, shift=0.0):
            found = item()
            if number is not None:
                found.SegmentIdentificationSequence = Sequence([item(ReferencedSegmentNumber=number)])
            if sources:
                found.DerivationImageSequence = Sequence([item(SourceImageSequence=Sequence(
                    [item(ReferencedSOPClassUID='1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID=image(s))
                     for s in sources]))])
            if placed:
                found.PlanePositionSequence = Sequence(
                    [item(ImagePositionPatient=text(origin(k) + shift * across))])
            return found

        def segmentation(path, uid, kind, segments, frames, values, bits, refers=True, **more):
            data = item(SOPInstanceUID=uid, SeriesInstanceUID=uid + '.2', Modality='SEG', SegmentationType=kind,
                        NumberOfFrames=len(frames), SegmentSequence=Sequence(segments), InstanceNumber=1, **more)
            if refers:
                data.ReferencedSeriesSequence = Sequence([item(SeriesInstanceUID='2.25.77.2')])
            data.SharedFunctionalGroupsSequence = Sequence([item(
                PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=text([*across, *down]))]),
                PixelMeasuresSequence=Sequence([item(PixelSpacing=text(spacing), SliceThickness=str(step))]))])
            data.PerFrameFunctionalGroupsSequence = Sequence(frames)
            raster(data, values, bits)
            kinds = {'LABELMAP': '1.2.840.10008.5.1.4.1.1.66.7'}
            write(path, data, kinds.get(kind, '1.2.840.10008.5.1.4.1.1.66.4'))

        bits = lambda n, share=0.3: (rng.random((n, rows, columns)) < share).astype('u1')
        segmentation('seg/binary.dcm', '2.25.81', 'BINARY',
                     [segment(1, 'left', 'MANUAL'), segment(2, 'right', 'AUTOMATIC', 'nnU-Net'),
                      segment(3, 'nothing', 'MANUAL')],
                     [frame(k, 1, [k]) for k in (4, 1, 2)] + [frame(k, 2, [k]) for k in (2, 0)], bits(5), 1)
        # Two frames of one segment on one slice are one mask.
        segmentation('seg/twice.dcm', '2.25.82', 'BINARY', [segment(1, 'twice', 'SEMIAUTOMATIC')],
                     [frame(3, 1, [3]), frame(3, 1, [3])], bits(2, 0.1), 1)
        segmentation('seg/fractional.dcm', '2.25.83', 'FRACTIONAL', [segment(1, 'chance', 'AUTOMATIC')],
                     [frame(k, 1, [k]) for k in (0, 5)], rng.integers(0, 201, (2, rows, columns)).astype('u1'), 8,
                     SegmentationFractionalType='PROBABILITY', MaximumFractionalValue=200)
        segmentation('seg/labelmap.dcm', '2.25.84', 'LABELMAP',
                     [segment(0, 'Background', 'AUTOMATIC'), segment(7, 'seven', 'AUTOMATIC'),
                      segment(9, 'nine', 'AUTOMATIC')],
                     [frame(k, None, [k]) for k in (3, 4)],
                     rng.choice([0, 7, 9], (2, rows, columns)).astype('u1'), 8, PixelPaddingValue=0)
        # No image is named: the frames lie on planes of the same frame of reference.
        segmentation('seg/plane.dcm', '2.25.85', 'BINARY', [segment(1, 'plane', 'AUTOMATIC', 'nnU-Net')],
                     [frame(k, 1) for k in (5, 2)], bits(2), 1, refers=False)
        # Made of two images each: the plane says which is meant.
        segmentation('seg/between.dcm', '2.25.86', 'BINARY', [segment(1, 'two sources', 'AUTOMATIC')],
                     [frame(1, 1, [0, 1]), frame(3, 1, [3, 4])], bits(2), 1)
        segmentation('odd/size.dcm', '2.25.91', 'BINARY', [segment(1, 'small', 'MANUAL')], [frame(1, 1, [1])],
                     bits(1)[:, :12], 1)
        segmentation('odd/place.dcm', '2.25.92', 'BINARY', [segment(1, 'elsewhere', 'MANUAL')],
                     [frame(1, 1, [1], shift=0.2)], bits(1), 1)
        segmentation('odd/tiled.dcm', '2.25.93', 'BINARY', [segment(1, 'tiles', 'MANUAL')],
                     [frame(1, 1, [1])], bits(1), 1, DimensionOrganizationType='TILED_FULL')

        def contour(k, pixels, named=True, kind='CLOSED_PLANAR'):
            points = [origin(k) + across * c * spacing[1] + down * r * spacing[0] for c, r in pixels]
            found = item(ContourGeometricType=kind, NumberOfContourPoints=len(pixels),
                         ContourData=text(numpy.concatenate(points)))
            if named:
                found.ContourImageSequence = Sequence([item(
                    ReferencedSOPClassUID='1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID=image(k))])
            return found

        square = lambda a, b: [(a + .13, a + .27), (b + .31, a + .19), (b + .23, b + .37), (a + .11, b + .29)]
        outer, inner = square(1, 11), square(4, 7)
        # In along one line and out along the same: a hole in one polygon.
        keyhole = outer + [outer[0]] + [inner[0]] + inner[::-1] + [outer[0]]
        regions = {
            1: ('holes', 'MANUAL', [contour(0, outer), contour(0, inner), contour(1, square(2, 9), named=False)]),
            2: ('keyhole', 'AUTOMATIC', [contour(2, keyhole)]),
            3: ('xor', 'MANUAL', [contour(4, square(0, 6), kind='CLOSEDPLANAR_XOR'),
                                  contour(4, square(3, 10), kind='CLOSEDPLANAR_XOR')]),
            4: ('marker', 'MANUAL', [contour(3, [(4, 4)], kind='POINT')])}
        data = item(SOPInstanceUID='2.25.95', SeriesInstanceUID='2.25.95.2', Modality='RTSTRUCT', InstanceNumber=1,
                    StructureSetLabel='plan')
        data.ReferencedFrameOfReferenceSequence = Sequence([item(
            FrameOfReferenceUID='2.25.77.3', RTReferencedStudySequence=Sequence([item(
                RTReferencedSeriesSequence=Sequence([item(SeriesInstanceUID='2.25.77.2')]))]))])
        data.StructureSetROISequence = Sequence([
            item(ROINumber=n, ROIName=name, ROIGenerationAlgorithm=how, ReferencedFrameOfReferenceUID='2.25.77.3')
            for n, (name, how, _) in regions.items()])
        data.ROIContourSequence = Sequence([
            item(ReferencedROINumber=n, ContourSequence=Sequence(drawn)) for n, (_, _, drawn) in regions.items()])
        write('rt/structures.dcm', data, '1.2.840.10008.5.1.4.1.1.481.3')

        # What is expected, from the files.
        expected = {}
        def expect(target, uid, mask):
            key = (target, uid)
            expected[key] = expected.get(key, numpy.zeros(mask.shape, bool)) | mask
        planes = {image(k): origin(k) for k in range(count)}
        for name in sorted(os.listdir(os.path.join(root, 'seg'))):
            data = pydicom.dcmread(os.path.join(root, 'seg', name))
            labels = {s.SegmentNumber: (s.SegmentLabel, s.SegmentedPropertyTypeCodeSequence[0].CodeMeaning)
                      for s in data.SegmentSequence}
            pixels = data.pixel_array.reshape(-1, rows, columns)
            for values, group in zip(pixels, data.PerFrameFunctionalGroupsSequence):
                place = numpy.array([float(v) for v in group.PlanePositionSequence[0].ImagePositionPatient])
                uid = min(planes, key=lambda u: numpy.linalg.norm(planes[u] - place))
                if data.SegmentationType == 'LABELMAP':
                    for number in (7, 9):
                        for label in labels[number]: expect(label, uid, values == number)
                    continue
                number = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
                half = data.MaximumFractionalValue / 2 if data.SegmentationType == 'FRACTIONAL' else 0
                for label in labels[number]: expect(label, uid, values > half)

        def inside(points, x, y):
            odd = False
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
                if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax): odd = not odd
            return odd

        for n, (name, _, drawn) in regions.items():
            for one in drawn:
                values = numpy.array([float(v) for v in one.ContourData]).reshape(-1, 3)
                if len(values) < 3: continue
                k = int(round(float((values[0] - corner) @ normal / step)))
                flat = [((v - origin(k)) @ across / spacing[1], (v - origin(k)) @ down / spacing[0]) for v in values]
                mask = numpy.array([[inside(flat, c, r) for c in range(columns)] for r in range(rows)])
                for target in (f'ROI {n}', name):
                    key = ('rt:' + target, image(k))
                    expected[key] = expected.get(key, numpy.zeros(mask.shape, bool)) ^ mask
        for (target, uid), mask in expected.items():
            if mask.any(): print(f'{target}|{uid}|' + ' '.join(map(str, numpy.flatnonzero(mask))))
        """
}
