// Text with code extensions (PS3.5 6.1.2.5), for what DCMTK cannot convert with glibc's iconv.
#pragma once

#include <string>

namespace cdcmtk {

/// Converts text of ISO 2022 escape sequences to UTF-8.
///
/// DCMTK 3.6.7 asks iconv for "ISO-IR-87" and "ISO-IR-159", which glibc does not know (remove this when a DCMTK linked
/// here converts ISO 2022 IR 87). `declared` is the value of (0008,0005); its first term is what each value starts in.
/// `delimiters` end the effect of escape sequences. Returns false when a run of bytes has no meaning in its set.
bool decode_iso2022(const std::string &declared, const std::string &text, const std::string &delimiters,
                    std::string &utf8);

/// True when the declared sets include one that only this decoder converts.
bool needs_iso2022(const std::string &declared);

}  // namespace cdcmtk
