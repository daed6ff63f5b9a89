#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/oflog/oflog.h>

#include <mutex>

namespace cdcmtk {

void initialise() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Log lines of DCMTK quote values, which are patient data.
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        // Values are handed over as they are in the file; Swift trims padding, so that no correction is silent.
        dcmEnableAutomaticInputDataCorrection.set(OFFalse);
        // A known attribute that was sent as UN (PS3.5 6.2.2) is read with its dictionary VR.
        dcmEnableUnknownVRConversion.set(OFTrue);
        // An item closed by a sequence delimiter, or the reverse, is read as its writer meant it.
        dcmReplaceWrongDelimitationItem.set(OFTrue);
    });
}

}  // namespace cdcmtk

extern "C" void cdcmtk_buffer_free(cdcmtk_buffer *buffer) {
    std::free(buffer->bytes);
    buffer->bytes = nullptr;
    buffer->count = 0;
}
