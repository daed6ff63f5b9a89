/// NIfTI files written by nibabel 5.4.2 and gzip-compressed, in base64.
///
/// `h = nib.Nifti1Header(endianness=…); h.set_data_shape(a.shape); h.set_data_dtype(a.dtype); h['vox_offset'] = 352;`
/// `h.set_sform(…); h.set_qform(…)`, then header, four zero bytes and `a.tobytes(order='F')`. The arrays are C order.
enum NIfTIFixture {
    /// int16 2 x 3 x 4 x 2 = `arange(48) * 7 - 100`, sform and qform, slope 0.5, intercept -3, mm and s.
    static let sform4D = bytes(
        "H4sIAAAAAAACA4thZCAKsDAwMTCDSUYwRJcVANMN+4GEPQQvcADy7VHxBmeInMMBIM3FMMAA4Q+Q20BgixMDw59DDAwTgZhh"
            + "P0IlSBwMoOpAamAA5M+Jh9DNztM2BNNz/rswXPlfw8DDsIVh1f8ghkf/uxikGA4x7PifwPDh/wwGDYYLDMf+5zH8+7+MwYzh"
            + "HsPi/94Mt/83Mwgz7GbY+D+S4eX/iQyKDCcZ9v9PZ/j+fz6DPsN1hrP/SxlYGdYy2DI8ZQAAuKf72MABAAA=")

    /// Big-endian uint16 2 x 3 x 4 = `arange(24) * 2730`, oblique qform with qfac -1, no sform.
    static let bigEndianQform = bytes(
        "H4sIAAAAAAACA2NgYIxhIAYwMzABMQsDIxSiACYGBgEGhv0NDAx2Z86ctQeKOCgwMNg3oGLnDRB60ACgL/Yu/te5TznkjH3l"
            + "hG2OHgwMBz8A3f6AcqPztA2hrPofWitWLQgNuOrBtaprkWnQVq/4X/c/iYZM9bH/s/9L1pJXc+T/zf/mtezUvFK/r24ARvp/"
            + "nJABAAA=")

    /// NIfTI-2 float32 2 x 3 x 4 = `arange(24) / 8 - 1`, pixdim 2 3 4, neither form.
    static let nifti2Base = bytes(
        "H4sIAAAAAAACA5NhYmDI0zZi4OWS4hJgUGBgZoAAJigN47NAaUYCNH7wwR7KcIBQHFBawAFVHpNWYMJqziigOWjYDyRA4Q2k"
            + "G6DhfgBIJwD5CkD6wD4GhgkgcTsGhgtA2gEo7gCkG4DiC0A0UPwBkFYAiieA1AHFN4D02YHiEQBq4UdogAIAAA==")

    /// RGB24 2 x 2 x 1.
    static let rgb = bytes(
        "H4sIAAAAAAACA4thZCAKMDMwASEjHKKCBgYJCG2PH29whtCDBTDhkcPmTmLFGBjytA0hDEYmEVExLm4eOXkFABsE92tsAQAA")

    /// int16 2 x 2 x 2 of -32768 and 32767 with slope 255/65535 and intercept 127.501946, as CT-ICH stores masks.
    static let mask = bytes(
        "H4sIAAAAAAACA4thZCAKMDMwgSEjFKICFgYBMN1gjx9vcP7PUG/9n+G/E8OgAPg8D3IvuWIMDHnahmD6fz1DA0MDggQADiDA"
            + "anABAAA=")
}
