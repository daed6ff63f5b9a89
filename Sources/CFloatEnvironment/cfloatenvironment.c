#include "cfloatenvironment.h"

#include <fenv.h>

void float_environment_reset(void) { fesetenv(FE_DFL_ENV); }
