#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "guarded_copy.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

struct guard {
    sigjmp_buf back;
    const char *first;
    const char *end;
};

/// In the static block of a thread: a handler may not allocate, as the first access otherwise would.
static _Thread_local struct guard *volatile current __attribute__((tls_model("initial-exec")));
static struct sigaction previous;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void hand_on(int number, siginfo_t *info, void *context) {
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(number, info, context);
    } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
        // A fault cannot be ignored, and comes again by itself, with its address.
        bool is_sent = info->si_code <= 0;
        if (is_sent && previous.sa_handler == SIG_IGN) return;
        signal(number, SIG_DFL);
        if (is_sent) raise(number);
    } else {
        previous.sa_handler(number);
    }
}

static void fault(int number, siginfo_t *info, void *context) {
    struct guard *guard = current;
    const char *place = info->si_addr;
    if (guard && place >= guard->first && place < guard->end) siglongjmp(guard->back, 1);
    hand_on(number, info, context);
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

/// Not set again where another took its place: that one may hand on to ours, and ours to it without end.
static bool stands(void) {
    struct sigaction now;
    pthread_once(&once, install);
    return sigaction(SIGBUS, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == fault;
}

bool guarded_copy(void *target, const void *source, size_t count) {
    if (!stands()) return false;
    struct guard guard = {.first = source, .end = (const char *)source + count};
    bool is_copied = false;
    if (sigsetjmp(guard.back, 0) == 0) {
        current = &guard;
        atomic_signal_fence(memory_order_seq_cst);
        memcpy(target, source, count);
        atomic_signal_fence(memory_order_seq_cst);
        is_copied = true;
    }
    current = NULL;
    return is_copied;
}
