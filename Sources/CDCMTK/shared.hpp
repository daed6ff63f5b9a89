// What the entry points have in common: one-time set-up, buffers that C can free, the exception barrier.
#pragma once

#include "include/cdcmtk.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <vector>

class DcmVR;

namespace cdcmtk {

/// Silences DCMTK's logger and sets its reading rules. Runs once per process, whatever the thread.
void initialise();

/// DCMTK's internal names for VRs that depend on the context (ox, px, lt, up) become those of PS3.6.
const char *vr_name(const DcmVR &vr);

inline void set_error(cdcmtk_error *error, const char *message) {
    std::snprintf(error->message, sizeof error->message, "%s", message);
}

/// Moves bytes into memory that `cdcmtk_buffer_free` releases.
inline bool give(const std::vector<uint8_t> &bytes, cdcmtk_buffer *out, cdcmtk_error *error) {
    auto *copy = static_cast<uint8_t *>(std::malloc(bytes.empty() ? 1 : bytes.size()));
    if (copy == nullptr) {
        set_error(error, "out of memory");
        return false;
    }
    if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
    out->bytes = copy;
    out->count = bytes.size();
    return true;
}

/// Runs the body of an entry point; nothing thrown below it reaches C.
template <typename Body> int32_t guarded(cdcmtk_buffer *out, cdcmtk_error *error, Body body) {
    out->bytes = nullptr;
    out->count = 0;
    error->message[0] = '\0';
    try {
        initialise();
        return body();
    } catch (const std::bad_alloc &) {
        set_error(error, "out of memory");
    } catch (const std::exception &) {
        set_error(error, "a C++ exception in the DICOM toolkit");
    } catch (...) {
        set_error(error, "an unknown exception in the DICOM toolkit");
    }
    cdcmtk_buffer_free(out);
    return cdcmtk_failed;
}

}  // namespace cdcmtk
