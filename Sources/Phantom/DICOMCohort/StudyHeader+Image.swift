internal import DICOM

/// Where the slices of a series lie.
struct AxialGeometry: Sendable {
    /// Millimetres per pixel.
    let spacing: Double
    let size: Int
    /// cos and sin of the tilt.
    let cosine: Double
    let sine: Double
    let start: Double

    init(study: SyntheticStudy, size: Int, spacing: Double) {
        self.size = size
        self.spacing = spacing
        let turns = Float(study.tilt / 360)
        cosine = Double(Trigonometry.cosine(turns: turns))
        sine = Double(Trigonometry.sine(turns: turns))
        start = study.tableStart
    }

    /// ImageOrientationPatient: columns to the left, rows to the back and, when tilted, down.
    var orientation: [Double] { [1, 0, 0, 0, cosine, -sine] }

    /// ImagePositionPatient of the slice that is `index` steps of 5 mm above the first: the table moves along z whatever
    /// the tilt, so tilted stacks are sheared.
    func position(_ index: Int) -> [Double] {
        let half = Double(size - 1) / 2 * spacing
        let z = start + Double(index) * Double(HeadStack.sliceThickness)
        return [-half, -half * cosine, z + half * sine]
    }
}

extension StudyHeader {
    /// An axial CT image; `index` counts slices from the neck.
    func axial(_ kind: SyntheticStudy.Kind, instance: Int, index: Int, geometry: AxialGeometry) -> HeaderBuilder {
        var header = common(kind, instance: instance)
        let dialect = study.dialect
        header.texts(0x0008, 0x0008, .CS, ["ORIGINAL", "PRIMARY", "AXIAL"] + dialect.imageTypeTail)
        header.text(0x0008, 0x103E, .LO, kind == .bone ? "HEAD 5.0 BONE" : "HEAD 5.0 BRAIN")
        addAcquisition(kind, &header)
        addPlane(index, geometry, &header)
        addPixelDescription(kind, &header)
        return header
    }

    private func addAcquisition(_ kind: SyntheticStudy.Kind, _ header: inout HeaderBuilder) {
        let dialect = study.dialect
        header.text(0x0018, 0x0015, .CS, "HEAD")
        header.text(0x0018, 0x0022, .CS, "AXIAL MODE")
        header.decimals(0x0018, 0x0050, [Double(HeadStack.sliceThickness)])
        header.text(0x0018, 0x0060, .DS, "120")
        if dialect.hasSpacingBetweenSlices { header.decimals(0x0018, 0x0088, [Double(HeadStack.sliceThickness)]) }
        header.text(0x0018, 0x0090, .DS, "250")
        header.text(0x0018, 0x1030, .LO, "HeadSeq")
        header.decimals(0x0018, 0x1100, [study.fieldOfView], places: 1)
        header.text(0x0018, 0x1110, .DS, "949.075")
        header.text(0x0018, 0x1111, .DS, "541")
        header.decimals(0x0018, 0x1120, [study.tilt], places: 2)
        header.text(0x0018, 0x1130, .DS, "-155")
        header.text(0x0018, 0x1140, .CS, "CW")
        header.text(0x0018, 0x1150, .IS, "2000")
        header.text(0x0018, 0x1151, .IS, String(260 + study.number))
        header.text(0x0018, 0x1152, .IS, "380")
        header.text(0x0018, 0x1160, .SH, "HEAD FILTER")
        header.text(0x0018, 0x1170, .IS, "32")
        header.text(0x0018, 0x1190, .DS, "0.7")
        header.text(0x0018, 0x1210, .SH, kind == .bone ? dialect.boneKernel : dialect.softKernel)
        header.text(0x0018, 0x5100, .CS, "HFS")
    }

    private func addPlane(_ index: Int, _ geometry: AxialGeometry, _ header: inout HeaderBuilder) {
        header.decimals(0x0020, 0x0032, geometry.position(index))
        header.decimals(0x0020, 0x0037, geometry.orientation)
        header.text(0x0020, 0x0052, .UI, study.frameOfReferenceUID)
        header.text(0x0020, 0x1040, .LO, "OM")
        if study.dialect.hasSliceLocation {
            let location = geometry.start + Double(index) * Double(HeadStack.sliceThickness)
            header.decimals(0x0020, 0x1041, [location], places: 2)
        }
        header.decimals(0x0028, 0x0030, [geometry.spacing, geometry.spacing])
    }

    private func addPixelDescription(_ kind: SyntheticStudy.Kind, _ header: inout HeaderBuilder) {
        let dialect = study.dialect
        header.text(0x0028, 0x0004, .CS, "MONOCHROME2")
        header.unsigned(0x0028, 0x0101, dialect.isUnsigned12Bit ? 12 : 16)
        header.unsigned(0x0028, 0x0102, dialect.isUnsigned12Bit ? 11 : 15)
        if let padding = dialect.padding { header.signed(0x0028, 0x0120, padding) }
        header.text(0x0028, 0x0301, .CS, "NO")
        let windows = kind == .bone ? [(center: 700, width: 3200)] : dialect.windows
        header.texts(0x0028, 0x1050, .DS, windows.map { String($0.center) })
        header.texts(0x0028, 0x1051, .DS, windows.map { String($0.width) })
        if windows.count > 1 { header.texts(0x0028, 0x1055, .LO, windows.indices.map { "WINDOW\($0 + 1)" }) }
        header.text(0x0028, 0x1052, .DS, String(dialect.rescaleIntercept))
        header.text(0x0028, 0x1053, .DS, "1")
        header.text(0x0028, 0x1054, .LO, "HU")
    }

    /// The scout: one coronal projection, taller than wide or the reverse, never of the axial shape.
    func localizer(rows: Int, columns: Int, spacing: Double, rowSpacing: Double) -> HeaderBuilder {
        var header = common(.localizer, instance: 1)
        header.text(0x0008, 0x0008, .CS, "ORIGINAL", "PRIMARY", "LOCALIZER")
        header.text(0x0008, 0x103E, .LO, "Scout")
        header.text(0x0018, 0x0015, .CS, "HEAD")
        header.text(0x0018, 0x0060, .DS, "120")
        header.text(0x0018, 0x5100, .CS, "HFS")
        let half = Double(columns - 1) / 2 * spacing
        let top = study.tableStart + Double(study.sliceCount - 1) * Double(HeadStack.sliceThickness)
        header.decimals(0x0020, 0x0032, [-half, 0, top])
        header.decimals(0x0020, 0x0037, [1, 0, 0, 0, 0, -1])
        header.text(0x0020, 0x0052, .UI, study.frameOfReferenceUID)
        header.decimals(0x0028, 0x0030, [rowSpacing, spacing])
        header.text(0x0028, 0x0004, .CS, "MONOCHROME2")
        header.text(0x0028, 0x1050, .DS, "-400")
        header.text(0x0028, 0x1051, .DS, "900")
        header.text(0x0028, 0x1052, .DS, "0")
        header.text(0x0028, 0x1053, .DS, "1")
        return header
    }

    /// A radiation dose report: a structured document, no pixels.
    func doseReport() -> HeaderBuilder {
        var header = common(.doseReport, instance: 1)
        header.text(0x0008, 0x103E, .LO, "Patient Protocol")
        header.text(0x0040, 0xA491, .CS, "COMPLETE")
        header.text(0x0040, 0xA493, .CS, "UNVERIFIED")
        header.text(0x0040, 0xA040, .CS, "CONTAINER")
        header.text(0x0040, 0xA050, .CS, "SEPARATE")
        header.items(0x0040, 0xA043, [code("113701", "X-Ray Radiation Dose Report")])
        var content = HeaderBuilder(characterSet: nil)
        content.text(0x0040, 0xA010, .CS, "CONTAINS")
        content.text(0x0040, 0xA040, .CS, "NUM")
        content.items(0x0040, 0xA043, [code("113813", "CT Dose Length Product Total")])
        var measured = HeaderBuilder(characterSet: nil)
        measured.decimals(0x0040, 0xA30A, [812.4], places: 1)
        content.items(0x0040, 0xA300, [measured])
        header.items(0x0040, 0xA730, [content])
        return header
    }

    private func code(_ value: String, _ meaning: String) -> HeaderBuilder {
        var item = HeaderBuilder(characterSet: nil)
        item.text(0x0008, 0x0100, .SH, value)
        item.text(0x0008, 0x0102, .SH, "DCM")
        item.text(0x0008, 0x0104, .LO, meaning)
        return item
    }
}
