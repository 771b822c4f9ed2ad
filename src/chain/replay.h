/* The replay window: which transactions the blocks of the last tx_lifetime hold, in memory.
 *
 * Transactions are known by the hash of their log leaf, which execution computes anyway, and which
 * a newcomer by snapshot has for certain even where it lacks the blocks. Rebuilt from the log when
 * a ledger is opened. Owner thread only. */
#ifndef DIRCHAIN_CHAIN_REPLAY_H
#define DIRCHAIN_CHAIN_REPLAY_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

struct replay_window;

struct replay_window *replay_open(void);
void replay_close(struct replay_window **window);

/* Blocks come in order of time. */
void replay_add(struct replay_window *window, int64_t block_time_ms, const struct hash *leaves,
                size_t count);
/* Forgets blocks with time ≤ the given one. */
void replay_forget(struct replay_window *window, int64_t until_ms);
/* Whether a block with time > after_ms holds the leaf. */
bool replay_has(const struct replay_window *window, const struct hash *leaf, int64_t after_ms);
size_t replay_count(const struct replay_window *window);

#endif
