#include "iso2022.hpp"

#include <array>
#include <cstring>
#include <iconv.h>

namespace {

/// A coded character set as iconv knows it. EUC encodings hold a 7-bit two-byte set with the high bits set.
struct CodedSet {
    const char *term;     // the defined term without "ISO 2022 "
    const char *escape;   // after ESC
    bool isUpper;         // designated to G1 (bytes 0x80-0xFF)
    const char *encoding; // iconv name
    const char *prefix;   // put before each character (EUC-JP's SS3)
    int width;            // bytes of a character
};

/// PS3.3 tables C.12-3 and C.12-4. IR 13 has two parts, romaji in G0 and katakana in G1; Shift JIS holds both.
constexpr std::array<CodedSet, 21> coded_sets{{
    {"IR 6", "(B", false, "ASCII", "", 1},
    {"IR 13", "(J", false, "SHIFT_JIS", "", 1},
    {"IR 13", ")I", true, "SHIFT_JIS", "", 1},
    {"IR 87", "$B", false, "EUC-JP", "", 2},
    {"IR 87", "$@", false, "EUC-JP", "", 2},
    {"IR 159", "$(D", false, "EUC-JP", "\x8F", 2},
    {"IR 149", "$)C", true, "EUC-KR", "", 2},
    {"IR 58", "$)A", true, "GB2312", "", 2},
    {"IR 100", "-A", true, "ISO-8859-1", "", 1},
    {"IR 101", "-B", true, "ISO-8859-2", "", 1},
    {"IR 109", "-C", true, "ISO-8859-3", "", 1},
    {"IR 110", "-D", true, "ISO-8859-4", "", 1},
    {"IR 144", "-L", true, "ISO-8859-5", "", 1},
    {"IR 127", "-G", true, "ISO-8859-6", "", 1},
    {"IR 126", "-F", true, "ISO-8859-7", "", 1},
    {"IR 138", "-H", true, "ISO-8859-8", "", 1},
    {"IR 148", "-M", true, "ISO-8859-9", "", 1},
    {"IR 203", "-b", true, "ISO-8859-15", "", 1},
    {"IR 166", "-T", true, "TIS-620", "", 1},
    // The two sets of values before any escape sequence.
    {"", "", false, "ASCII", "", 1},
    {"", "", true, "ISO-8859-1", "", 1},
}};

/// Owns an iconv descriptor.
class Converter {
public:
    explicit Converter(const char *encoding) : handle_(iconv_open("UTF-8", encoding)) {}
    ~Converter() {
        if (isOpen()) iconv_close(handle_);
    }
    Converter(const Converter &) = delete;
    Converter &operator=(const Converter &) = delete;

    bool append(std::string run, std::string &utf8) {
        if (!isOpen()) return false;
        std::string buffer(run.size() * 4, '\0');
        char *in = run.data();
        char *out = buffer.data();
        size_t left = run.size(), room = buffer.size();
        if (iconv(handle_, &in, &left, &out, &room) == static_cast<size_t>(-1)) return false;
        utf8.append(buffer.data(), buffer.size() - room);
        return true;
    }

private:
    iconv_t handle_;
    bool isOpen() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
};

std::string term(const std::string &declared, size_t start) {
    const size_t end = std::min(declared.find('\\', start), declared.size());
    const std::string whole = declared.substr(start, end - start);
    const size_t at = whole.find("IR ");
    return at == std::string::npos ? "" : whole.substr(at);
}

const CodedSet *initial(const std::string &declared, bool isUpper) {
    const std::string first = term(declared, 0);
    for (const CodedSet &set : coded_sets)
        if (set.width == 1 && set.isUpper == isUpper && first == set.term && *set.term != '\0') return &set;
    return isUpper ? &coded_sets[20] : &coded_sets[19];
}

const CodedSet *designated(const char *text, size_t length) {
    for (const CodedSet &set : coded_sets) {
        const size_t size = std::strlen(set.escape);
        if (size > 0 && size <= length && std::memcmp(set.escape, text, size) == 0) return &set;
    }
    return nullptr;
}

/// One run of bytes of one set, made into what iconv takes.
std::string prepared(const CodedSet &set, const std::string &run) {
    if (set.width == 1) return run;
    std::string result;
    for (size_t i = 0; i < run.size(); i += 2) {
        result += set.prefix;
        for (size_t k = i; k < std::min(i + 2, run.size()); ++k) result += static_cast<char>(run[k] | 0x80);
    }
    return result;
}

bool isControl(char byte) { return static_cast<unsigned char>(byte) <= 0x20; }

}  // namespace

bool cdcmtk::needs_iso2022(const std::string &declared) {
    for (size_t start = 0; start <= declared.size(); start = std::min(declared.find('\\', start), declared.size()) + 1) {
        const std::string name = term(declared, start);
        if (name == "IR 13" || name == "IR 87" || name == "IR 159") return true;
    }
    return false;
}

bool cdcmtk::decode_iso2022(const std::string &declared, const std::string &text, const std::string &delimiters,
                            std::string &utf8) {
    const CodedSet *lower = initial(declared, false);
    const CodedSet *upper = initial(declared, true);
    for (size_t i = 0; i < text.size();) {
        if (text[i] == 0x1B) {
            const CodedSet *set = designated(text.data() + i + 1, text.size() - i - 1);
            if (set == nullptr) return false;
            (set->isUpper ? upper : lower) = set;
            i += 1 + std::strlen(set->escape);
            continue;
        }
        const bool isUpper = (text[i] & 0x80) != 0;
        const CodedSet &set = isUpper ? *upper : *lower;
        // A delimiter ends the escapes, unless its byte is half of a two-byte character.
        const bool isPlain = isControl(text[i]) || (set.width == 1 && delimiters.find(text[i]) != std::string::npos);
        if (isPlain) {
            if (text[i] != ' ') {
                lower = initial(declared, false);
                upper = initial(declared, true);
            }
            utf8 += text[i++];
            continue;
        }
        std::string run;
        while (i < text.size() && ((text[i] & 0x80) != 0) == isUpper && !isControl(text[i])) {
            if (set.width == 1 && delimiters.find(text[i]) != std::string::npos) break;
            run.append(text, i, static_cast<size_t>(set.width));
            i += static_cast<size_t>(set.width);
        }
        if (!Converter(set.encoding).append(prepared(set, run), utf8)) return false;
    }
    return true;
}
