/* The directories of a store on disk: who holds it, that it was made, and that the names in it
 * outlive a loss of power. Only kv*.c include this. */
#ifndef DIRCHAIN_CHAIN_KV_DIRECTORY_H
#define DIRCHAIN_CHAIN_KV_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Held until the descriptor is closed. ERR_BUSY, ERR_IO, ERR_DISK_FULL. */
int kv_lock_take(int *out, const char *directory);

/* Whether a store was made here once, so that one that is missing now was lost. */
int kv_was_made(bool *made, const char *directory);
int kv_set_made(const char *directory); /* durable; again is fine */

/* The number of the newest log of LevelDB; 0 if there is none. ERR_NOT_FOUND, ERR_IO. */
int kv_newest_log(uint64_t *out, const char *directory);

/* The names in a directory of LevelDB. */
struct kv_names {
    int fd;
    struct timespec changed; /* of the directory, when it was last looked at */
    uint64_t log;            /* the newest log whose name is durable */
};
/* Makes all names there durable. */
int kv_names_open(struct kv_names *out, const char *directory);
void kv_names_close(struct kv_names *names);
/* After a synced write: makes the name of the log durable that holds it. */
int kv_names_settle(struct kv_names *names);

#endif
