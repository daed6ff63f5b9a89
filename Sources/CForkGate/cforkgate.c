#include "cforkgate.h"

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

enum { pause_milliseconds = 10, pause_limit = 500, steps_between_looks = 10000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
/* Threads inside, and threads that wait to fork: these come first. */
static int inside = 0;
static int forking = 0;

/* The mutex is held until the fork is done. */
static void before_fork(void) {
    pthread_mutex_lock(&mutex);
    forking++;
    while (inside > 0) pthread_cond_wait(&changed, &mutex);
}

static void after_fork_in_parent(void) {
    forking--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* Whoever waited for the gate is not in the child: it begins anew. */
static void after_fork_in_child(void) {
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&changed, NULL);
    inside = 0;
    forking = 0;
}

static void prepare(void) {
    /* Counting memory takes a mutex of the process at each allocation. Refused, without harm, where somebody else in
       the process has used SQLite before. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void fork_gate_prepare(void) { pthread_once(&once, prepare); }

static void enter_locked(void) {
    while (forking > 0) pthread_cond_wait(&changed, &mutex);
    inside++;
}

static void leave_locked(void) {
    inside--;
    if (inside == 0 && forking > 0) pthread_cond_broadcast(&changed);
}

void fork_gate_enter(void) {
    pthread_mutex_lock(&mutex);
    enter_locked();
    pthread_mutex_unlock(&mutex);
}

void fork_gate_leave(void) {
    pthread_mutex_lock(&mutex);
    leave_locked();
    pthread_mutex_unlock(&mutex);
}

/* SQLite calls both from within a statement, where it holds none of its mutexes. */

static int let_forks_by(void *unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    if (forking > 0) {
        leave_locked();
        enter_locked();
    }
    pthread_mutex_unlock(&mutex);
    return 0;
}

static int wait_for_lock(void *unused, int count) {
    (void)unused;
    if (count >= pause_limit) return 0;
    struct timespec pause = {0, pause_milliseconds * 1000000L};
    fork_gate_leave();
    nanosleep(&pause, NULL);
    fork_gate_enter();
    return 1;
}

void fork_gate_attach(struct sqlite3 *connection) {
    sqlite3_busy_handler(connection, wait_for_lock, NULL);
    sqlite3_progress_handler(connection, steps_between_looks, let_forks_by, NULL);
}
