package import Imaging

/// Writes MetaImage volumes as ITK does: a text header, and the voxels little-endian behind it or in a file of their own.
package struct MetaImageWriter: Sendable {
    package let geometry: VolumeGeometry
    package let pixelType: PixelType
    /// zlib's level 1–9, or `nil` for plain voxels.
    package let compression: Int?

    package init(geometry: VolumeGeometry, pixelType: PixelType, compression: Int? = nil) {
        self.geometry = geometry
        self.pixelType = pixelType
        self.compression = compression
    }

    /// Header and voxels, for two files.
    ///
    /// - Parameter dataFile: the name that the header gives the voxels; `LOCAL` where both are joined.
    ///
    /// **Throws** `invalidRequest` when the frames are not those of the geometry; `outOfMemory`.
    package func encode(
        _ frames: [PixelBuffer], dataFile: String
    ) throws(ImageFileError) -> (header: [UInt8], data: [UInt8]) {
        guard frames.count == geometry.slices,
            frames.allSatisfy({
                $0.rows == geometry.rows && $0.columns == geometry.columns && $0.type == pixelType
                    && $0.samplesPerPixel == 1
            })
        else { throw .metaImage(.invalidRequest, "the frames are not those that the geometry announces") }
        var data = frames.flatMap(\.bytes)
        if let compression {
            var deflater = try GzipDeflater(level: compression, framing: .zlib)
            data = try deflater.deflate(data, isLast: true)
        }
        return (Array(header(dataFile: dataFile, dataByteCount: data.count).utf8), data)
    }

    private func header(dataFile: String, dataByteCount: Int) -> String {
        func line(_ numbers: [Double]) -> String { numbers.map(Self.text).joined(separator: " ") }
        let compressed = compression == nil ? "" : "CompressedDataSize = \(dataByteCount)\n"
        return """
            ObjectType = Image
            NDims = 3
            BinaryData = True
            BinaryDataByteOrderMSB = False
            CompressedData = \(compression == nil ? "False" : "True")
            \(compressed)TransformMatrix = \(line(geometry.transformMatrix))
            Offset = \(line([geometry.origin.x, geometry.origin.y, geometry.origin.z]))
            CenterOfRotation = 0 0 0
            AnatomicalOrientation = RAI
            ElementSpacing = \(line([geometry.columnSpacing, geometry.rowSpacing, geometry.sliceSpacing]))
            DimSize = \(geometry.columns) \(geometry.rows) \(geometry.slices)
            ElementType = \(MetaImageElementType.name(of: pixelType))
            ElementDataFile = \(dataFile)

            """
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    }
}
