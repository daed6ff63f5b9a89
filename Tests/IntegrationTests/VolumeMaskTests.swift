import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// NIfTI masks of a stored series mark what nibabel says they mark, whatever the order and sense of their axes.
@Suite("Masks for a stored series", .enabled(if: !MarkingObjects.python.isEmpty, "\(MarkingObjects.isMissing)"))
struct VolumeMaskTests {
    /// The files of ``MarkingObjects``, with volumes that a script made beside them.
    private struct Volumes {
        let home: TemporaryFolder
        let program: Program
        let folder: TemporaryFolder
        /// What the script printed.
        let answer: Program.Result

        init(_ script: String) async throws {
            home = try TemporaryFolder()
            program = try Program(home: home)
            folder = try await MarkingObjects(in: TemporaryFolder(), program: program).folder
            answer = try await program.run(tool: MarkingObjects.python, ["-c", script, folder.path("in")])
            #expect(answer.exitCode == 0, "\(answer.error)")
        }
    }

    /// Reads the CT below the folder named first: `shape` (x, y, z) and `ras`, its grid as NIfTI has it.
    private static let grid = """
        import itertools, os, sys
        import nibabel, numpy, pydicom
        root = sys.argv[1]
        slices = sorted((pydicom.dcmread(os.path.join(root, 'ct', name)) for name in os.listdir(os.path.join(root, 'ct'))),
                        key=lambda data: data.InstanceNumber)
        first, last = slices[0], slices[-1]
        place = lambda data: numpy.array([float(v) for v in data.ImagePositionPatient])
        turn = [float(v) for v in first.ImageOrientationPatient]
        affine = numpy.eye(4)
        affine[:3, 0] = numpy.array(turn[:3]) * float(first.PixelSpacing[1])
        affine[:3, 1] = numpy.array(turn[3:]) * float(first.PixelSpacing[0])
        affine[:3, 2], affine[:3, 3] = (place(last) - place(first)) / (len(slices) - 1), place(first)
        ras = numpy.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
        shape = (first.Columns, first.Rows, len(slices))

        """

    /// Writes label maps on the grid of the CT in every order of axes, and some that do not fit; prints what the images
    /// are marked with, found by sending the centre of each voxel through nibabel's affine.
    private static let script =
        grid + """
            from nibabel.orientations import apply_orientation, inv_ornt_aff
            rng = numpy.random.default_rng(11)
            os.makedirs(os.path.join(root, 'fit')); os.makedirs(os.path.join(root, 'odd-grid'))
            number = 0
            for order in itertools.permutations(range(3)):
                for flips in [(1, 1, 1), (-1, 1, -1), (1, -1, -1)]:
                    values = rng.choice([0, 0, 1, 3], shape).astype(['u1', 'i2', 'f4'][number % 3])
                    ornt = numpy.array(list(zip(order, flips)), float)
                    turned = apply_orientation(values, ornt)
                    image = nibabel.Nifti1Image(turned, ras @ inv_ornt_aff(ornt, shape))
                    path = os.path.join(root, 'fit', f'{number:02}' + ['.nii', '.nii.gz'][number % 2])
                    nibabel.save(image, path)
                    number += 1
                    again = nibabel.load(path)
                    data, world = numpy.asarray(again.dataobj), again.affine
                    marks = {}
                    for index in itertools.product(*map(range, data.shape)):
                        if not data[index]: continue
                        where = numpy.linalg.inv(ras) @ world @ numpy.array([*index, 1.0])
                        c, r, k = numpy.round(where[:3]).astype(int)
                        marks.setdefault((int(data[index]), k), []).append(r * first.Columns + c)
                    for (value, k), pixels in marks.items():
                        print({1: 'liver', 3: 'spleen'}[value] + f'|{slices[k].SOPInstanceUID}|'
                              + ' '.join(map(str, sorted(pixels))))
            values = rng.choice([0, 1], shape).astype('u1')
            shifted = ras.copy(); shifted[0, 3] += 0.01
            coarse = ras.copy(); coarse[:, 0] *= 2
            odd = {'shifted': (values, shifted), 'coarse': (values[::2], coarse), 'grey': (values * 0.5, ras),
                   'small': (values * 0.004, ras)}
            # A mask of 0 and 255 stored by its extremes, as CT-ICH has them: the slope rounds, and 255 reads as 254.99999994.
            stretched = numpy.where(values == 1, 32767, -32768).astype('i2')
            scaled = nibabel.Nifti1Image(stretched, ras)
            scaled.header.set_slope_inter(255 / 65535, 32768 * 255 / 65535)
            nibabel.save(scaled, os.path.join(root, 'scaled.nii'))
            again = numpy.asarray(nibabel.load(os.path.join(root, 'scaled.nii')).dataobj)
            assert again.max() != 255 and round(float(again.max())) == 255, again.max()
            for k in range(shape[2]):
                pixels = [r * first.Columns + c for r in range(shape[1]) for c in range(shape[0]) if values[c, r, k]]
                if pixels: print('blood|' + slices[k].SOPInstanceUID + '|' + ' '.join(map(str, sorted(pixels))), file=sys.stderr)
            for name, (data, where) in odd.items():
                nibabel.save(nibabel.Nifti1Image(data.astype('f4'), where), os.path.join(root, 'odd-grid', name + '.nii'))
            """

    @Test(arguments: TestEngine.available)
    func `label maps in any order of axes mark the same voxels, and other grids are refused`(
        engine: WarehouseEngine
    ) async throws {
        let made = try await Volumes(Self.script)
        let (program, folder, answer) = (made.program, made.folder, made.answer)
        try await TestWarehouse.with(engine) { place in
            func ingest(_ arguments: String...) async throws -> Program.Result {
                try await program.run(["ingest", "--database", place.url] + arguments)
            }
            let masks = ["--masks-for", "2.25.77.2", "--target", "liver=1", "--target", "spleen=3", "--reader", "R7"]
            let early = try await program.run(
                ["ingest", "--database", place.url] + masks + [folder.path("in/fit")])
            #expect(early.exitCode == 64 && early.error.contains("no such series"), "\(early.error)")
            #expect(try await ingest(folder.path("in/ct")).exitCode == 0)
            let run = try await program.run(["ingest", "--database", place.url] + masks + [folder.path("in/fit")])
            #expect(run.exitCode == 0, "\(run.error)")
            let expected = answer.output.split(separator: "\n").map(String.init).sorted()
            #expect(try await MarkingObjects.masks(in: place) == expected)
            #expect(try await place.count("SELECT count(*) FROM annotation") == 36)
            #expect(try await place.count("SELECT count(*) FROM reader WHERE reader_key = 'R7'") == 1)
            #expect(try await place.count("SELECT count(*) FROM patient") == 1)
            #expect(try await place.brokenPromises() == [])
            let before = try await WarehouseContents(of: place)
            let again = try await program.run(["ingest", "--database", place.url] + masks + [folder.path("in/fit")])
            #expect(again.exitCode == 0, "\(again.error)")
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
            let odd = try await ingest("--masks-for", "2.25.77.2", folder.path("in/odd-grid"))
            #expect(odd.exitCode == 65, "\(odd.error)")
            let reasons = try await place.rows("SELECT sentence FROM rejection ORDER BY sentence").map {
                try $0.get("sentence", as: String.self)
            }
            #expect(reasons.count == 4)
            #expect(reasons.count { $0.contains("grey levels") } == 2)
            // 13 columns, 15 rows, 6 slices; every second column of them, and 0.01 mm beside them.
            let images = "the series that --masks-for names has 13 × 15 × 6 voxels of 0.5 × 0.75 × 2.5 mm"
            #expect(reasons.count { $0.contains(images) } == 2, "\(reasons)")
            #expect(reasons.count { $0.contains("it has 7 × 15 × 6 voxels of 1 × 0.75 × 2.5 mm") } == 1, "\(reasons)")
            #expect(reasons.count { $0.contains("at another place or in another direction") } == 1, "\(reasons)")
            // What was offered as a mask does not become an image.
            let series = try await place.count("SELECT count(*) FROM series")
            #expect(try await ingest("--replay-rejected", folder.path("in/odd-grid")).exitCode == 0)
            #expect(try await place.count("SELECT count(*) FROM series") == series)
            // Alone or in a folder, a mask that cannot be read is told; beside masks other files are not.
            let header = "NRRD0004\n# Complete NRRD file format specification at:\ntype: unsigned char\ndimension: 3\n"
            try folder.write(header + "sizes: 1 1 1\nencoding: text\n\n1\n", to: "in/slicer/mask.seg.nrrd")
            try folder.write("drawn by R7\n", to: "in/slicer/notes.txt")
            let folderOfIt = try await ingest("--masks-for", "2.25.77.2", folder.path("in/slicer"))
            #expect(folderOfIt.exitCode == 65, "\(folderOfIt.error)")
            #expect(folderOfIt.error.contains("the format NRRD; save the mask as NIfTI"), "\(folderOfIt.error)")
            #expect(!folderOfIt.error.contains("no file that is read here"), "\(folderOfIt.error)")
            let note = try await ingest("--masks-for", "2.25.77.2", folder.path("in/slicer/notes.txt"))
            #expect(note.exitCode == 65 && note.error.contains("no file that is read here"), "\(note.error)")
            let scaled = try await ingest(
                "--masks-for", "2.25.77.2", "--target", "blood=255", folder.path("in/scaled.nii"))
            #expect(scaled.exitCode == 0, "\(scaled.error)")
            let blood = try await MarkingObjects.masks(in: place).filter { $0.hasPrefix("blood|") }
            #expect(
                blood == answer.error.split(separator: "\n").map(String.init).filter { $0.hasPrefix("blood|") }.sorted()
            )
            // The same bytes with another target are another statement.
            let renamed = try await ingest(
                "--masks-for", "2.25.77.2", "--target", "organ", folder.path("in/fit/00.nii"))
            #expect(renamed.exitCode == 0, "\(renamed.error)")
            #expect(try await place.count("SELECT count(*) FROM annotation WHERE target LIKE 'organ%'") == 2)
            #expect(try await place.count("SELECT count(*) FROM annotation") == 39)
        }
    }

    /// Masks on the grid of the CT: `first.nii`; the same labels in other bytes and with turned axes; others.
    private static let repeatedScript =
        grid + """
            from PIL import Image
            labels = numpy.random.default_rng(5).choice([0, 0, 1, 3], shape).astype('u1')
            def save(name, values, where=ras):
                path = os.path.join(root, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                nibabel.save(nibabel.Nifti1Image(values, where), path)
            save('first.nii', labels)
            flip = numpy.diag([-1.0, 1.0, 1.0, 1.0]); flip[0, 3] = shape[0] - 1
            save('again.nii.gz', labels[::-1].astype('i2'), ras @ flip)
            save('third.nii', labels.astype('f4'))
            save('kidney.nii', (labels == 3).astype('u1') * 2)
            save('horn.nii', (labels == 1).astype('u2') * 999)
            save('empty.nii', numpy.zeros(shape, 'u1'))
            save('mixed/more.nii', (labels == 3).astype('u1') * 7)
            Image.fromarray(labels[:, :, 0] * 80).save(os.path.join(root, 'mixed', 'look.jpg'))
            """

    @Test(arguments: TestEngine.available)
    func `a mask that is given again adds nothing, and a value that no voxel has marks nothing`(
        engine: WarehouseEngine
    ) async throws {
        let made = try await Volumes(Self.repeatedScript)
        let (program, folder) = (made.program, made.folder)
        try await TestWarehouse.with(engine) { place in
            @discardableResult
            func give(_ name: String, exitCode: Int32 = 0, _ options: String...) async throws -> Program.Result {
                let run = try await program.run(
                    ["ingest", "--database", place.url, "--masks-for", "2.25.77.2"] + options
                        + [folder.path("in/" + name)])
                #expect(run.exitCode == exitCode, "\(run.error)")
                return run
            }
            func targets() async throws -> [String] {
                try await place.rows("SELECT target FROM annotation ORDER BY target").map { try $0.get("target") }
            }
            func findings(_ check: String) async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check)").map {
                    try $0.get("sentence")
                }
            }
            let ct = try await program.run("ingest", "--database", place.url, folder.path("in/ct"))
            #expect(ct.exitCode == 0, "\(ct.error)")
            let names = ["--target", "liver=1", "--target", "spleen=3"]
            try await give("first.nii", names[0], names[1], names[2], names[3], "--reader", "R7")
            let marks = try await MarkingObjects.masks(in: place)
            let both = ["liver", "spleen"]
            #expect(try await targets() == both)
            try await give("again.nii.gz", names[0], names[1], names[2], names[3], "--reader", "R7")
            try await give("third.nii", names[0], names[1], names[2], names[3])
            #expect(try await targets() == both)
            #expect(try await MarkingObjects.masks(in: place) == marks)
            #expect(try await findings("mask_repeated").count == 2)
            // Another reader says it too, and another thing may have the same voxels.
            try await give("again.nii.gz", names[0], names[1], names[2], names[3], "--reader", "R8")
            #expect(try await targets() == ["liver", "liver", "spleen", "spleen"])

            let slip = try await give("kidney.nii", "--target", "kidney=2", "--target", "unicorn=999")
            #expect(slip.error.contains("--target unicorn=999") && slip.error.contains("they have 2"), "\(slip.error)")
            #expect(try await targets() == ["kidney", "liver", "liver", "spleen", "spleen"])
            #expect(try await findings("mask_value_absent").count == 1)
            try await give("horn.nii", "--target", "unicorn=999")
            #expect(try await findings("mask_value_absent") == [])
            try await give("empty.nii", "--target", "cyst=1")
            #expect(try await findings("empty_mask").count == 1)
            #expect(
                try await place.count("SELECT voxel_count FROM annotation WHERE target = 'cyst'") ?? 0 == 0)
            #expect(try await targets() == ["cyst", "kidney", "liver", "liver", "spleen", "spleen", "unicorn"])

            let images = try await place.count("SELECT count(*) FROM series WHERE role = 'image'")
            let mixed = try await give("mixed", exitCode: 65, "--target", "stone=7")
            #expect(mixed.error.contains("this is a picture"), "\(mixed.error)")
            #expect(try await targets().contains("stone"))
            let replay = try await program.run(
                "ingest", "--database", place.url, "--replay-rejected", folder.path("in/mixed"))
            #expect(replay.exitCode == 0, "\(replay.error)")
            #expect(try await place.count("SELECT count(*) FROM series WHERE role = 'image'") == images)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// One path holds one drawing after another: `kidney.nii` and `horn.nii` mark other voxels, each with one value.
    @Test(arguments: TestEngine.available)
    func `a mask drawn anew in its file takes the place of the first, and one that is wrong is retired`(
        engine: WarehouseEngine
    ) async throws {
        let made = try await Volumes(Self.repeatedScript)
        let (program, folder) = (made.program, made.folder)
        try await TestWarehouse.with(engine) { place in
            func run(_ words: [String], exitCode: Int32 = 0) async throws -> String {
                let run = try await program.run(words + ["--database", place.url])
                #expect(run.exitCode == exitCode, "\(run.error)")
                return run.output + run.error
            }
            func draw(_ name: String) async throws {
                try folder.write(try folder.read("in/" + name), to: "in/drawn/organ.nii")
                _ = try await run([
                    "ingest", "--masks-for", "2.25.77.2", "--target", "organ", "--reader", "R7",
                    folder.path("in/drawn/organ.nii"),
                ])
            }
            func counted() async throws -> [Int] {
                try await place.rows(
                    "SELECT voxel_count FROM annotation_current WHERE target = 'organ' ORDER BY voxel_count"
                ).map { try $0.get("voxel_count") }
            }
            func redrawn() async throws -> Int? {
                try await place.count("SELECT count(*) FROM quality_finding WHERE check_name = 'mask_redrawn'")
            }
            _ = try await run(["ingest", folder.path("in/ct")])
            try await draw("kidney.nii")
            let first = try await counted()
            #expect(first.count == 1)
            #expect(try await redrawn() == 0)

            try await draw("horn.nii")
            let second = try await counted()
            #expect(second.count == 1 && second != first, "\(first) \(second)")
            #expect(try await redrawn() == 1)
            #expect(try await place.count("SELECT count(*) FROM annotation WHERE target = 'organ'") == 2)
            let sources = try await run(["domains", "sources"])
            #expect(sources.contains("superseded") && sources.contains("mask "), "\(sources)")

            try await draw("kidney.nii")
            #expect(try await counted() == first)
            try await draw("horn.nii")
            #expect(try await counted() == second)
            #expect(try await place.brokenPromises() == [])

            let rows = try await place.rows("SELECT mask_series_id FROM annotation_current WHERE target = 'organ'")
            let id = String(try rows[0].get("mask_series_id", as: Int64.self))
            let word = ["--author", "A. Reader", "--reason", "of another exam"]
            _ = try await run(["domains", "retire", id] + word)
            #expect(try await counted() == [])
            #expect(try await run(["domains", "sources"]).contains("of another exam"))
            _ = try await run(["domains", "retire", id] + word, exitCode: 64)
            _ = try await run(["domains", "retire", id, "--restore"] + word)
            #expect(try await counted() == second)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Marks of DICOM objects have no mask volume: they are retired by the series of the object.
    @Test(arguments: TestEngine.available)
    func `segmentations and structure sets are listed as sources and can be retired`(
        engine: WarehouseEngine
    ) async throws {
        let made = try await Volumes(Self.repeatedScript)
        let (program, folder) = (made.program, made.folder)
        try await TestWarehouse.with(engine) { place in
            for name in ["ct", "seg", "rt"] {
                let run = try await program.run("ingest", "--database", place.url, folder.path("in/" + name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            let list = ["domains", "sources", "--database", place.url, "--format", "csv"]
            let listed = try await program.run(list).output.split(whereSeparator: \.isNewline).filter {
                $0.contains(",mask,")
            }
            #expect(listed.count > 1, "\(listed)")
            for kind in ["contour", "mask"] {
                let marks: SQL = "SELECT count(*) FROM annotation_current WHERE kind = \(kind)"
                let before = try await place.count(marks) ?? 0
                #expect(before > 0)
            }
            for line in listed {
                let id = String(line.prefix { $0 != "," })
                let run = try await program.run(
                    "domains", "retire", id, "--author", "A. Reader", "--reason", "test", "--database", place.url)
                #expect(run.exitCode == 0, "\(run.error)")
            }
            #expect(try await place.count("SELECT count(*) FROM annotation_current") == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// As the nightly run stores it that knows nothing of masks, before the mask is given as one, or after.
    @Test(arguments: TestEngine.available)
    func `a mask that stands among the images too is told and counts as a mask, and images among masks are told`(
        engine: WarehouseEngine
    ) async throws {
        let made = try await Volumes(Self.repeatedScript)
        let (program, folder) = (made.program, made.folder)
        try await TestWarehouse.with(engine) { place in
            func ingest(_ arguments: String...) async throws -> String {
                let run = try await program.run(["ingest", "--database", place.url] + arguments)
                #expect(run.exitCode == 0, "\(run.error)")
                return run.error
            }
            func images() async throws -> Int? {
                try await place.count("SELECT count(*) FROM series WHERE role = 'image'")
            }
            func findings(_ check: String) async throws -> Int? {
                try await place.count("SELECT count(*) FROM quality_finding WHERE check_name = \(check)")
            }
            _ = try await ingest(folder.path("in/ct"))
            let plain = try await ingest(folder.path("in/first.nii"))
            #expect(try await images() == 2)
            #expect(!plain.contains("--masks-for"), "\(plain)")
            let told = try await ingest("--masks-for", "2.25.77.2", folder.path("in/first.nii"))
            #expect(told.contains("was stored as images; it counts as a mask from now on"), "\(told)")
            #expect(try await images() == 1)
            #expect(try await findings("mask_stored_as_image") == 1)
            #expect(try await place.count("SELECT count(*) FROM series WHERE role = 'mask' AND is_trainable") == 1)
            // Said once; and neither run makes an image of it again.
            let again = try await ingest("--masks-for", "2.25.77.2", folder.path("in/first.nii"))
            #expect(!again.contains("counts as a mask"), "\(again)")
            _ = try await ingest("--rehash", folder.path("in/first.nii"))
            #expect(try await images() == 1)

            _ = try await ingest("--masks-for", "2.25.77.2", "--target", "kidney=2", folder.path("in/kidney.nii"))
            try folder.copy(folder.path("in/kidney.nii"), to: "nightly/kidney.nii")
            try folder.copy(folder.path("in/empty.nii"), to: "nightly/other.nii")
            let later = try await ingest(folder.path("nightly"))
            #expect(later.contains("it counts as a mask from now on"), "\(later)")
            // The other volume is nobody's mask.
            #expect(try await images() == 2)
            #expect(try await findings("mask_stored_as_image") == 2)

            try folder.copy(folder.path("in/horn.nii"), to: "both/horn.nii")
            try TinySeries().write(0..<2, to: folder, below: "both/series")
            let both = try await ingest("--masks-for", "2.25.77.2", "--target", "horn=999", folder.path("both"))
            #expect(both.contains("1 series of DICOM images were given with --masks-for"), "\(both)")
            #expect(try await images() == 3)
            #expect(try await findings("image_beside_masks") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
