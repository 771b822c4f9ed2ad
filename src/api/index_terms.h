/* The terms of one record into the read model: those that run, and how those before ended. */
#ifndef DIRCHAIN_API_INDEX_TERMS_H
#define DIRCHAIN_API_INDEX_TERMS_H

#include "api/read_model.h"
#include "chain/store.h"

/* A record as a block at time_ms wrote it, under its state key. ERR_CORRUPT, ERR_IO,
 * ERR_DISK_FULL. */
int index_terms(struct read_model *model, const struct store_view *view, const char *key,
                struct view value, int64_t time_ms);

#endif
