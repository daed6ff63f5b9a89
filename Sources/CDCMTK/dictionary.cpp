#include "shared.hpp"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcdicent.h>

namespace {

/// Holds the dictionary's read lock for a scope.
class DictionaryLock {
public:
    DictionaryLock() : dictionary_(dcmDataDict.rdlock()) {}
    ~DictionaryLock() { dcmDataDict.rdunlock(); }
    DictionaryLock(const DictionaryLock &) = delete;
    DictionaryLock &operator=(const DictionaryLock &) = delete;
    const DcmDataDictionary &operator*() const { return dictionary_; }

private:
    const DcmDataDictionary &dictionary_;
};

}  // namespace

extern "C" bool cdcmtk_dictionary_is_loaded(void) {
    try {
        cdcmtk::initialise();
        return dcmDataDict.isDictionaryLoaded();
    } catch (...) {
        return false;
    }
}

extern "C" bool cdcmtk_dictionary_find_tag(uint16_t group, uint16_t element, char *vr, char *keyword) {
    try {
        cdcmtk::initialise();
        DictionaryLock lock;
        const DcmDictEntry *entry = (*lock).findEntry(DcmTagKey(group, element), nullptr);
        if (entry == nullptr) return false;
        std::snprintf(vr, 3, "%s", DcmVR(entry->getEVR()).getValidVRName());
        std::snprintf(keyword, 65, "%s", entry->getTagName());
        return true;
    } catch (...) {
        return false;
    }
}

extern "C" bool cdcmtk_dictionary_find_vr(uint16_t group, uint16_t element, const char *creator, char *vr) {
    try {
        cdcmtk::initialise();
        DictionaryLock lock;
        const DcmDictEntry *entry = (*lock).findEntry(DcmTagKey(group, element), creator);
        if (entry == nullptr) return false;
        const DcmEVR evr = entry->getEVR();
        std::snprintf(vr, 3, "%s", evr == EVR_xs ? "xs" : cdcmtk::vr_name(DcmVR(evr)));
        return true;
    } catch (...) {
        return false;
    }
}

extern "C" bool cdcmtk_dictionary_find_keyword(const char *keyword, uint16_t *group, uint16_t *element) {
    try {
        cdcmtk::initialise();
        DictionaryLock lock;
        const DcmDictEntry *entry = (*lock).findEntry(keyword);
        if (entry == nullptr || entry->isRepeating()) return false;
        *group = entry->getGroup();
        *element = entry->getElement();
        return true;
    } catch (...) {
        return false;
    }
}

extern "C" bool cdcmtk_find_uid_name(const char *uid, char *name, size_t capacity) {
    try {
        // A transfer syntax has a readable name only in DcmXfer.
        const DcmXfer syntax(uid);
        const bool isSyntax = syntax.getXfer() != EXS_Unknown;
        const char *found = isSyntax ? syntax.getXferName() : dcmFindNameOfUID(uid, nullptr);
        if (found == nullptr) return false;
        std::snprintf(name, capacity, "%s", found);
        return true;
    } catch (...) {
        return false;
    }
}
