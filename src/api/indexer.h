/* The indexer: one thread of low priority that keeps the read model up with the chain. It reads
 * committed blocks, from memory while they are new, else from the store, and never anything of the
 * node's. Behind by a day or started on an empty file, it catches up in the same way. */
#ifndef DIRCHAIN_API_INDEXER_H
#define DIRCHAIN_API_INDEXER_H

#include "api/api.h"
#include "api/events.h"
#include "api/http.h"
#include "api/read_model.h"

struct indexer;

/* The model in <data_directory>/explorer.sqlite. ERR_IO, ERR_DISK_FULL, ERR_FIELD_LENGTH. Backend
 * and events are borrowed. */
int indexer_open(struct indexer **out, const char *data_directory,
                 const struct api_backend *backend, struct events *events);
void indexer_close(struct indexer **indexer); /* after the server has stopped */
struct read_model *indexer_model(struct indexer *indexer);
/* A block is there; any thread, constant work. */
void indexer_committed(struct indexer *indexer, uint64_t height);
/* Begins anew from the first block; returns at once. */
void indexer_rebuild(struct indexer *indexer);
/* Whether that has not come to its end yet. Any thread. */
bool indexer_rebuilding(struct indexer *indexer);
/* What a read met: damage has the model built anew, and is told as ERR_UNAVAILABLE. */
int indexer_failed(struct indexer *indexer, int error);
/* Goes on with a request once the model has reached a height, or after INDEX_WAIT_MS: who has just
 * been told that his transaction is in a block finds it in the lists. */
void indexer_wait(struct indexer *indexer, uint64_t height, struct http_request *request,
                  void (*then)(void *argument, struct http_request *request), void *argument);

#endif
