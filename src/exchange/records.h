/* Reading the ledger's records (docs/spec/state.md) by a formatted key. */
#ifndef DIRCHAIN_EXCHANGE_RECORDS_H
#define DIRCHAIN_EXCHANGE_RECORDS_H

#include "base/doc.h"
#include "chain/store.h"

/* Caller owns. ERR_NOT_FOUND (also for a key longer than any record's), ERR_CORRUPT, ERR_IO. */
int record_read(struct doc **out, const struct store_view *view, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
