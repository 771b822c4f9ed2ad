/* The trail of one datum: everything a verified pack says on a catalog entry, from the duty it
 * stems from to the last access, in the order of the ledger. */
#ifndef DIRCHAIN_NODE_CLI_CLI_TRAIL_H
#define DIRCHAIN_NODE_CLI_CLI_TRAIL_H

#include "base/doc.h"
#include "chain/header.h"
#include "chain/tx.h"

struct trail; /* collects while a pack is verified, in ledger order */
struct trail *trail_open(const char *provider, const char *code);
void trail_close(struct trail **trail);
/* Notes a duty of the provider whatever it is: which one the entry names is known only later. */
void trail_transaction(struct trail *trail, const struct header *header, const struct tx *tx);
void trail_act(struct trail *trail, const struct header *header, const struct doc *act);
/* {"provider","entry","steps":[{"height","time_ms","kind","type","by","txid","what"}…]}; owned by
 * the caller. Steps are empty when the pack never names the entry. */
struct doc *trail_result(const struct trail *trail);

#endif
