// JPEG code streams -> samples, by the IJG libraries that DCMTK builds for 8, 12 and 16 bits.
#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djdijg12.h>
#include <dcmtk/dcmjpeg/djdijg16.h>
#include <dcmtk/dcmjpeg/djdijg8.h>

#include <limits>

namespace {

/// A decoder that counts warnings ("premature end of JPEG file", "bad Huffman code") instead of logging them.
template <typename Decoder> class CountingDecoder : public Decoder {
public:
    mutable int warnings = 0;

    explicit CountingDecoder(const DJCodecParameter &parameters) : Decoder(parameters, OFFalse) {}

    void emitMessage(int level) const override {
        if (level < 0) ++warnings;
    }
};

template <typename Decoder>
int32_t decode(const uint8_t *bytes, size_t count, uint8_t *samples, size_t capacity, cdcmtk_error *error) {
    // No colour conversion: components come out as they went in.
    const DJCodecParameter parameters(ECC_lossyYCbCr, EDC_never, EUC_never, EPC_colorByPixel);
    CountingDecoder<Decoder> decoder(parameters);
    OFCondition condition = decoder.init();
    if (condition.good())
        condition = decoder.decode(const_cast<Uint8 *>(bytes), static_cast<Uint32>(count), samples,
                                   static_cast<Uint32>(capacity), OFFalse);
    if (condition.good()) return cdcmtk_ok;
    if (condition == EJ_Suspension) {
        // The bytes ended before the end-of-image marker: whether anything but the marker is missing shows when the
        // marker is given.
        Uint8 endOfImage[] = {0xFF, 0xD9, 0xFF, 0xD9};
        const int before = decoder.warnings;
        condition = decoder.decode(endOfImage, sizeof endOfImage, samples, static_cast<Uint32>(capacity), OFFalse);
        if (condition.good() && decoder.warnings == before) return cdcmtk_ok;
        cdcmtk::set_error(error, "it ends before its last row");
        return cdcmtk_partial;
    }
    cdcmtk::set_error(error, condition.text());
    return cdcmtk_failed;
}

}  // namespace

extern "C" int32_t cdcmtk_decode_jpeg(const uint8_t *bytes, size_t count, int32_t precision, uint8_t *samples,
                                      size_t byte_capacity, cdcmtk_error *error) {
    cdcmtk_buffer unused{};
    return cdcmtk::guarded(&unused, error, [&]() -> int32_t {
        if (count > std::numeric_limits<Uint32>::max() || byte_capacity > std::numeric_limits<Uint32>::max()) {
            cdcmtk::set_error(error, "it is larger than 4 GiB");
            return cdcmtk_failed;
        }
        if (precision <= 8) return decode<DJDecompressIJG8Bit>(bytes, count, samples, byte_capacity, error);
        if (precision <= 12) return decode<DJDecompressIJG12Bit>(bytes, count, samples, byte_capacity, error);
        return decode<DJDecompressIJG16Bit>(bytes, count, samples, byte_capacity, error);
    });
}
