/* Requests from before this ledger's history. A ledger restored from a snapshot has them in its
 * state, but not their transactions, and so not their places in the log, by which lists of requests
 * and grants are ordered and paged.
 *
 * They get places before all that are known, in the order of their submission: 0, 1, 2 … There are
 * no more of them than leaves that came before, so no known place is met. Which they are is fixed
 * by the snapshot, so a model built anew has the same. */
#ifndef DIRCHAIN_API_INDEX_EARLY_H
#define DIRCHAIN_API_INDEX_EARLY_H

#include "api/read_model.h"
#include "chain/store.h"

/* Gives all of them places, in an empty model. A request without one that is not from before this
 * history has lost it: ERR_CORRUPT. ERR_IO, ERR_DISK_FULL. */
int index_early(struct read_model *model, const struct store_view *view);
/* The place of a request in the log, where the ledger has it. `id` is its txid. ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_IO. */
int index_early_find_place(int64_t *seq, const struct store_view *view, const char *id);

#endif
