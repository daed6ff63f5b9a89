package import Imaging

/// The header of a NIfTI-1 or NIfTI-2 file, as stored and checked for numbers that cannot be.
///
/// **Source** nifti1.h, nifti2.h. NIfTI-1 has 348 bytes, NIfTI-2 540, in either byte order. The free-text fields
/// (`descrip`, `aux_file`, `intent_name`) are not read: they may name a patient and nothing depends on them.
package struct NIfTIHeader: Sendable, Equatable {
    /// 1 or 2.
    package let version: Int
    package let isBigEndian: Bool
    /// The voxels are in a companion `.img`.
    package let isPair: Bool
    /// Voxels along i, j, k, t …; 1 to 7 of them, each positive.
    package let dimensions: [Int]
    package let datatype: NIfTIDatatype
    /// `pixdim`: qfac, then the spacing along each axis, as stored.
    package let pixelDimensions: [Double]
    /// Where the voxels begin, in the file that holds them.
    package let dataOffset: Int
    /// `scl_slope` and `scl_inter` where they apply: slope finite and not 0. `nil` means that stored values are the
    /// values.
    package let rescale: Rescale?
    package let spatialUnit: NIfTISpatialUnit
    /// `xyzt_units` of the fourth axis, as stored: 8 s, 16 ms, 24 µs, 32 Hz, 40 ppm, 48 rad/s.
    package let temporalUnitCode: Int
    package let intentCode: Int
    package let qformCode: Int
    package let sformCode: Int
    /// `quatern_b`, `quatern_c`, `quatern_d`.
    package let quaternion: [Double]
    /// `qoffset_x`, `qoffset_y`, `qoffset_z`.
    package let qformOffset: [Double]
    /// `srow_x`, `srow_y`, `srow_z`: twelve numbers, row by row.
    package let sformRows: [Double]

    package var columns: Int { dimensions[0] }
    package var rows: Int { dimensions.count > 1 ? dimensions[1] : 1 }
    package var slices: Int { dimensions.count > 2 ? dimensions[2] : 1 }
    /// Volumes: the product of the fourth and all later axes.
    package var volumes: Int { dimensions.dropFirst(3).reduce(1, *) }
    package var frameCount: Int { slices * volumes }
    package var frameByteCount: Int { columns * rows * datatype.bytesPerPixel }
    /// Bytes of all voxels; known not to overflow.
    package var dataByteCount: Int { frameByteCount * frameCount }

    /// Where voxels can begin: behind the header and its extension flag, or at the start of a file of their own.
    var leastDataOffset: Int { isPair ? 0 : (version == 1 ? 352 : 544) }

    /// Bytes that are enough to read any header from an uncompressed file.
    package static let longestByteCount = 540

    /// Parses the beginning of a file, gzip-compressed or not.
    ///
    /// **Throws** `notANIfTI`, `truncated`, `hostileHeader`, `unsupportedDatatype`, `unsupportedLayout`,
    /// `invalidScaling`; orientation is judged by `affine()`.
    package init(prefix bytes: [UInt8]) throws(ImageFileError) {
        let isCompressed = GzipInflate.isGzip(bytes)
        let plain = isCompressed ? try GzipInflate.prefix(bytes, count: Self.longestByteCount) : bytes
        try self.init(fields: NIfTIHeaderFields(plain))
    }

    /// Reads the header of a file and nothing else.
    ///
    /// **Cost** one read of at most 4 KiB.
    package init(path: String) throws(ImageFileError) {
        let file = try OpenFile(path: path, format: .nifti)
        try self.init(prefix: file.read(at: 0, count: 4_096))
    }

    private init(fields: NIfTIHeaderFields) throws(ImageFileError) {
        version = fields.version
        isBigEndian = fields.reader.isBigEndian
        isPair = fields.isPair
        intentCode = fields.intentCode
        guard !(3_000..<3_100).contains(intentCode) else {
            throw .nifti(.unsupportedLayout, "it is a CIFTI-2 matrix of brain models, not an image in rows and columns")
        }
        datatype = try NIfTIDatatype(code: fields.datatypeCode)
        dimensions = try fields.checkedDimensions(bytesPerPixel: datatype.bytesPerPixel)
        dataOffset = try fields.checkedDataOffset()
        pixelDimensions = fields.pixelDimensions
        rescale = try fields.checkedRescale()
        spatialUnit = NIfTISpatialUnit(rawValue: fields.unitsCode & 7) ?? .unknown
        temporalUnitCode = fields.unitsCode & 0x38
        qformCode = fields.qformCode
        sformCode = fields.sformCode
        quaternion = fields.quaternion
        qformOffset = fields.qformOffset
        sformRows = fields.sformRows
    }
}

/// The unit of `pixdim` 1–3 and of the affine (`xyzt_units & 7`).
package enum NIfTISpatialUnit: Int, Sendable {
    case unknown = 0
    case metre = 1
    case millimetre = 2
    case micrometre = 3

    /// Millimetres in one unit; an unknown unit is taken as a millimetre, as every reader does.
    package var millimetres: Double {
        switch self {
        case .unknown, .millimetre: 1
        case .metre: 1_000
        case .micrometre: 0.001
        }
    }
}
