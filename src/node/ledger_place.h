/* Where the ledger lies in the data directory, and how a restored one takes its place.
 *
 *   ledger             the ledger in use
 *   ledger.restoring   one that is being restored: worth nothing, thrown away at the next start
 *   ledger.restored    one that is whole: replaces the ledger at the next start, if it is higher
 *   ledger.until-N     what was in use before, up to block N; kept for who wants the old blocks
 *
 * Every change of names is a rename that is durable before the next one, so that a crash leaves one
 * of these states, each of which the next start brings to an end. */
#ifndef DIRCHAIN_NODE_LEDGER_PLACE_H
#define DIRCHAIN_NODE_LEDGER_PLACE_H

#include "chain/kv.h"

/* Before the ledger is opened: throws away what was half restored, puts a restored one in its
 * place. ERR_IO, ERR_DISK_FULL and those of opening a store. */
int ledger_place_settle(const char *data_directory);

/* An empty store for a ledger to be restored. */
int ledger_place_begin(struct kv **out, const char *data_directory);
/* After it was closed: it is whole, or worth nothing. */
int ledger_place_finish(const char *data_directory);
int ledger_place_discard(const char *data_directory);

#endif
