/// PNG files assembled from chunks with Python's `struct` and `zlib`; what Pillow 12 reads from them stands in the
/// tests.
enum PNGFixture {
    /// 1 bit, 5 x 2.
    static let grey1 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAUAAAACAQAAAAC4ESvwAAAADElEQVR42mPYwOABAAJcAPmpkZoKAAAAAElFTkSuQmCC")

    /// 2 bits, 4 x 1: 0 1 2 3.
    static let grey2 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABAgAAAACW50iwAAAACklEQVR42mOQBgAAHQAcI3yPrAAAAABJRU5ErkJggg==")

    /// 4 bits, 3 x 1: 0 15 7.
    static let grey4 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABBAAAAAD7e6ZpAAAAC0lEQVR42mPgLwAAAJEAgK5ZEuYAAAAASUVORK5CYII=")

    /// 16 bits, 2 x 2.
    static let grey16 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACEAAAAAAHTY67AAAAEklEQVR42mNgYGRkYPj/X8gEAAdqAkcaL/oxAAAAAElFTkSu"
            + "QmCC")

    /// Palette of three colours, 3 x 1: indices 2 0 1.
    static let palette = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAMAAAAsPuSGAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAADElEQVR42mNgYmAEAAAL"
            + "AARqaB0gAAAAAElFTkSuQmCC")

    /// The same; the second colour has the alpha 128.
    static let transparentPalette = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAMAAAAsPuSGAAAACVBMVEUKFB4oMjxGUFoWrIR0AAAAAnRSTlP/gAgPs2oAAAAM"
            + "SURBVHjaY2BiYAQAAAsABGpoHSAAAAAASUVORK5CYII=")

    /// 8 bits and alpha, 2 x 1.
    static let greyAlpha = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mPgPMGRAgAC9QE+UV08YAAAAABJRU5ErkJggg==")

    /// 8 bits, 1 x 2.
    static let rgba = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAAEklEQVR42mNgZGJmYWBlY+cAAACMACXSIFAZAAAAAElFTkSu"
            + "QmCC")

    /// 16 bits, 1 x 1: 1 256 513.
    static let rgb16 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABEAIAAADA54+dAAAAD0lEQVR42mNgYGRkYGIEAAAVAAY3lZ6qAAAAAElFTkSuQmCC")

    /// Interlaced 8 bits, 9 x 5: `arange(45) * 5`.
    static let adam7 = bytes(
        "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAAAAAHFP6khAAAAQ0lEQVR42gE4AMf/AAAoABQAtMjcAAoeAL7SAFpkbniCAAUP"
            + "GSMAX2lzfQC5w83XAC0yNzxBRktQVQCHjJGWm6Clqq/UexNXbjPJ2QAAAABJRU5ErkJggg==")
}
