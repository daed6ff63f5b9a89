/* SwiftPM makes a C module of a folder with at least one file; the functions are in Sources/BatchStreamABI. */
#include "slicehouse_stream.h"
