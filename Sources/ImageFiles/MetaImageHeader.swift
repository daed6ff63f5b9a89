package import Imaging

/// The header of a MetaImage file (`.mhd`, `.mha`), checked for numbers that cannot be.
///
/// Text lines `Key = Value`; `ElementDataFile` is the last and says where the voxels are: `LOCAL`, in this file behind
/// the header, or the name of another file. x runs fastest. World coordinates are LPS millimetres. Keys have synonyms:
/// `Offset`, `Origin`, `Position`; `TransformMatrix`, `Rotation`, `Orientation`; `BinaryDataByteOrderMSB`,
/// `ElementByteOrderMSB`; `ElementSpacing`, `ElementSize`.
///
/// The matrix lists the direction of one axis after the other, the transpose of ITK's `GetDirection`. **Source** MetaIO
/// (`metaImage.cxx`, `metaObject.cxx`); `CenterOfRotation` and `AnatomicalOrientation` do not enter, as in ITK.
package struct MetaImageHeader: Sendable, Equatable {
    package enum DataFile: Sendable, Equatable {
        /// Behind the header, in the same file.
        case local
        /// A file whose path is relative to the folder of the header.
        case named(String)
    }

    /// Columns, rows, slices; 1 where the file has fewer axes.
    package let size: [Int]
    /// Axes of the file, 2 or 3.
    package let axisCount: Int
    package let pixelType: PixelType
    package let samplesPerPixel: Int
    package let isBigEndian: Bool
    package let isCompressed: Bool
    package let dataFile: DataFile
    /// Bytes before the voxels in the file that holds them; `nil` where the voxels are its last bytes (`HeaderSize = -1`).
    package let dataOffset: Int?
    /// From (column, row, slice) to LPS; `nil` for a picture of two axes.
    package let geometry: VolumeGeometry?

    package var columns: Int { size[0] }
    package var rows: Int { size[1] }
    package var slices: Int { size[2] }
    package var frameByteCount: Int { columns * rows * samplesPerPixel * pixelType.byteCount }
    /// Bytes of all voxels; known not to overflow.
    package var dataByteCount: Int { frameByteCount * slices }

    /// Parses the beginning of a file.
    ///
    /// **Throws** `notAMetaImage`, `truncated`, `hostileHeader`, `unsupportedLayout`, `unsupportedDatatype`,
    /// `invalidGeometry`.
    package init(prefix bytes: [UInt8]) throws(ImageFileError) {
        let fields = try MetaImageFields(prefix: bytes)
        size = try Self.checkedSize(fields)
        axisCount = try fields.integers("DimSize")?.count ?? 3
        samplesPerPixel = try Self.checkedSamples(fields)
        pixelType = try MetaImageElementType.pixelType(named: fields.text("ElementType") ?? "")
        isBigEndian = fields.isTrue("BinaryDataByteOrderMSB", "ElementByteOrderMSB")
        isCompressed = fields.isTrue("CompressedData")
        dataFile = try Self.checkedDataFile(fields)
        let headerSize = try fields.integers("HeaderSize")?.first ?? 0
        let start = dataFile == .local ? fields.byteCount : 0
        dataOffset = headerSize < 0 ? nil : start + headerSize
        geometry = try Self.geometry(fields, size: size, axisCount: axisCount)
        try Self.checkTotal(size + [samplesPerPixel, pixelType.byteCount])
    }

    // MARK: Checks

    private static func checkedSize(_ fields: MetaImageFields) throws(ImageFileError) -> [Int] {
        guard let size = try fields.integers("DimSize") else {
            throw .metaImage(.notAMetaImage, "its header has no DimSize")
        }
        let announced = try fields.integers("NDims")?.first ?? size.count
        guard announced == size.count, size.allSatisfy({ $0 > 0 }) else {
            throw .metaImage(.hostileHeader, "DimSize does not have NDims positive numbers")
        }
        guard size.count == 2 || size.count == 3 else {
            throw .metaImage(.unsupportedLayout, "it has \(size.count) axes; images have two and volumes three")
        }
        return size.count == 2 ? size + [1] : size
    }

    private static func checkedSamples(_ fields: MetaImageFields) throws(ImageFileError) -> Int {
        let samples = try fields.integers("ElementNumberOfChannels")?.first ?? 1
        guard [1, 3, 4].contains(samples) else {
            throw .metaImage(.unsupportedLayout, "it has \(samples) channels a voxel; one, three and four are stored")
        }
        return samples
    }

    private static func checkedDataFile(_ fields: MetaImageFields) throws(ImageFileError) -> DataFile {
        guard !(fields.text("BinaryData").map { $0.lowercased().hasPrefix("f") } ?? false) else {
            throw .metaImage(.unsupportedLayout, "its voxels are written as text (BinaryData = False)")
        }
        let name = fields.text("ElementDataFile") ?? ""
        if name.uppercased() == "LOCAL" { return .local }
        guard !name.isEmpty, name.uppercased().prefix(4) != "LIST", !name.contains("%") else {
            throw .metaImage(.unsupportedLayout, "its voxels are spread over several files (ElementDataFile)")
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(".."), parts.first != "" else {
            throw .metaImage(.hostileHeader, "ElementDataFile leads out of the folder of the header")
        }
        return .named(name)
    }

    private static func checkTotal(_ factors: [Int]) throws(ImageFileError) {
        var total = 1
        for factor in factors {
            let (product, overflow) = total.multipliedReportingOverflow(by: factor)
            guard !overflow, product < Int.max / 2 else {
                throw .metaImage(.hostileHeader, "its DimSize is larger than any file")
            }
            total = product
        }
    }

    private static func geometry(
        _ fields: MetaImageFields, size: [Int], axisCount: Int
    ) throws(ImageFileError) -> VolumeGeometry? {
        guard axisCount == 3 else { return nil }
        let matrix = try fields.numbers("TransformMatrix", "Rotation", "Orientation")
        let offset = try fields.numbers("Offset", "Origin", "Position")
        let spacing = try fields.numbers("ElementSpacing", "ElementSize")
        do {
            return try VolumeGeometry(
                transformMatrix: matrix ?? [1, 0, 0, 0, 1, 0, 0, 0, 1], offset: offset ?? [0, 0, 0],
                spacing: spacing ?? [1, 1, 1], size: size)
        } catch {
            throw ImageFileError(
                code: .invalidGeometry, format: .metaImage, reason: error.reason, underlying: error)
        }
    }
}
