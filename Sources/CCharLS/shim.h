#pragma once
// Everything used of CharLS 2 is callable from Swift as it is.
#include <charls/charls.h>
