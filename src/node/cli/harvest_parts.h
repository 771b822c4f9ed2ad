/* What the two files of a harvest (harvest.h) share: pieces of a plan. */
#ifndef DIRCHAIN_NODE_CLI_HARVEST_PARTS_H
#define DIRCHAIN_NODE_CLI_HARVEST_PARTS_H

#include "base/doc.h"

/* {"code","why"} of a list. Caller owns. */
struct doc *harvest_told(const char *code, const char *why);
/* The body of a transaction that acts on this record. Caller owns. */
struct doc *harvest_act(const struct doc *record, const char *code);
/* The ledger's entry with the members that the feed has changed since `last`, the draft that the
 * ledger took (NULL: every member of the draft counts as changed). Caller owns. */
struct doc *harvest_merge(const struct doc *entry, const struct doc *last, const struct doc *draft);

#endif
