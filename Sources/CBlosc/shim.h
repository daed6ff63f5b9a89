// c-blosc 1.21: the pixel codec. Nothing needs wrapping: the constants and the `_ctx` functions import as they are.
#pragma once

#include <blosc.h>
