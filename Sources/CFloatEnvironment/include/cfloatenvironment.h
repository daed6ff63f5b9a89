/// The floating-point environment of a thread.
///
/// A new thread inherits it from the one that starts it, and frameworks set theirs so that subnormal numbers become zero.
/// `FE_DFL_ENV` is a cast to a pointer, which Swift does not import.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Gives this thread the default environment: round to nearest, subnormal numbers are kept, exceptions do not trap.
void float_environment_reset(void);

#ifdef __cplusplus
}
#endif
