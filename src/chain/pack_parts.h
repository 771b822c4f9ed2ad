/* What writing and verifying a pack share. Only pack_*.c include this. */
#ifndef DIRCHAIN_CHAIN_PACK_PARTS_H
#define DIRCHAIN_CHAIN_PACK_PARTS_H

#include "chain/tx.h"

/* The entry of a block line's "keys" for the signer of a transaction; NULL if there is none. */
const struct doc *pack_find_key(const struct doc *keys, const struct tx *tx);

#endif
