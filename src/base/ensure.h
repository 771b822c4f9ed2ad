/* ENSURE: our own bugs, always on. Never for what a caller, a peer or the disk may do. */
#ifndef DIRCHAIN_BASE_ENSURE_H
#define DIRCHAIN_BASE_ENSURE_H

/* Prints file, line and the condition, then aborts. */
_Noreturn void ensure_failed(const char *file, int line, const char *condition);

#define ENSURE(condition) ((condition) ? (void)0 : ensure_failed(__FILE__, __LINE__, #condition))

#endif
