// Text of a data set as UTF-8.
#pragma once

#include <cstdint>
#include <string>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcspchrs.h>

namespace cdcmtk {

/// The text encoding of a data set or item: (0008,0005) of itself or of the nearest parent that has one.
class TextEncoding {
public:
    /// Takes the value of (0008,0005), misspelt or empty.
    explicit TextEncoding(const std::string &declared);

    /// Converts a value to UTF-8, and tells in `flags` what had to be guessed.
    std::string utf8(const char *text, size_t length, const OFString &delimiters, uint8_t &flags);

private:
    std::string declared_;
    DcmSpecificCharacterSet converter_;
    enum { untried, selected, unusable } state_ = untried;

    /// Opening the converters is dear, and most files are ASCII: it waits for the first text that needs it.
    bool isSelected();
};

}  // namespace cdcmtk
