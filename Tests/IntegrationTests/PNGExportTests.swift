import DICOM
import Foundation
import Imaging
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Pictures against NumPy, Pillow and pydicom: every pixel of every recipe.
@Suite("PNG export")
struct PNGExportTests {
    private static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    private static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: run make oracle"

    /// Reads index.csv and the files it is about, and prints one line for each picture that is not as computed.
    private static let script = """
        import csv, json, sys
        import numpy, pydicom
        from PIL import Image
        from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut
        def window(values, center, width, function):
            if function == 'LINEAR_EXACT':
                return (values - (center - width / 2)) * 255 / width
            if function == 'SIGMOID':
                return 255 / (1 + numpy.exp(-4 * (values - center) / width))
            inside = ((values - (center - 0.5)) / (width - 1) + 0.5) * 255
            low, high = center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2
            return numpy.where(values <= low, 0, numpy.where(values > high, 255, inside))
        def span(values, low, high):
            return (values - low) * 255 / (high - low) if high > low else numpy.zeros_like(values)
        def expected(data, stored, row):
            recipe = json.loads(row['recipe'])
            name = recipe['recipe']
            if stored.ndim == 3:
                return stored
            if name == 'png16':
                return stored.astype(int) + int(row['offset'])
            if data.PhotometricInterpretation == 'PALETTE COLOR':
                return apply_color_lut(stored, data) >> 8
            if name == 'minmax0':
                real = stored.astype(float)
                return numpy.uint8(numpy.maximum(real, 0) / real.max() * 255.0) if real.max() > 0 else real * 0
            modality = apply_modality_lut(stored, data)
            values = modality.astype(float)
            if name == 'percentile':
                levels = span(values, *numpy.percentile(values, recipe['percentiles'], method='inverted_cdf'))
            elif name == 'window' and 'VOILUTSequence' in data:
                depth = data.VOILUTSequence[0].LUTDescriptor[2]
                levels = apply_voi_lut(modality.astype(int), data, prefer_lut=True).astype(float) * 255 / (2 ** depth - 1)
            elif name == 'window' and 'WindowWidth' in data:
                first = lambda value: float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)
                function = data.get('VOILUTFunction', 'LINEAR')
                levels = window(values, first(data.WindowCenter), first(data.WindowWidth), function)
            elif name == 'window' and stored.dtype == numpy.uint8 and 'ModalityLUTSequence' not in data:
                levels = values
            else:
                levels = span(values, values.min(), values.max())
            levels = numpy.rint(numpy.clip(levels, 0, 255))
            return 255 - levels if data.PhotometricInterpretation == 'MONOCHROME1' else levels
        folder, sources = sys.argv[1], {row[0]: row[1:] for row in csv.reader(open(sys.argv[2]))}
        count = 0
        for row in csv.DictReader(open(folder + '/index.csv')):
            path, frame = sources[row['slice_id']]
            data = pydicom.dcmread(path)
            stored = data.pixel_array
            if frame:
                stored = stored[int(frame) - 1]
            image = Image.open(folder + '/' + row['path'])
            note = json.loads(image.text['Slicehouse'])
            assert note['slice_id'] == row['slice_id'] and note['recipe_sha256'] == row['recipe_sha256']
            got, want = numpy.asarray(image).astype(int), expected(data, stored, row)
            if got.shape != want.shape or (got != want).any():
                print(row['recipe'], path.split('/')[-1], 'differs')
            count += 1
        print('compared', count)
        """

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"), arguments: TestEngine.available)
    func `every recipe gives the pixels that NumPy and pydicom compute`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let files = try DisplayFixtures.write(to: folder)
        let home = try TemporaryFolder(path: folder.path("home"))
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingested = try await program.run("ingest", "--database", place.url, folder.path("in"))
            #expect(ingested.exitCode == 0, "\(ingested.error)\(ingested.output)")
            let slices = try await place.rows("SELECT slice_id, sop_instance_uid, frame_number FROM slice")
            let lines = try slices.map { row in
                let uid: String = try row.get("sop_instance_uid")
                let frame: Int? = try row.get("frame_number")
                let isMultiFrame = files[uid]?.hasSuffix("frames") ?? false
                return "\(try row.get("slice_id", as: Int64.self)),\(files[uid] ?? ""),"
                    + (isMultiFrame ? frame.map(String.init) ?? "" : "")
            }
            try folder.write(lines.joined(separator: "\n"), to: "sources.csv")
            for recipe in ["window", "percentile", "minmax", "minmax0", "png16"] {
                let out = folder.path("out-\(recipe)")
                let export = try await program.run("export", "png", out, "--database", place.url, "--recipe", recipe)
                #expect(export.exitCode == 0, "\(recipe): \(export.error)\(export.output)")
                let answer = try await program.run(
                    tool: Self.python, ["-c", Self.script, out, folder.path("sources.csv")])
                #expect(answer.exitCode == 0, "\(recipe): \(answer.error)")
                #expect(answer.output == "compared \(slices.count)\n", "\(recipe)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a second export writes the same bytes, and names hold no patient data`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--database", place.url, cohort.path)
            for name in ["one", "two"] {
                let result = try await program.run("export", "png", home.path(name), "--database", place.url)
                #expect(result.exitCode == 0, "\(result.error)")
            }
            let names = try Self.files(home.path("one"))
            #expect(names.count >= 18)
            for name in names { #expect(try home.read("one/" + name) == home.read("two/" + name), "\(name)") }
            #expect(!names.contains { $0.contains("DICOM/") || $0.contains("PA0") || $0.hasSuffix(".part") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `the tree of a published data set is mirrored, and a query chooses slices`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            _ = try await program.run("ingest", "--database", place.url, cohort.path)
            let result = try await program.run(
                "export", "png", home.path("out"), "--database", place.url, "--window", "40,80", "--json",
                "--query", "SELECT slice_id FROM slice WHERE instance_number = 3;")
            #expect(result.exitCode == 0, "\(result.error)")
            let names = try Self.files(home.path("out"))
            #expect(names.contains { $0.hasSuffix("Patients_CT/049/brain/3.jpg.png") }, "\(names)")
            #expect(names.contains { $0.hasSuffix("ct_scans/049.nii/0003.png") }, "\(names)")
            let unknown = try await program.run("export", "png", home.path("o"), "--recipe", "minmax1")
            #expect(unknown.exitCode == 64 && unknown.error.contains("did you mean minmax"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a series that a recipe cannot take is skipped and named, and the others are written`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<3, to: home, below: "in/words")
        try home.write(try Self.wideFile(), to: "in/wide/IM1")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingested = try await program.run("ingest", "--database", place.url, home.path("in"))
            #expect(ingested.exitCode == 0, "\(ingested.error)")
            let result = try await program.run(
                "export", "png", home.path("out"), "--database", place.url, "--recipe", "percentile", "--scope",
                "series", "--role", "all")
            #expect(result.exitCode == 65, "\(result.error)")
            let wide = try await place.count("SELECT series_id FROM series WHERE modality = 'OT'") ?? 0
            #expect(result.output.contains("3 pictures in"), "\(result.output)")
            #expect(result.output.contains("without a picture: 1 × The frame cannot be used"), "\(result.output)")
            #expect(result.output.contains("(series \(wide))"), "\(result.output)")
            #expect(try Self.files(home.path("out")).count { $0.hasSuffix(".png") } == 3)
            let lines = String(decoding: try home.read("out/index.csv"), as: UTF8.self)
                .split(whereSeparator: \.isNewline).dropFirst()
            #expect(lines.count == 4)
            let skipped = lines.filter { $0.contains("samples of 8 or 16 bits") }
            #expect(skipped.count == 1 && skipped.allSatisfy { $0.contains(String(wide)) })
        }
    }

    @Test(arguments: TestEngine.available)
    func `pictures of another recipe that are written over are told`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<3, to: home, below: "in")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingested = try await program.run("ingest", "--database", place.url, home.path("in"))
            #expect(ingested.exitCode == 0, "\(ingested.error)")
            var outputs: [String] = []
            for recipe in ["window", "minmax", "minmax"] {
                let result = try await program.run(
                    "export", "png", home.path("out"), "--database", place.url, "--recipe", recipe)
                #expect(result.exitCode == 0, "\(result.error)")
                outputs.append(result.output)
            }
            #expect(outputs.map { $0.contains("written over: 3 pictures of another recipe") } == [false, true, false])
        }
    }

    /// One frame of 32-bit samples.
    private static func wideFile() throws -> [UInt8] {
        let series = TinySeries()
        let samples: [UInt32] = (0..<24).map { $0 * 70_000 }
        let frame = try PixelBuffer(rows: 4, columns: 6, samplesPerPixel: 1, elements: samples)
        return try DICOMWriter().file(
            elements: [
                series.element(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.7"),
                series.element(0x0008, 0x0018, .UI, "2.25.701"), series.element(0x0008, 0x0060, .CS, "OT"),
                series.element(0x0010, 0x0020, .LO, "7654321"), series.element(0x0020, 0x000D, .UI, "2.25.702"),
                series.element(0x0020, 0x000E, .UI, "2.25.703"),
            ], frames: [frame])
    }

    private static func files(_ folder: String) throws -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter {
            $0.contains(".")
        }
        .filter { name in
            var isFolder: ObjCBool = false
            _ = unsafe FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}
