/* Counts the files that the program syncs, whoever of its libraries asks: a process that is killed
 * loses nothing, so only this tells whether a power failure would. Header only; include it once a
 * program. */
#ifndef DIRCHAIN_TESTS_UNIT_COUNT_SYNCS_H
#define DIRCHAIN_TESTS_UNIT_COUNT_SYNCS_H

#include <stdatomic.h>
#include <unistd.h>

static atomic_uint syncs_counted;

/* In the place of libc's. */
int fdatasync(int fd)
{
    atomic_fetch_add(&syncs_counted, 1);
    return fsync(fd);
}

/* Since the last call. */
static unsigned count_syncs(void)
{
    return atomic_exchange(&syncs_counted, 0);
}

#endif
