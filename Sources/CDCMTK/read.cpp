// DCMTK's tree of a data set -> token stream.
#include "iso2022.hpp"
#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dctk.h>

#include <memory>
#include <string>

namespace {

constexpr int deepest_item = 70;

/// The text encoding of a data set or item: (0008,0005) of itself or of the nearest parent that has one.
class TextEncoding {
public:
    explicit TextEncoding(DcmItem &item) {
        OFString declared;
        if (item.findAndGetOFStringArray(DCM_SpecificCharacterSet, declared).bad()) return;
        declared_ = normalised(std::string(declared.c_str(), declared.length()));
    }

    /// Converts a value to UTF-8, and tells in `flags` what had to be guessed.
    std::string utf8(const char *text, size_t length, const OFString &delimiters, uint8_t &flags) {
        if (isPlainASCII(text, length)) return std::string(text, length);
        if (cdcmtk::needs_iso2022(declared_)) {
            std::string decoded;
            const std::string stops(delimiters.c_str(), delimiters.length());
            if (cdcmtk::decode_iso2022(declared_, std::string(text, length), stops, decoded)) return decoded;
            flags |= cdcmtk_flag_lossy_text;
            return replaced(text, length);
        }
        if (isSelected()) {
            OFString converted;
            if (converter_.convertString(text, length, converted, delimiters).good())
                return std::string(converted.c_str(), converted.length());
            flags |= cdcmtk_flag_lossy_text;
            return isUTF8(text, length) ? std::string(text, length) : replaced(text, length);
        }
        flags |= cdcmtk_flag_assumed_text;
        return isUTF8(text, length) ? std::string(text, length) : fromLatin1(text, length);
    }

private:
    std::string declared_;
    DcmSpecificCharacterSet converter_;
    enum { untried, selected, unusable } state_ = untried;

    /// Opening the converters is dear, and most files are ASCII: it waits for the first text that needs it.
    bool isSelected() {
        if (state_ == untried) {
            const bool good = !declared_.empty() && converter_.selectCharacterSet(OFString(declared_.c_str())).good();
            state_ = good ? selected : unusable;
        }
        return state_ == selected;
    }

    /// Repairs the common misspellings "ISO IR 100", "ISO-IR 100", "ISO_IR_100" and "ISO_2022_IR_87".
    static std::string normalised(const std::string &declared) {
        std::string result;
        size_t start = 0;
        while (start <= declared.size()) {
            const size_t end = std::min(declared.find('\\', start), declared.size());
            if (start > 0) result += '\\';
            result += normalisedTerm(declared.substr(start, end - start));
            start = end + 1;
        }
        return result;
    }

    static std::string normalisedTerm(std::string term) {
        term.erase(0, term.find_first_not_of(' '));
        term.erase(term.find_last_not_of(std::string(" \0", 2)) + 1);
        const size_t digits = term.find_last_not_of("0123456789") + 1;
        if (digits >= term.size() || term.compare(0, 3, "ISO") != 0) return term;
        const bool extended = term.find("2022") != std::string::npos && digits > 8;
        return (extended ? "ISO 2022 IR " : "ISO_IR ") + term.substr(digits);
    }

    static bool isPlainASCII(const char *text, size_t length) {
        for (size_t i = 0; i < length; ++i)
            if ((static_cast<unsigned char>(text[i]) & 0x80) != 0 || text[i] == 0x1B) return false;
        return true;
    }

    static bool isUTF8(const char *text, size_t length) {
        for (size_t i = 0; i < length;) {
            const auto lead = static_cast<unsigned char>(text[i]);
            const size_t more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 4;
            if (more == 4 || i + more >= length + (more == 0 ? 1 : 0)) return false;
            for (size_t k = 1; k <= more; ++k)
                if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
            i += more + 1;
        }
        return true;
    }

    static std::string replaced(const char *text, size_t length) {
        std::string result;
        for (size_t i = 0; i < length; ++i) {
            if ((static_cast<unsigned char>(text[i]) & 0x80) != 0)
                result += "\xEF\xBF\xBD";
            else
                result += text[i];
        }
        return result;
    }

    static std::string fromLatin1(const char *text, size_t length) {
        std::string result;
        for (size_t i = 0; i < length; ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte < 0x80) {
                result += text[i];
            } else {
                result += static_cast<char>(0xC0 | (byte >> 6));
                result += static_cast<char>(0x80 | (byte & 0x3F));
            }
        }
        return result;
    }
};

/// Appends tokens for a tree of items.
class TokenWriter {
public:
    std::vector<uint8_t> tokens;

    /// `inputSize` bounds every value: DCMTK allocates what a length field says before it reads.
    explicit TokenWriter(size_t inputSize) : inputSize_(inputSize) { tokens.reserve(inputSize + inputSize / 4); }

    void item(DcmItem &item, TextEncoding *inherited, int depth) {
        std::unique_ptr<TextEncoding> own;
        if (inherited == nullptr || item.tagExists(DCM_SpecificCharacterSet)) own.reset(new TextEncoding(item));
        TextEncoding &encoding = own ? *own : *inherited;
        if (depth == 0) pixelsAreSigned_ = isSigned(item);
        for (DcmObject *next = item.nextInContainer(nullptr); next != nullptr; next = item.nextInContainer(next))
            element(*static_cast<DcmElement *>(next), encoding, depth);
    }

private:
    const size_t inputSize_;
    bool pixelsAreSigned_ = false;

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

    /// DCMTK's internal names for VRs that depend on the context (xs, ox, lt, up) become those of PS3.6.
    const char *name(DcmElement &element) const {
        switch (element.getTag().getEVR()) {
        case EVR_xs: return pixelsAreSigned_ ? "SS" : "US";
        case EVR_ox: case EVR_px: case EVR_lt: case EVR_PixelData: case EVR_OverlayData: return "OW";
        case EVR_up: return "UL";
        case EVR_na: case EVR_UNKNOWN: case EVR_UNKNOWN2B: return "UN";
        default: return element.getTag().getVR().getValidVRName();
        }
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
