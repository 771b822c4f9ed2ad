/* The record of a collection, for what is reported of it (C6; collections.c). */
#ifndef DIRCHAIN_CHAIN_RULES_COLLECTIONS_H
#define DIRCHAIN_CHAIN_RULES_COLLECTIONS_H

#include "chain/rules/records.h"

void collection_key(char out[RECORD_KEY_BYTES], const char *provider, const char *code);
/* Of an entry that nothing is owed of. Caller owns it. */
struct doc *collection_new(const char *provider, const char *code);
/* What is owed without a term from now on: within CN 15's 2 个工作日 for collecting anew, where the
 * document has them, else PT 15's. */
void collection_owe_anew(struct rule_context *context, struct doc *record, const char *key);
/* Nothing is owed of an editable record any more. */
void collection_stop_terms(struct rule_context *context, struct doc *record, const char *key);
/* What the center recognised last is that it need not be collected. */
bool collection_is_exempt(const struct doc *record);
/* collection_stands_ms (upkeep.h) by the record. */
int64_t collection_record_stands_ms(const struct doc *record);
/* Puts what a report, or the center's word on one, made of it: milestones that rested on what is
 * not there are open again. */
void collection_put(struct rule_context *context, struct doc *record, const char *key);

#endif
