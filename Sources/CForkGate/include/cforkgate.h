/// Keeps `fork` and SQLite apart.
///
/// SQLite has mutexes that are of the whole process (memory, page cache, files). A child that is forked while a thread
/// holds one of them waits for it without end as soon as it opens a database itself. Threads therefore enter the gate for
/// each call into SQLite; a fork waits until nobody is inside, and holds back who comes meanwhile.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;

/// Has every later fork of the process wait for the gate. To be called before the first call into SQLite; once does.
void fork_gate_prepare(void);

/// Begins a call into SQLite. Never within another: a fork that waits would wait for ever.
void fork_gate_enter(void);
void fork_gate_leave(void);

/// Has a connection let forks by where its statement waits for a lock, up to 5 s, or takes long.
void fork_gate_attach(struct sqlite3 *_Nullable connection);

#ifdef __cplusplus
}
#endif
