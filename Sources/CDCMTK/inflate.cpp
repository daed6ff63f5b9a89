#include "shared.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace {

/// Ends a zlib stream with its scope.
struct InflateStream {
    z_stream state{};
    bool open = false;
    // Negative window bits: raw deflate, as PS3.5 A.5 asks.
    InflateStream() { open = inflateInit2(&state, -MAX_WBITS) == Z_OK; }
    ~InflateStream() {
        if (open) inflateEnd(&state);
    }
    InflateStream(const InflateStream &) = delete;
    InflateStream &operator=(const InflateStream &) = delete;
};

}  // namespace

extern "C" int32_t cdcmtk_inflate(const uint8_t *bytes, size_t count, size_t limit, cdcmtk_buffer *out,
                                  cdcmtk_error *error) {
    return cdcmtk::guarded(out, error, [&]() -> int32_t {
        InflateStream stream;
        if (!stream.open) {
            cdcmtk::set_error(error, "zlib could not start");
            return cdcmtk_failed;
        }
        if (count > std::numeric_limits<uInt>::max()) {
            cdcmtk::set_error(error, "the deflated data set is larger than zlib takes in one call");
            return cdcmtk_failed;
        }
        stream.state.next_in = const_cast<Bytef *>(bytes);
        stream.state.avail_in = static_cast<uInt>(count);

        std::vector<uint8_t> inflated;
        std::vector<uint8_t> chunk(1 << 18);
        int status = Z_OK;
        while (status == Z_OK) {
            stream.state.next_out = chunk.data();
            stream.state.avail_out = static_cast<uInt>(chunk.size());
            status = inflate(&stream.state, Z_NO_FLUSH);
            const size_t made = chunk.size() - stream.state.avail_out;
            if (made > limit - inflated.size()) {
                cdcmtk::set_error(error, "the inflated data set exceeds the limit");
                return cdcmtk_too_large;
            }
            inflated.insert(inflated.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(made));
        }
        if (!cdcmtk::give(inflated, out, error)) return cdcmtk_failed;
        if (status == Z_STREAM_END) return cdcmtk_ok;
        cdcmtk::set_error(error, "the deflate stream ends early or is damaged");
        return inflated.empty() ? cdcmtk_failed : cdcmtk_partial;
    });
}
