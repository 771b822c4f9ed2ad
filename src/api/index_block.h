/* From a block to rows of the read model. What a block changed is taken from the state it wrote,
 * not worked out again from its transactions: a new rule needs no change here. */
#ifndef DIRCHAIN_API_INDEX_BLOCK_H
#define DIRCHAIN_API_INDEX_BLOCK_H

#include "api/read_model.h"
#include "chain/store.h"

/* What the indexer remembers of grants between blocks: most accesses use a few of them. */
struct index_memory;
struct index_memory *index_memory_new(void);
void index_memory_free(struct index_memory **memory);

/* Writes everything of a block, within the caller's transaction of the model. `view` is at the
 * block's height or later. */
int index_block(struct read_model *model, struct index_memory *memory,
                const struct store_view *view, const struct block *block, const struct doc *acts);
/* The newest values of all there is, into an empty model: where it begins later than the chain. */
int index_state(struct read_model *model, const struct store_view *view);
/* What genesis wrote: members. */
int index_genesis(struct read_model *model, const struct store_view *view);

#endif
