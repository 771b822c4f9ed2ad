/* The end of a log of LevelDB that a loss of power left half written. Only kv*.c include this. */
#ifndef DIRCHAIN_CHAIN_KV_LOG_TAIL_H
#define DIRCHAIN_CHAIN_KV_LOG_TAIL_H

#include "base/bytes.h"

#include <stdbool.h>

/* Where the last whole record ends, if all that follows is one record with something wrong in it;
 * else the length. Pure. */
size_t kv_log_sound_bytes(struct view log);

/* Takes such an end off the newest log in a directory of LevelDB, durably, before it is opened. */
int kv_log_mend(const char *directory);

#endif
