import Foundation
import Imaging
import Testing

/// Cropping and resizing of photographs are those of NumPy and Pillow, byte for byte.
@Suite("Photographs against NumPy and Pillow")
struct PictureFitOracleTests {
    /// Prints for each picture: shape, samples, the crop at 10, and sizes with their bicubic resize.
    private static let script = """
        import json, numpy
        from PIL import Image
        rng = numpy.random.default_rng(3)

        def crop(image, threshold=0):
            flat = image.max(axis=2)
            columns = numpy.where(flat.max(axis=0) > threshold)[0]
            if not columns.size:
                return image[:1, :1]
            rows = numpy.where(flat.max(axis=1) > threshold)[0]
            return image[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]

        def say(image):
            cut = crop(image, 10)
            sizes = []
            for height, width in [(7, 9), (40, 50), (1, 1), (image.shape[0], 12), (13, image.shape[1])]:
                small = numpy.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))
                sizes.append({'rows': height, 'columns': width, 'bytes': small.ravel().tolist()})
            print(json.dumps({'rows': image.shape[0], 'columns': image.shape[1], 'bytes': image.ravel().tolist(),
                              'crop': [cut.shape[0], cut.shape[1]], 'cropped': cut.ravel().tolist(), 'sizes': sizes}))

        for shape in [(17, 23), (24, 16), (31, 31)]:
            image = rng.integers(0, 256, (*shape, 3), dtype=numpy.uint8)
            say(image)
            image[:3] = rng.integers(0, 11, image[:3].shape)
            image[:, -5:] = rng.integers(0, 11, image[:, -5:].shape)
            say(image)
        dark = rng.integers(0, 11, (9, 8, 3), dtype=numpy.uint8)
        say(dark)
        dark[4, 5, 2] = 11
        say(dark)
        """

    private struct Picture: Decodable {
        let rows: Int
        let columns: Int
        let bytes: [UInt8]
        let crop: [Int]
        let cropped: [UInt8]
        let sizes: [Size]
    }

    private struct Size: Decodable {
        let rows: Int
        let columns: Int
        let bytes: [UInt8]
    }

    @Test(.enabled(if: !Oracle.python.isEmpty, "\(LIDCOracleTests.isMissing)"))
    func `crops and bicubic sizes agree byte for byte`() throws {
        let lines = try Oracle.run(["-c", Self.script]).split(separator: "\n")
        #expect(lines.count == 8)
        for line in lines {
            let expected = try JSONDecoder().decode(Picture.self, from: Data(line.utf8))
            let picture = try PixelBuffer(
                type: .u8, rows: expected.rows, columns: expected.columns, samplesPerPixel: 3, bytes: expected.bytes)
            let crop = try BlackBorders(threshold: 10).crop(picture)
            #expect([crop.picture.rows, crop.picture.columns] == expected.crop)
            #expect(crop.picture.bytes == expected.cropped)
            #expect(crop.isDark == !expected.bytes.contains { $0 > 10 })
            for size in expected.sizes {
                let made = try BicubicResize(rows: size.rows, columns: size.columns).resize(picture)
                #expect(
                    made.bytes == size.bytes, "\(expected.rows)×\(expected.columns) to \(size.rows)×\(size.columns)")
            }
        }
    }
}
