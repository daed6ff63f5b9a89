#include "text.hpp"

#include "iso2022.hpp"
#include "shared.hpp"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>

namespace {

std::string normalisedTerm(std::string term) {
    term.erase(0, term.find_first_not_of(' '));
    term.erase(term.find_last_not_of(std::string(" \0", 2)) + 1);
    const size_t digits = term.find_last_not_of("0123456789") + 1;
    if (digits >= term.size() || term.compare(0, 3, "ISO") != 0) return term;
    const bool extended = term.find("2022") != std::string::npos && digits > 8;
    return (extended ? "ISO 2022 IR " : "ISO_IR ") + term.substr(digits);
}

/// Repairs the common misspellings "ISO IR 100", "ISO-IR 100", "ISO_IR_100" and "ISO_2022_IR_87".
std::string normalised(const std::string &declared) {
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

bool isPlainASCII(const char *text, size_t length) {
    for (size_t i = 0; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0x80) != 0 || text[i] == 0x1B) return false;
    return true;
}

bool isUTF8(const char *text, size_t length) {
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

std::string replaced(const char *text, size_t length) {
    std::string result;
    for (size_t i = 0; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0x80) != 0)
            result += "\xEF\xBF\xBD";
        else
            result += text[i];
    }
    return result;
}

std::string fromLatin1(const char *text, size_t length) {
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

}  // namespace

cdcmtk::TextEncoding::TextEncoding(const std::string &declared) : declared_(normalised(declared)) {}

std::string cdcmtk::TextEncoding::utf8(const char *text, size_t length, const OFString &delimiters, uint8_t &flags) {
    if (isPlainASCII(text, length)) return std::string(text, length);
    const std::string original(text, length);
    const std::string stops(delimiters.c_str(), delimiters.length());
    if (needs_iso2022(declared_)) {
        std::string decoded;
        if (decode_iso2022(declared_, original, stops, decoded)) return decoded;
        flags |= cdcmtk_flag_lossy_text;
        return replaced(text, length);
    }
    if (isSelected()) {
        OFString converted;
        if (converter_.convertString(text, length, converted, delimiters).good()) {
            std::string decoded;
            // DCMTK 3.6.7 leaves a designation that is repeated within a value in the text.
            if (converted.find('\x1B') != OFString_npos && decode_iso2022(declared_, original, stops, decoded))
                return decoded;
            return std::string(converted.c_str(), converted.length());
        }
        flags |= cdcmtk_flag_lossy_text;
        return isUTF8(text, length) ? std::string(text, length) : replaced(text, length);
    }
    flags |= cdcmtk_flag_assumed_text;
    return isUTF8(text, length) ? std::string(text, length) : fromLatin1(text, length);
}

bool cdcmtk::TextEncoding::isSelected() {
    if (state_ == untried) {
        const bool good = !declared_.empty() && converter_.selectCharacterSet(OFString(declared_.c_str())).good();
        state_ = good ? selected : unusable;
    }
    return state_ == selected;
}

const char *cdcmtk::vr_name(const DcmVR &vr) {
    switch (vr.getEVR()) {
    case EVR_ox: case EVR_px: case EVR_lt: case EVR_PixelData: case EVR_OverlayData: return "OW";
    case EVR_up: return "UL";
    case EVR_na: case EVR_UNKNOWN: case EVR_UNKNOWN2B: return "UN";
    default: return vr.getValidVRName();
    }
}

extern "C" int32_t cdcmtk_decode_text(const char *character_set, const char *vr, const uint8_t *text, size_t count,
                                      cdcmtk_buffer *out, uint8_t *flags, cdcmtk_error *error) {
    return cdcmtk::guarded(out, error, [&]() -> int32_t {
        *flags = 0;
        cdcmtk::TextEncoding encoding{std::string(character_set)};
        const std::string utf8 =
            encoding.utf8(reinterpret_cast<const char *>(text), count, DcmVR(vr).getDelimiterChars(), *flags);
        return cdcmtk::give(std::vector<uint8_t>(utf8.begin(), utf8.end()), out, error) ? cdcmtk_ok : cdcmtk_failed;
    });
}
