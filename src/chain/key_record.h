/* The record of an officer's or system's key (state key/<member>/<name>): when it may sign.
 *
 *   registered in H ──▶ acts from H+1 ──▶ suspended in S: not from S+1 on
 *                           │   ▲                 │
 *                           │   └── restored in R: again from R+1
 *                           └──▶ retired in T: acts up to and including T
 *
 * All of it is heights: signatures are judged by the state before the block. */
#ifndef DIRCHAIN_CHAIN_KEY_RECORD_H
#define DIRCHAIN_CHAIN_KEY_RECORD_H

#include "base/doc.h"

/* Whether what it signs at this height counts: 0; ERR_KEY_SUSPENDED; ERR_TX_KEY, for NULL too. */
int key_check(const struct doc *key, uint64_t height);
/* Neither retired nor suspended, as the record stands; false for NULL. */
bool key_stands(const struct doc *key);

#endif
