/* One record of the state into the read model, by what its key says it is. */
#ifndef DIRCHAIN_API_INDEX_RECORD_H
#define DIRCHAIN_API_INDEX_RECORD_H

#include "api/read_model.h"
#include "chain/store.h"

/* As the block of this time left it; of a snapshot, as it was by then. Records of no list are left
 * out, unread. Those from before this ledger's history have their places already (index_early.h).
 * ERR_CORRUPT, ERR_IO, ERR_DISK_FULL. */
int index_record(struct read_model *model, const struct store_view *view, const char *key,
                 struct view value, int64_t time_ms);

#endif
