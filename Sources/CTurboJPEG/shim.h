#pragma once
// Everything used of TurboJPEG 2 is callable from Swift as it is.
#include <turbojpeg.h>
