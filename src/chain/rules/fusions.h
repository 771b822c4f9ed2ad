/* What each provider of a fusion is asked for, and in how long (D7, PT 22). */
#ifndef DIRCHAIN_CHAIN_RULES_FUSIONS_H
#define DIRCHAIN_CHAIN_RULES_FUSIONS_H

#include "chain/rules/records.h"
#include "chain/rules/requests.h"

/* "<provider>/<entry>": what a review is about. */
void fusion_part_name(char out[RECORD_KEY_BYTES], const struct doc *part);
/* What was said of a part; NULL: nothing yet. */
const struct doc *fusion_review_of(const struct doc *fusion, const struct doc *part);
/* That of an editable fusion. */
void fusion_set_review(struct doc *fusion, const char *name, struct doc *review);
/* Whether a part of it is refused. */
bool fusion_is_refused(const struct doc *fusion);
/* 0, or why this part cannot be given as things stand; a consumer that is suspended is waited for.
 * (fusion.c) */
int fusion_part_barred(struct rule_context *context, struct request_bar *bar,
                       const struct doc *fusion, const char *id, const struct doc *part);

/* Shows on an editable fusion what rulings have refused its consumer of its parts (rulers.c). */
void fusion_show_rulings(struct rule_context *context, struct doc *fusion);
/* The first part behind this index (-1: of all) that was ruled to be refused since it was reviewed,
 * or -1. PT 24: it is not given by that; asked for anew, its agency knows of it. */
long fusion_ruled_since(struct rule_context *context, const struct doc *fusion, long after);
/* Each provider of a part is asked from now on. */
void fusion_ask(struct rule_context *context, const struct doc *fusion, const char *id);
/* The signer has reviewed one of its parts: it owes nothing after the last one. Whether its days
 * were over. */
bool fusion_answered(struct rule_context *context, const struct doc *fusion, const char *id);
/* Who has not reviewed all of its parts is asked anew, as it was returned meanwhile. */
void fusion_ask_again(struct rule_context *context, const struct doc *fusion, const char *id);
/* Nobody is waited for any more. */
void fusion_ask_no_more(struct rule_context *context, const struct doc *fusion, const char *id);

#endif
