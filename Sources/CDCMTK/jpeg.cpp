// JPEG code streams -> samples, by the IJG libraries that DCMTK builds for 8, 12 and 16 bits.
#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djdijg12.h>
#include <dcmtk/dcmjpeg/djdijg16.h>
#include <dcmtk/dcmjpeg/djdijg8.h>
#include <dcmtk/dcmjpeg/djutils.h>
#include <dcmtk/oflog/appender.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>

#include <limits>
#include <mutex>
#include <string>

namespace {

/// What the decoder of this thread said last: IJG's libraries tell their caller only that it is a warning, and DCMTK
/// gives the text to its logger alone.
thread_local std::string last_message;

class MessageAppender : public dcmtk::log4cplus::Appender {
public:
    MessageAppender() = default;
    ~MessageAppender() override { destructorImpl(); }

    void close() override {}

protected:
    void append(const dcmtk::log4cplus::spi::InternalLoggingEvent &event) override {
        last_message = event.getMessage().c_str();
    }
};

/// Warnings of dcmjpeg, which quote no values, go to `last_message` and nowhere else. Runs once per process.
void catchWarnings() {
    static std::once_flag once;
    std::call_once(once, [] {
        DCM_dcmjpegLogger.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new MessageAppender()));
        DCM_dcmjpegLogger.setAdditivity(false);
        DCM_dcmjpegLogger.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
    });
}

/// A decoder that remembers warnings instead of logging them.
template <typename Decoder> class ListeningDecoder : public Decoder {
public:
    mutable int warnings = 0;
    /// The first warning after which samples are made up: "Corrupt JPEG data: premature end of data segment", "… bad
    /// Huffman code", "… found marker 0xd9 instead of RST1". Others (odd parameters of a scan, fill bytes before a
    /// marker) cost no sample.
    mutable std::string damage;

    explicit ListeningDecoder(const DJCodecParameter &parameters) : Decoder(parameters, OFFalse) { catchWarnings(); }

    void emitMessage(int level) const override {
        if (level >= 0) return;
        ++warnings;
        if (!damage.empty()) return;
        last_message.clear();
        Decoder::emitMessage(level);
        if (last_message.find("Corrupt JPEG data") == std::string::npos) return;
        if (last_message.find("extraneous bytes") == std::string::npos) damage = last_message;
    }
};

template <typename Decoder>
int32_t decode(const uint8_t *bytes, size_t count, uint8_t *samples, size_t capacity, cdcmtk_error *error) {
    // No colour conversion: components come out as they went in.
    const DJCodecParameter parameters(ECC_lossyYCbCr, EDC_never, EUC_never, EPC_colorByPixel);
    ListeningDecoder<Decoder> decoder(parameters);
    OFCondition condition = decoder.init();
    if (condition.good())
        condition = decoder.decode(const_cast<Uint8 *>(bytes), static_cast<Uint32>(count), samples,
                                   static_cast<Uint32>(capacity), OFFalse);
    if (condition.good()) {
        if (decoder.damage.empty()) return cdcmtk_ok;
        cdcmtk::set_error(error, decoder.damage.c_str());
        return cdcmtk_partial;
    }
    if (condition == EJ_Suspension) {
        // The bytes ended before the end-of-image marker: whether anything but the marker is missing shows when the
        // marker is given.
        Uint8 endOfImage[] = {0xFF, 0xD9, 0xFF, 0xD9};
        const int before = decoder.warnings;
        condition = decoder.decode(endOfImage, sizeof endOfImage, samples, static_cast<Uint32>(capacity), OFFalse);
        if (condition.good() && decoder.warnings == before && decoder.damage.empty()) return cdcmtk_ok;
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
