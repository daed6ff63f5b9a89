// DCMTK's tree of a data set -> token stream.
#include "shared.hpp"
#include "text.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dctk.h>

#include <memory>
#include <string>

namespace {

constexpr int deepest_item = 70;

/// Appends tokens for a tree of items.
class TokenWriter {
    using TextEncoding = cdcmtk::TextEncoding;

public:
    std::vector<uint8_t> tokens;

    /// `inputSize` bounds every value: DCMTK allocates what a length field says before it reads.
    explicit TokenWriter(size_t inputSize) : inputSize_(inputSize) { tokens.reserve(inputSize + inputSize / 4); }

    void item(DcmItem &item, TextEncoding *inherited, int depth) {
        std::unique_ptr<TextEncoding> own;
        if (inherited == nullptr || item.tagExists(DCM_SpecificCharacterSet)) own.reset(new TextEncoding(declared(item)));
        TextEncoding &encoding = own ? *own : *inherited;
        if (depth == 0) pixelsAreSigned_ = isSigned(item);
        for (DcmObject *next = item.nextInContainer(nullptr); next != nullptr; next = item.nextInContainer(next))
            element(*static_cast<DcmElement *>(next), encoding, depth);
    }

private:
    const size_t inputSize_;
    bool pixelsAreSigned_ = false;

    /// (0008,0005) of an item, empty where it has none.
    static std::string declared(DcmItem &item) {
        OFString text;
        if (item.findAndGetOFStringArray(DCM_SpecificCharacterSet, text).bad()) return {};
        return std::string(text.c_str(), text.length());
    }

    static bool isSigned(DcmItem &item) {
        Uint16 representation = 0;
        return item.findAndGetUint16(DCM_PixelRepresentation, representation).good() && representation == 1;
    }

    void element(DcmElement &element, TextEncoding &encoding, int depth) {
        switch (element.ident()) {
        case EVR_SQ:
            sequence(static_cast<DcmSequenceOfItems &>(element), encoding, depth);
            return;
        case EVR_AE: case EVR_AS: case EVR_CS: case EVR_DA: case EVR_DS: case EVR_DT: case EVR_IS: case EVR_LO:
        case EVR_LT: case EVR_PN: case EVR_SH: case EVR_ST: case EVR_TM: case EVR_UC: case EVR_UI: case EVR_UR:
        case EVR_UT:
            text(element, encoding);
            return;
        default:
            bytes(element);
        }
    }

    /// False for the element in whose middle the input ended: DCMTK leaves the rest of its memory as it was.
    bool isWhole(DcmElement &element) const {
        return element.transferState() != ERW_inWork && element.getLength() <= inputSize_;
    }

    void sequence(DcmSequenceOfItems &sequence, TextEncoding &encoding, int depth) {
        header(sequence, "SQ", cdcmtk_token_sequence_begin, 0, 0);
        if (depth < deepest_item) {
            for (DcmObject *next = sequence.nextInContainer(nullptr); next != nullptr;
                 next = sequence.nextInContainer(next)) {
                header(sequence, "SQ", cdcmtk_token_item_begin, 0, 0);
                item(*static_cast<DcmItem *>(next), &encoding, depth + 1);
                header(sequence, "SQ", cdcmtk_token_item_end, 0, 0);
            }
        }
        header(sequence, "SQ", cdcmtk_token_sequence_end, 0, 0);
    }

    void text(DcmElement &element, TextEncoding &encoding) {
        if (!isWhole(element)) return unreadable(element);
        char *value = nullptr;
        Uint32 length = 0;
        const OFCondition got = element.getString(value, length);
        if (got.bad()) return unreadable(element);
        uint8_t flags = 0;
        std::string converted;
        if (value != nullptr && length > 0) {
            const DcmVR vr(element.ident());
            converted = vr.isAffectedBySpecificCharacterSet()
                            ? encoding.utf8(value, length, vr.getDelimiterChars(), flags)
                            : std::string(value, length);
        }
        header(element, name(element), cdcmtk_token_text, flags, converted.size());
        append(converted.data(), converted.size());
    }

    void bytes(DcmElement &element) {
        if (!isWhole(element)) return unreadable(element);
        const Uint32 length = element.getLength();
        const void *value = length > 0 ? valueOf(element) : nullptr;
        if (length > 0 && value == nullptr) return unreadable(element);
        header(element, name(element), cdcmtk_token_bytes, 0, length);
        append(value, length);
    }

    /// The value in the byte order of this machine, or null when the element has none that can be taken.
    static const void *valueOf(DcmElement &element) {
        switch (element.getTag().getVR().getValidEVR()) {
        case EVR_US: case EVR_xs: {
            Uint16 *words = nullptr;
            if (element.getUint16Array(words).good() && words != nullptr) return words;
            Sint16 *signedWords = nullptr;
            return element.getSint16Array(signedWords).good() ? signedWords : nullptr;
        }
        case EVR_AT: case EVR_OW: case EVR_ox: case EVR_px: case EVR_lt: {
            Uint16 *words = nullptr;
            if (element.getUint16Array(words).good() && words != nullptr) return words;
            return octets(element);
        }
        case EVR_SS: { Sint16 *array = nullptr; return element.getSint16Array(array).good() ? array : nullptr; }
        case EVR_UL: case EVR_OL: case EVR_up: {
            Uint32 *array = nullptr;
            return element.getUint32Array(array).good() ? array : nullptr;
        }
        case EVR_SL: { Sint32 *array = nullptr; return element.getSint32Array(array).good() ? array : nullptr; }
        case EVR_FL: case EVR_OF: {
            Float32 *array = nullptr;
            return element.getFloat32Array(array).good() ? array : nullptr;
        }
        case EVR_FD: case EVR_OD: {
            Float64 *array = nullptr;
            return element.getFloat64Array(array).good() ? array : nullptr;
        }
        case EVR_UV: case EVR_OV: {
            Uint64 *array = nullptr;
            return element.getUint64Array(array).good() ? array : nullptr;
        }
        case EVR_SV: { Sint64 *array = nullptr; return element.getSint64Array(array).good() ? array : nullptr; }
        default: return octets(element);
        }
    }

    static const void *octets(DcmElement &element) {
        Uint8 *array = nullptr;
        return element.getUint8Array(array).good() ? array : nullptr;
    }

    void unreadable(DcmElement &element) {
        header(element, name(element), cdcmtk_token_unreadable, 0, 0);
    }

    const char *name(DcmElement &element) const {
        const DcmEVR evr = element.getTag().getEVR();
        return evr == EVR_xs ? (pixelsAreSigned_ ? "SS" : "US") : cdcmtk::vr_name(DcmVR(evr));
    }

    void header(DcmObject &object, const char *vr, uint8_t kind, uint8_t flags, size_t count) {
        const uint16_t group = object.getGTag(), tag = object.getETag();
        const auto length = static_cast<uint32_t>(count);
        append(&group, sizeof group);
        append(&tag, sizeof tag);
        append(vr, 2);
        append(&kind, 1);
        append(&flags, 1);
        append(&length, sizeof length);
    }

    void append(const void *bytes, size_t count) {
        if (count == 0) return;
        const auto *first = static_cast<const uint8_t *>(bytes);
        tokens.insert(tokens.end(), first, first + count);
    }
};

E_TransferSyntax transferSyntax(int32_t encoding) {
    switch (encoding) {
    case cdcmtk_encoding_implicit_little: return EXS_LittleEndianImplicit;
    case cdcmtk_encoding_explicit_big: return EXS_BigEndianExplicit;
    default: return EXS_LittleEndianExplicit;
    }
}

}  // namespace

extern "C" int32_t cdcmtk_read_data_set(const uint8_t *bytes, size_t count, int32_t encoding, cdcmtk_buffer *out,
                                        cdcmtk_error *error) {
    return cdcmtk::guarded(out, error, [&]() -> int32_t {
        DcmInputBufferStream stream;
        stream.setBuffer(bytes, static_cast<offile_off_t>(count));
        stream.setEos();

        DcmDataset dataSet;
        dataSet.transferInit();
        const OFCondition status = dataSet.read(stream, transferSyntax(encoding), EGL_noChange);
        TokenWriter writer(count);
        // Before transferEnd, which forgets which element was being read.
        writer.item(dataSet, nullptr, 0);
        dataSet.transferEnd();
        if (!cdcmtk::give(writer.tokens, out, error)) return cdcmtk_failed;
        if (status.good()) return cdcmtk_ok;
        cdcmtk::set_error(error, status.text());
        return cdcmtk_partial;
    });
}
