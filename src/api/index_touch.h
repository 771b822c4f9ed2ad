/* Which records a transaction is about: what the records' histories are made of. */
#ifndef DIRCHAIN_API_INDEX_TOUCH_H
#define DIRCHAIN_API_INDEX_TOUCH_H

#include "api/read_model.h"
#include "chain/store.h"
#include "chain/tx.h"

/* Notes that what stands at this place in the log touched the record under a state key; and, as the
 * ledger shows it after the block, what a dispute is about, and the grant of a request. */
int index_touch(struct read_model *model, const struct store_view *view, int64_t seq,
                const char *subject);

/* Notes every record that the transaction at this place is about. */
int index_touch_all(struct read_model *model, const struct store_view *view, int64_t seq,
                    const struct tx *tx);

/* Tells of the state key of each such record, some perhaps twice, until `note` fails: 0, or what it
 * returned. Whether there is such a record only the state can say. */
int touched_by(const struct tx *tx, int (*note)(void *context, const char *subject), void *context);

#endif
