import DICOM
import Imaging
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Series as scanners and archives leave them: what becomes of their slices, in both engines.
@Suite("Series that are not one volume") struct SeriesLogicTests {
    /// One slice of a series that a test makes up.
    private struct Slice {
        var z: Double?
        var number: Int
        var size = 4
        var traits: [DICOMElement] = []
        var orientation = ["1", "0", "0", "0", "1", "0"]
        var modality = "CT"
        var isColour = false
        var without: Set<DICOMTag> = []

        private var frame: PixelBuffer {
            get throws {
                guard isColour else {
                    return try PixelBuffer(
                        rows: size, columns: size, samplesPerPixel: 1,
                        elements: (0..<size * size).map { Int16($0 + number * 50) })
                }
                return try PixelBuffer(
                    rows: size, columns: size, samplesPerPixel: 3,
                    elements: (0..<size * size * 3).map { UInt8($0 + number * 50) })
            }
        }

        func file(_ uid: String) throws -> [UInt8] {
            let frame = try self.frame
            var elements = traits
            elements += [
                text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2"),
                text(0x0008, 0x0018, .UI, "\(uid).\(number + 1)"), text(0x0008, 0x0060, .CS, modality),
                text(0x0010, 0x0020, .LO, "1"), text(0x0020, 0x000D, .UI, uid), text(0x0020, 0x000E, .UI, uid + ".0"),
                text(0x0020, 0x0013, .IS, "\(number)"),
            ]
            if let z {
                elements.append(text(0x0020, 0x0032, .DS, "0", "0", "\(z)"))
                elements.append(DICOMElement(tag: .imageOrientationPatient, vr: .DS, value: .strings(orientation)))
                elements.append(text(0x0028, 0x0030, .DS, "1", "1"))
            }
            return try DICOMWriter().file(elements: elements.filter { !without.contains($0.tag) }, frames: [frame])
        }
    }

    private static func text(_ group: UInt16, _ number: UInt16, _ vr: DICOMVR, _ values: String...) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: vr, value: .strings(values))
    }

    private static func kernel(_ name: String) -> [DICOMElement] { [text(0x0018, 0x1210, .SH, name)] }
    private static func acquisition(_ number: Int) -> [DICOMElement] { [text(0x0020, 0x0012, .IS, "\(number)")] }

    private struct Found: Equatable {
        var kind: String
        var rule: String
        var numbers: [Int]
        /// Slices and geometry of each volume.
        var volumes: [String] = []
        var findings: Set<String> = []
    }

    private func found(in place: TestWarehouse) async throws -> Found {
        let series = try await place.rows("SELECT geometry_kind, ordering_rule FROM series")
        let slices = try await place.rows("SELECT instance_number FROM slice ORDER BY slice_index")
        let volumes = try await place.rows(
            "SELECT slice_count, geometry_kind, traits FROM series_volume ORDER BY volume_index")
        let findings = try await place.rows("SELECT check_name FROM quality_finding WHERE severity = 'warning'")
        #expect(series.count == 1)
        #expect(try await place.brokenPromises() == [])
        return Found(
            kind: try series[0].get("geometry_kind"), rule: try series[0].get("ordering_rule"),
            numbers: try slices.map { try $0.get("instance_number") },
            volumes: try volumes.map { row in
                let traits: String = try row.get("traits")
                let kind: String = try row.get("geometry_kind")
                // PostgreSQL gives JSON back with spaces.
                return "\(try row.get("slice_count", as: Int.self)) \(kind) \(traits.filter { $0 != " " })"
            },
            findings: Set(try findings.map { try $0.get("check_name") }))
    }

    private func check(
        _ slices: [Slice], _ expected: Found, arrivingAfter first: Int? = nil, in engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            for (index, slice) in slices.enumerated() {
                if index == first { try await ingest.run(folder.path) }
                // Many folders: a series is what its UID says.
                try folder.write(try slice.file("2.25.31"), to: "\(index % 3)/IM\(index)")
            }
            let summary = try await ingest.run(folder.path)
            #expect(summary.rejectedByCode.isEmpty)
            #expect(try await found(in: place) == expected)
        }
    }

    @Test(arguments: TestEngine.available)
    func `two matrices in one series are two volumes, and a later slice finds its own`(engine: WarehouseEngine)
        async throws
    {
        let slices = (0..<6).map { Slice(z: Double($0), number: $0, size: $0 < 2 ? 5 : 4) }
        let expected = Found(
            kind: "stack", rule: "image_position", numbers: [2, 3, 4, 5, 0, 1],
            volumes: [#"4 volume {"matrix":"4x4x1i16"}"#, #"2 volume {"matrix":"5x5x1i16"}"#],
            findings: ["several_volumes"])
        try await check(slices, expected, in: engine)
        try await check(slices, expected, arrivingAfter: 4, in: engine)
    }

    @Test(arguments: TestEngine.available)
    func `two kernels are two volumes`(engine: WarehouseEngine) async throws {
        let slices = (0..<6).map { Slice(z: Double($0 / 2), number: $0, traits: Self.kernel($0 % 2 == 0 ? "B" : "A")) }
        try await check(
            slices,
            Found(
                kind: "stack", rule: "image_position", numbers: [1, 3, 5, 0, 2, 4],
                volumes: [#"3 volume {"kernel":"A"}"#, #"3 volume {"kernel":"B"}"#], findings: ["several_volumes"]),
            arrivingAfter: 3, in: engine)
    }

    @Test(arguments: TestEngine.available)
    func `two acquisitions over one range are two volumes, over two ranges one`(engine: WarehouseEngine) async throws {
        let over = (0..<6).map { Slice(z: Double($0 % 3), number: $0, traits: Self.acquisition($0 / 3)) }
        try await check(
            over,
            Found(
                kind: "stack", rule: "image_position", numbers: [0, 1, 2, 3, 4, 5],
                volumes: [#"3 volume {"acquisition":"0"}"#, #"3 volume {"acquisition":"1"}"#],
                findings: ["several_volumes"]), in: engine)
        let after = (0..<6).map { Slice(z: Double($0), number: 5 - $0, traits: Self.acquisition($0 / 3)) }
        try await check(
            after, Found(kind: "volume", rule: "image_position", numbers: [5, 4, 3, 2, 1, 0]),
            in: engine)
    }

    @Test(arguments: TestEngine.available)
    func `gaps and slices at one place are a stack, in order`(engine: WarehouseEngine) async throws {
        let gap = [0, 1, 2, 7].enumerated().map { Slice(z: $1, number: 9 - $0) }
        try await check(
            gap,
            Found(
                kind: "stack", rule: "image_position", numbers: [9, 8, 7, 6],
                findings: ["slice_gap", "non_uniform_spacing"]), in: engine)
        let twice = [0, 1, 1, 2].enumerated().map { Slice(z: $1, number: $0) }
        try await check(
            twice,
            Found(
                kind: "stack", rule: "image_position", numbers: [0, 1, 2, 3], findings: ["duplicate_position"]),
            in: engine)
    }

    @Test(arguments: TestEngine.available)
    func `without positions the numbers count`(engine: WarehouseEngine) async throws {
        let slices = [3, 1, 2].map { Slice(z: nil, number: $0) }
        var expected = Found(kind: "stack", rule: "instance_number", numbers: [1, 2, 3])
        expected.findings = [Self.unplaced]
        try await check(slices, expected, in: engine)
        try await check(slices, expected, arrivingAfter: 2, in: engine)
        // One slice without a position makes that of the others useless.
        try await check([3, 1, 2].map { Slice(z: $0 == 3 ? nil : Double(-$0), number: $0) }, expected, in: engine)
        let located = [3, 1, 2].map { Slice(z: nil, number: $0, traits: Self.location(-$0)) }
        expected = Found(kind: "stack", rule: "slice_location", numbers: [3, 2, 1], findings: [Self.unplaced])
        try await check(located, expected, in: engine)
    }

    private static let lacking: [Set<DICOMTag>] = [
        [DICOMTag(0x0020, 0x0032)], [.imageOrientationPatient],
        [DICOMTag(0x0020, 0x0032), .imageOrientationPatient],
    ]

    /// The numbers run against the positions, so that every rule has an order of its own.
    @Test(arguments: TestEngine.available, lacking)
    func `one slice without a position is no volume of its own`(
        engine: WarehouseEngine, without: Set<DICOMTag>
    ) async throws {
        var slices = (0..<6).map { Slice(z: Double(3 * $0), number: 6 - $0) }
        slices[2].without = without
        var expected = Found(
            kind: "stack", rule: "instance_number", numbers: [1, 2, 3, 4, 5, 6], findings: [Self.unplaced])
        try await check(slices, expected, in: engine)
        try await check(slices, expected, arrivingAfter: 2, in: engine)
        try await check(slices, expected, arrivingAfter: 5, in: engine)
        for index in slices.indices { slices[index].traits = Self.location(3 * index) }
        expected.rule = "slice_location"
        expected.numbers = [6, 5, 4, 3, 2, 1]
        try await check(slices, expected, in: engine)
    }

    @Test(arguments: TestEngine.available)
    func `the finding counts the slices without a position`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            for index in 0..<6 {
                let slice = Slice(z: index < 3 ? nil : Double(3 * index), number: index)
                try folder.write(try slice.file("2.25.31"), to: "IM\(index)")
            }
            try await TestIngest(into: place, home: home).run(folder.path)
            let expected = Found(
                kind: "stack", rule: "instance_number", numbers: [0, 1, 2, 3, 4, 5], findings: [Self.unplaced])
            #expect(try await found(in: place) == expected)
            let rows = try await place.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'ordered_without_positions'")
            let sentences: [String] = try rows.map { try $0.get("sentence") }
            #expect(sentences.count == 1 && sentences[0].hasPrefix("3 of 6 slices do not say where they lie"))
        }
    }

    /// Another orientation, matrix or image type is told as before, and the placed slices keep their grid.
    @Test(arguments: TestEngine.available)
    func `what is not of the scan leaves its grid alone`(engine: WarehouseEngine) async throws {
        let scan = (1..<5).map { Slice(z: Double($0), number: $0, traits: Self.imageType("ORIGINAL", "AXIAL")) }
        let screen = Slice(z: nil, number: 0, traits: Self.imageType("DERIVED", "SCREEN SAVE"))
        let found = try await order(of: scan + [screen], in: engine)
        #expect(found.numbers == [1, 2, 3, 4, 0])
        #expect(found.volumes.map { String($0.prefix(8)) } == ["4 volume", "1 stack "])
        #expect(found.findings == ["several_volumes"])
        let large = Slice(z: nil, number: 0, size: 5)
        let matrices = try await order(of: (1..<5).map { Slice(z: Double($0), number: $0) } + [large], in: engine)
        #expect(matrices.numbers == [1, 2, 3, 4, 0])
        #expect(matrices.volumes == [#"4 volume {"matrix":"4x4x1i16"}"#, #"1 stack {"matrix":"5x5x1i16"}"#])
        #expect(matrices.findings == ["several_volumes"])
    }

    private static func imageType(_ pixels: String, _ kind: String) -> [DICOMElement] {
        [text(0x0008, 0x0008, .CS, pixels, "PRIMARY", kind)]
    }

    private func order(of slices: [Slice], in engine: WarehouseEngine) async throws -> Found {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        for (index, slice) in slices.enumerated() { try folder.write(try slice.file("2.25.31"), to: "IM\(index)") }
        return try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await found(in: place)
        }
    }

    private static let unplaced = "ordered_without_positions"
    private static func location(_ millimetres: Int) -> [DICOMElement] {
        [text(0x0020, 0x1041, .DS, "\(millimetres)")]
    }

    /// PS3.3 A.3, A.4 and A.21 demand a position of CT, MR and PET; of one image there is no order.
    @Test(arguments: TestEngine.available)
    func `radiographs, colour and single images need no positions`(engine: WarehouseEngine) async throws {
        let numbered = Found(kind: "stack", rule: "instance_number", numbers: [1, 2])
        for modality in ["CR", "DX", "MG", "US"] {
            try await check([2, 1].map { Slice(z: nil, number: $0, modality: modality) }, numbered, in: engine)
        }
        try await check([2, 1].map { Slice(z: nil, number: $0, isColour: true) }, numbered, in: engine)
        let one = Found(kind: "stack", rule: "instance_number", numbers: [1])
        try await check([Slice(z: nil, number: 1)], one, in: engine)
        for modality in ["MR", "PT"] {
            var told = numbered
            told.findings = [Self.unplaced]
            try await check([2, 1].map { Slice(z: nil, number: $0, modality: modality) }, told, in: engine)
        }
    }

    /// PS3.3 C.7.6.16: two stacks, each frame with a position of its own, in one file.
    @Test(arguments: TestEngine.available)
    func `an enhanced file with two stacks is two volumes`(engine: WarehouseEngine) async throws {
        func group(_ tag: DICOMTag, _ element: DICOMElement) -> DICOMElement {
            DICOMElement(tag: tag, vr: .SQ, value: .items([DICOMHeader(elements: [element])]))
        }
        let frames = try (0..<6).map { index in
            try PixelBuffer(rows: 4, columns: 4, samplesPerPixel: 1, elements: (0..<16).map { Int16($0 * index) })
        }
        let own = (0..<6).map { index -> DICOMHeader in
            let z = Double(index / 2) * (index % 2 == 0 ? 2 : 3)
            return DICOMHeader(elements: [
                group(DICOMTag(0x0020, 0x9111), Self.text(0x0020, 0x9056, .SH, index % 2 == 0 ? "1" : "2")),
                group(.planePositionSequence, Self.text(0x0020, 0x0032, .DS, "0", "0", "\(z)")),
            ])
        }
        let shared = DICOMHeader(elements: [
            group(
                .planeOrientationSequence, Self.text(0x0020, 0x0037, .DS, "1", "0", "0", "0", "1", "0")),
            group(.pixelMeasuresSequence, Self.text(0x0028, 0x0030, .DS, "1", "1")),
        ])
        let elements = [
            Self.text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2.1"), Self.text(0x0008, 0x0018, .UI, "2.25.32.1"),
            Self.text(0x0008, 0x0060, .CS, "CT"), Self.text(0x0010, 0x0020, .LO, "1"),
            Self.text(0x0020, 0x000D, .UI, "2.25.32"), Self.text(0x0020, 0x000E, .UI, "2.25.32.0"),
            DICOMElement(tag: .sharedFunctionalGroupsSequence, vr: .SQ, value: .items([shared])),
            DICOMElement(tag: .perFrameFunctionalGroupsSequence, vr: .SQ, value: .items(own)),
        ]
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            try folder.write(try DICOMWriter().file(elements: elements, frames: frames), to: "enhanced")
            try await TestIngest(into: place, home: home).run(folder.path)
            let expected = Found(
                kind: "stack", rule: "image_position", numbers: [1, 3, 5, 2, 4, 6],
                volumes: [#"3 volume {"stack":"1"}"#, #"3 volume {"stack":"2"}"#], findings: ["several_volumes"])
            #expect(try await found(in: place) == expected)
        }
    }
}
