import Foundation
import ImageFiles
import Imaging
import Testing
import TestSupport

/// Voxels and geometry of MetaImage files are SimpleITK's, which wrote them.
@Suite("MetaImage against SimpleITK")
struct MetaImageOracleTests {
    /// Writes volumes in every form into a folder and prints for each: name, pixels of its first and last slice as sums,
    /// and world points of three voxels.
    private static let script = """
        import json, os, sys
        import numpy
        import SimpleITK as sitk
        folder = sys.argv[1]
        rng = numpy.random.default_rng(7)
        oblique = (0.8, -0.48, 0.36, 0.6, 0.64, -0.48, 0.0, 0.6, 0.8)
        angle = 0.3
        odd = sitk.Euler3DTransform((0, 0, 0), angle, -0.7, 1.1).GetMatrix()
        directions = {
            'straight': (1, 0, 0, 0, 1, 0, 0, 0, 1), 'flipped': (-1, 0, 0, 0, -1, 0, 0, 0, 1),
            'left-handed': (1, 0, 0, 0, 1, 0, 0, 0, -1), 'oblique': oblique, 'odd': odd,
            'permuted': (0, 0, 1, 1, 0, 0, 0, 1, 0)}
        types = [numpy.int16, numpy.uint8, numpy.int8, numpy.uint16, numpy.int32, numpy.uint32, numpy.float32,
                 numpy.float64]
        number = 0
        for name, direction in directions.items():
            for extension, compress in [('mhd', False), ('mhd', True), ('mha', False), ('mha', True)]:
                kind = types[number % len(types)]
                number += 1
                values = rng.integers(0, 100, (5, 7, 11)).astype(kind)
                image = sitk.GetImageFromArray(values)
                image.SetDirection(direction)
                image.SetOrigin((-195.123456, 17.5, -378.987654321))
                image.SetSpacing((0.703125, 0.8, 2.5))
                path = os.path.join(folder, f'{name}-{int(compress)}.{extension}')
                sitk.WriteImage(image, path, compress)
                again = sitk.ReadImage(path)
                array = sitk.GetArrayFromImage(again)
                print(json.dumps({
                    'path': path, 'first': array[0].astype(float).ravel().tolist(),
                    'last': array[-1].astype(float).ravel().tolist(),
                    'world': [again.TransformContinuousIndexToPhysicalPoint(p) for p in
                              [(0., 0., 0.), (10., 6., 4.), (3.25, 1.5, 2.75)]]}))
        for kind in [numpy.int16, numpy.float32, numpy.float64, numpy.uint32]:
            values = rng.integers(0, 100, (2, 3, 4)).astype(kind)
            met = {'int16': 'MET_SHORT', 'float32': 'MET_FLOAT', 'float64': 'MET_DOUBLE', 'uint32': 'MET_UINT'}
            name = numpy.dtype(kind).name
            path = os.path.join(folder, f'big-{name}.mhd')
            with open(path, 'w') as header:
                header.write('ObjectType = Image\\nNDims = 3\\nBinaryData = True\\nElementByteOrderMSB = True\\n'
                             'Position = 1 2 3\\nRotation = 1 0 0 0 1 0 0 0 1\\nElementSize = 1 2 3\\n'
                             f'DimSize = 4 3 2\\nElementType = {met[name]}\\nHeaderSize = -1\\n'
                             f'ElementDataFile = big-{name}.raw\\n')
            with open(os.path.join(folder, f'big-{name}.raw'), 'wb') as data:
                data.write(b'leading bytes' + values.astype(values.dtype.newbyteorder('>')).tobytes())
            again = sitk.ReadImage(path)
            array = sitk.GetArrayFromImage(again)
            print(json.dumps({
                'path': path, 'first': array[0].astype(float).ravel().tolist(),
                'last': array[-1].astype(float).ravel().tolist(),
                'world': [again.TransformContinuousIndexToPhysicalPoint(p) for p in
                          [(0., 0., 0.), (3., 2., 1.), (1.5, 0.5, 0.25)]]}))
        """

    private struct Expected: Decodable {
        let path: String
        let first: [Double]
        let last: [Double]
        let world: [[Double]]
    }

    @Test(.enabled(if: !Oracle.python.isEmpty, "\(LIDCOracleTests.isMissing)"))
    func `every direction, compression, type and byte order reads as SimpleITK reads it`() throws {
        let folder = try TemporaryFolder()
        let lines = try Oracle.run(["-c", Self.script, folder.path]).split(separator: "\n")
        #expect(lines.count == 28)
        for line in lines {
            let expected = try JSONDecoder().decode(Expected.self, from: Data(line.utf8))
            try check(expected)
        }
    }

    private func check(_ expected: Expected) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: expected.path)))
        let header = try MetaImageHeader(prefix: bytes)
        var data: [UInt8]?
        if case .named(let name) = header.dataFile {
            let place = URL(filePath: expected.path).deletingLastPathComponent().appending(path: name)
            data = [UInt8](try Data(contentsOf: place))
        }
        let file = try MetaImageFile(bytes: bytes, data: data)
        #expect(samples(try file.frame(at: 0)) == expected.first, "\(expected.path)")
        #expect(samples(try file.frame(at: file.frameCount - 1)) == expected.last, "\(expected.path)")
        let geometry = try #require(file.header.geometry)
        let isBig = expected.path.contains("big-")
        let voxels =
            isBig
            ? [(0, 0, 0), (3, 2, 1), (1.5, 0.5, 0.25)] : [(0, 0, 0), (10, 6, 4), (3.25, 1.5, 2.75)]
        for (voxel, point) in zip(voxels, expected.world) {
            let world = geometry.world(column: voxel.0, row: voxel.1, slice: voxel.2)
            for axis in 0..<3 { #expect(abs(world[axis] - point[axis]) < 1e-5, "\(expected.path)") }
            let index = geometry.index(world: SIMD3(point))
            #expect(abs(index.column - voxel.0) < 1e-5 && abs(index.row - voxel.1) < 1e-5)
            #expect(abs(index.slice - voxel.2) < 1e-5)
        }
    }

    private func samples(_ frame: PixelBuffer) -> [Double] {
        (0..<frame.rows * frame.columns).map { frame.value(at: $0) }
    }
}

extension PixelBuffer {
    /// One sample as a number, by the bytes of its type.
    fileprivate func value(at index: Int) -> Double {
        func load<T: FixedWidthInteger>(_ type: T.Type) -> T {
            let width = MemoryLayout<T>.size
            let own = bytes[index * width..<(index + 1) * width]
            return own.reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
        }
        switch type {
        case .u8: return Double(bytes[index])
        case .i8: return Double(Int8(bitPattern: bytes[index]))
        case .u16: return Double(load(UInt16.self))
        case .i16: return Double(Int16(bitPattern: load(UInt16.self)))
        case .u32: return Double(load(UInt32.self))
        case .i32: return Double(Int32(bitPattern: load(UInt32.self)))
        case .f32: return Double(Float(bitPattern: load(UInt32.self)))
        case .f64: return Double(bitPattern: load(UInt64.self))
        }
    }
}
