internal import Imaging

/// An RGB raster that is drawn on; what lies outside is left out.
struct Canvas {
    struct Ink: Equatable {
        let red: UInt8
        let green: UInt8
        let blue: UInt8

        static let white = Ink(red: 255, green: 255, blue: 255)
        static let black = Ink(red: 20, green: 20, blue: 20)
        static let grey = Ink(red: 150, green: 150, blue: 150)
        static let pale = Ink(red: 225, green: 225, blue: 225)
        static let blue = Ink(red: 31, green: 119, blue: 180)
        static let red = Ink(red: 214, green: 39, blue: 40)
        static let green = Ink(red: 44, green: 140, blue: 44)
    }

    let width: Int
    let height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bytes = [UInt8](repeating: 255, count: width * height * 3)
    }

    mutating func set(_ x: Int, _ y: Int, _ ink: Ink) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let offset = (y * width + x) * 3
        bytes[offset] = ink.red
        bytes[offset + 1] = ink.green
        bytes[offset + 2] = ink.blue
    }

    mutating func rectangle(x: Int, y: Int, width: Int, height: Int, _ ink: Ink) {
        for row in y..<y + max(1, height) {
            for column in x..<x + max(1, width) { set(column, row, ink) }
        }
    }

    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), _ ink: Ink) {
        let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
        for step in 0...steps {
            set(start.x + (end.x - start.x) * step / steps, start.y + (end.y - start.y) * step / steps, ink)
        }
    }

    /// - Parameter scale: Pixels of a font pixel.
    mutating func text(_ text: String, x: Int, y: Int, scale: Int = 1, _ ink: Ink = .black) {
        for (place, letter) in text.enumerated() {
            for (column, bits) in BitmapFont.columns(of: letter).enumerated() {
                for row in 0..<BitmapFont.height where bits >> UInt8(row) & 1 == 1 {
                    rectangle(
                        x: x + (place * BitmapFont.advance + column) * scale, y: y + row * scale, width: scale,
                        height: scale, ink)
                }
            }
        }
    }

    /// A grey picture, each target pixel the mean of what it covers.
    ///
    /// - Parameter grey: `[rows][columns]`.
    mutating func picture(_ grey: [UInt8], rows: Int, columns: Int, x: Int, y: Int, width: Int, height: Int) {
        for row in 0..<height {
            let lines = row * rows / height..<max(row * rows / height + 1, (row + 1) * rows / height)
            for column in 0..<width {
                let across =
                    column * columns / width..<max(column * columns / width + 1, (column + 1) * columns / width)
                var sum = 0
                for line in lines { for index in across { sum += Int(grey[line * columns + index]) } }
                let level = UInt8(sum / (lines.count * across.count))
                set(x + column, y + row, Ink(red: level, green: level, blue: level))
            }
        }
    }

    /// **Shape** `[height][width][3]`.
    func pixels() throws -> PixelBuffer {
        try PixelBuffer(type: .u8, rows: height, columns: width, samplesPerPixel: 3, bytes: bytes)
    }
}
