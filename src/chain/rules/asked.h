/* What was asked for of an entry and is not decided yet (PT 14, 20). */
#ifndef DIRCHAIN_CHAIN_RULES_ASKED_H
#define DIRCHAIN_CHAIN_RULES_ASKED_H

#include "chain/rule.h"
#include "chain/rules/records.h"

/* Puts the record of a request under its key, and keeps the index by its status. */
void request_put(struct rule_context *context, struct doc *record, const char *subject);
/* A dispute about the request begins (disputed/<request> is there), or is over: puts the request's
 * record anew where that changes since when it is asked for, or whether it is decided. decides: not
 * a dispute that its consumer takes back. */
void asked_disputed(struct rule_context *context, const char *request, bool decides);
/* Brings the index to what the editable fusion says now, before it is put; whether that is anything
 * new. */
bool asked_fusion(struct rule_context *context, struct doc *fusion, const char *id);
/* The same as asked_disputed of a fusion (disputed/<fusion>/…). */
void asked_fusion_disputed(struct rule_context *context, const char *fusion, bool decides);

/* What a change affects of what was asked for until the instant: "request/<id>", "fusion/<id>";
 * *more: there is more than can be looked at here. Caller owns it. */
struct doc *asked_affected(struct rule_context *context, const struct doc *change, int64_t until_ms,
                           bool *more);
/* "request/<id>" or "fusion/<id>", into name: what was refused, was asked for before the change was
 * applied for and may still be disputed in time; NULL if nothing that it affects. Of more than it
 * looks at, one is taken to be affected. */
const char *refused_affected(struct rule_context *context, char name[RECORD_KEY_BYTES],
                             const struct doc *change);
#define REFUSED_LET_GO 64
/* Lets go, of the first REFUSED_LET_GO, what was refused of the entry and is out of time. */
void refused_let_go(struct rule_context *context, const char *provider, const char *entry);

#endif
