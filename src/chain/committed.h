/* Committed state as documents: what execution reads beneath its overlays.
 *
 * Documents are kept parsed in a bounded cache, least recently used first out, with absence cached
 * too. The cache is told of every change at commit, so that what it answers is always what the
 * store would; nothing about it is visible in results. Owner thread only. */
#ifndef DIRCHAIN_CHAIN_COMMITTED_H
#define DIRCHAIN_CHAIN_COMMITTED_H

#include "chain/kv.h"
#include "chain/state.h"

struct committed;

/* Nothing can be asked before it is filled. */
struct committed *committed_open(struct kv *kv);
/* Learns which keys the newest state has, from its index: about a second for a million.
 * ERR_NOT_FOUND (no state), ERR_CORRUPT (also when there are more or fewer than the state says),
 * ERR_IO. */
int committed_fill(struct committed *committed);
void committed_close(struct committed **committed);

/* Source for state_open. Valid as long as `committed`. */
struct state_source committed_source(struct committed *committed);
/* An owned reference, or NULL when absent. ERR_CORRUPT, ERR_IO. */
int committed_get(struct committed *committed, struct doc **out, const char *key);

/* After a commit: a key has a new value, or none (NULL). */
void committed_changed(struct committed *committed, const char *key, const struct doc *value);
/* After all of them: iteration starts anew. */
void committed_moved(struct committed *committed);

#endif
