// Token stream -> DCMTK's tree -> bytes of a Part 10 file.
#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcwcache.h>

#include <memory>
#include <string>

namespace {

constexpr size_t header_size = 12;
constexpr int deepest_item = 64;

struct Token {
    uint16_t group, element;
    char vr[3];
    uint8_t kind;
    const uint8_t *payload;
    uint32_t count;
};

/// Builds items out of a token stream; the first problem ends it.
class TokenReader {
public:
    TokenReader(const uint8_t *tokens, size_t count) : next_(tokens), end_(tokens + count) {}

    OFCondition fill(DcmItem &item, int depth) {
        Token token;
        while (take(token)) {
            if (token.kind == cdcmtk_token_item_end) return depth > 0 ? EC_Normal : EC_CorruptedData;
            const OFCondition status = token.kind == cdcmtk_token_sequence_begin ? sequence(item, token, depth)
                                                                                 : value(item, token);
            if (status.bad()) return status;
        }
        return depth == 0 && next_ == end_ ? EC_Normal : EC_CorruptedData;
    }

private:
    const uint8_t *next_;
    const uint8_t *end_;

    bool take(Token &token) {
        if (static_cast<size_t>(end_ - next_) < header_size) return false;
        std::memcpy(&token.group, next_, 2);
        std::memcpy(&token.element, next_ + 2, 2);
        std::memcpy(token.vr, next_ + 4, 2);
        token.vr[2] = '\0';
        token.kind = next_[6];
        std::memcpy(&token.count, next_ + 8, 4);
        if (static_cast<size_t>(end_ - next_) - header_size < token.count) return false;
        token.payload = next_ + header_size;
        next_ += header_size + token.count;
        return true;
    }

    OFCondition sequence(DcmItem &item, const Token &begin, int depth) {
        if (depth >= deepest_item) return EC_CorruptedData;
        auto sequence = std::unique_ptr<DcmSequenceOfItems>(
            new DcmSequenceOfItems(DcmTag(begin.group, begin.element, EVR_SQ)));
        Token token;
        while (take(token)) {
            if (token.kind == cdcmtk_token_sequence_end) {
                const OFCondition status = item.insert(sequence.get(), OFTrue);
                if (status.good()) sequence.release();
                return status;
            }
            if (token.kind != cdcmtk_token_item_begin) return EC_CorruptedData;
            auto child = std::unique_ptr<DcmItem>(new DcmItem());
            const OFCondition filled = fill(*child, depth + 1);
            if (filled.bad()) return filled;
            const OFCondition status = sequence->append(child.get());
            if (status.bad()) return status;
            child.release();
        }
        return EC_CorruptedData;
    }

    static OFCondition value(DcmItem &item, const Token &token) {
        const DcmTag tag(token.group, token.element, DcmVR(token.vr));
        DcmElement *made = nullptr;
        OFCondition status = DcmItem::newDicomElementWithVR(made, tag);
        std::unique_ptr<DcmElement> element(made);
        if (status.bad() || !element) return status.bad() ? status : EC_InvalidVR;
        status = token.kind == cdcmtk_token_text ? text(*element, token) : numbers(*element, token);
        if (status.bad()) return status;
        status = item.insert(element.get(), OFTrue);
        if (status.good()) element.release();
        return status;
    }

    static OFCondition text(DcmElement &element, const Token &token) {
        if (token.count == 0) return EC_Normal;
        return element.putString(reinterpret_cast<const char *>(token.payload), token.count);
    }

    /// Copies the payload into an array of the VR's own width, so that it is aligned and DCMTK can swap it.
    template <typename Number, typename Put> static OFCondition put(const Token &token, Put store) {
        if (token.count % sizeof(Number) != 0) return EC_CorruptedData;
        std::vector<Number> numbers(token.count / sizeof(Number));
        if (token.count > 0) std::memcpy(numbers.data(), token.payload, token.count);
        return store(numbers.data(), static_cast<unsigned long>(numbers.size()));
    }

    static OFCondition numbers(DcmElement &e, const Token &token) {
        if (token.count == 0) return EC_Normal;
        using Count = unsigned long;
        switch (DcmVR(token.vr).getEVR()) {
        case EVR_US: case EVR_OW:
            return put<Uint16>(token, [&](Uint16 *n, Count c) { return e.putUint16Array(n, c); });
        // An attribute tag is a pair of words; DCMTK counts pairs.
        case EVR_AT: return put<Uint16>(token, [&](Uint16 *n, Count c) { return e.putUint16Array(n, c / 2); });
        case EVR_SS: return put<Sint16>(token, [&](Sint16 *n, Count c) { return e.putSint16Array(n, c); });
        case EVR_UL: case EVR_OL:
            return put<Uint32>(token, [&](Uint32 *n, Count c) { return e.putUint32Array(n, c); });
        case EVR_SL: return put<Sint32>(token, [&](Sint32 *n, Count c) { return e.putSint32Array(n, c); });
        case EVR_FL: case EVR_OF:
            return put<Float32>(token, [&](Float32 *n, Count c) { return e.putFloat32Array(n, c); });
        case EVR_FD: case EVR_OD:
            return put<Float64>(token, [&](Float64 *n, Count c) { return e.putFloat64Array(n, c); });
        // DCMTK 3.6.7 declares the 64-bit setters on these two classes alone; OV derives from UV.
        case EVR_UV: case EVR_OV: {
            auto &wide = static_cast<DcmUnsigned64bitVeryLong &>(e);
            return put<Uint64>(token, [&](Uint64 *n, Count c) { return wide.putUint64Array(n, c); });
        }
        case EVR_SV: {
            auto &wide = static_cast<DcmSigned64bitVeryLong &>(e);
            return put<Sint64>(token, [&](Sint64 *n, Count c) { return wide.putSint64Array(n, c); });
        }
        default: return e.putUint8Array(token.payload, token.count);
        }
    }
};

/// Runs DCMTK's stream writer over a growing buffer.
OFCondition writeFile(DcmFileFormat &file, E_TransferSyntax syntax, std::vector<uint8_t> &bytes) {
    std::vector<uint8_t> chunk(1 << 20);
    DcmOutputBufferStream stream(chunk.data(), static_cast<offile_off_t>(chunk.size()));
    DcmWriteCache cache;
    file.transferInit();
    OFCondition status = EC_StreamNotifyClient;
    while (status == EC_StreamNotifyClient) {
        status = file.write(stream, syntax, EET_ExplicitLength, &cache, EGL_recalcGL, EPD_noChange, 0, 0, 0,
                            EWM_createNewMeta);
        if (status.bad() && status != EC_StreamNotifyClient) break;
        if (status.good()) stream.flush();
        void *part = nullptr;
        offile_off_t length = 0;
        stream.flushBuffer(part, length);
        const auto *first = static_cast<const uint8_t *>(part);
        bytes.insert(bytes.end(), first, first + length);
    }
    file.transferEnd();
    return status;
}

}  // namespace

extern "C" int32_t cdcmtk_write_file(const uint8_t *tokens, size_t count, const char *transfer_syntax_uid,
                                     cdcmtk_buffer *out, cdcmtk_error *error) {
    return cdcmtk::guarded(out, error, [&]() -> int32_t {
        const E_TransferSyntax syntax = DcmXfer(transfer_syntax_uid).getXfer();
        if (syntax == EXS_Unknown || DcmXfer(syntax).isEncapsulated()) {
            cdcmtk::set_error(error, "the transfer syntax cannot be written");
            return cdcmtk_failed;
        }
        DcmFileFormat file;
        OFCondition status = TokenReader(tokens, count).fill(*file.getDataset(), 0);
        std::vector<uint8_t> bytes;
        bytes.reserve(count + 4096);
        if (status.good()) status = writeFile(file, syntax, bytes);
        if (status.bad()) {
            cdcmtk::set_error(error, status.text());
            return cdcmtk_failed;
        }
        return cdcmtk::give(bytes, out, error) ? cdcmtk_ok : cdcmtk_failed;
    });
}
