/* Which records a transaction is about: what the records' histories are made of. */
#ifndef DIRCHAIN_API_INDEX_TOUCH_H
#define DIRCHAIN_API_INDEX_TOUCH_H

#include "api/read_model.h"
#include "chain/tx.h"

/* Notes that what stands at this place in the log touched the record under a state key. */
int index_touch(struct read_model *model, int64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes every record that the transaction at this place is about. */
int index_touch_all(struct read_model *model, int64_t seq, const struct tx *tx);

#endif
