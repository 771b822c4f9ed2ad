/* What is from before this ledger's history: the state has it, the blocks that would tell its place
 * in the log are not here. Lists are ordered and paged by that place, so it gets one.
 *
 * Evidence gets the places right before the first block that is here, in the order of the blocks
 * that record it. A ledger that was pruned still knows the places of requests, and their grants
 * have the same. One restored from a snapshot does not: they get 0, 1, 2 … in the order of their
 * submission. All these are leaves of the log, so no two places meet, nor is a known one met. What
 * is from before is fixed by the snapshot: a model built anew has the same. */
#ifndef DIRCHAIN_API_INDEX_EARLY_H
#define DIRCHAIN_API_INDEX_EARLY_H

#include "api/read_model.h"
#include "chain/store.h"

/* Notes the places of requests in an empty model, and puts the evidence there. A request without a
 * known place that is not from before this history has lost it: ERR_CORRUPT. ERR_IO, ERR_DISK_FULL.
 */
int index_early(struct read_model *model, const struct store_view *view);
/* The place of a request in the log, where the ledger has it. `id` is its txid. ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_IO. */
int index_early_find_place(int64_t *seq, const struct store_view *view, const char *id);

#endif
