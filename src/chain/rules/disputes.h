/* What requests and answers tell the disputes about them. */
#ifndef DIRCHAIN_CHAIN_RULES_DISPUTES_H
#define DIRCHAIN_CHAIN_RULES_DISPUTES_H

#include "chain/rules/records.h"

/* Silence takes the request to whoever rules: a dispute of its own, or the one that is open goes
 * there now. `term` is the one that ran out. */
void dispute_escalate(struct rule_context *context, const struct doc *request, const char *id,
                      const struct doc *term);
/* The provider answered: with an approval of all that was asked for whatever was in dispute is
 * over. A refusal takes nothing from whoever rules: what silence sent up stays there. */
void dispute_answered(struct rule_context *context, const char *request, bool approved);
/* The request was withdrawn, and its dispute with it. */
void dispute_withdrawn(struct rule_context *context, const char *request);
/* The fusion was, and all disputes about it. */
void disputes_withdrawn(struct rule_context *context, const char *fusion);

/* ---- disputes.c: the course of a dispute, whatever it is about ---- */

/* The dispute of the body, current and open; its key into `subject`. NULL with a fault. */
const struct doc *dispute_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES]);
/* "provider" with the key that answers requests, "consumer" with the one that makes them; NULL with
 * a fault for anybody else. */
const char *dispute_side(struct rule_context *context, const struct doc *record);
/* What it is about, "request", "need" or "fusion", and its id. */
const char *dispute_family(const struct doc *dispute);
const char *dispute_about(const struct doc *dispute);
/* Whether the side has said what it wants, or that the negotiation failed. */
bool dispute_has_part(const struct doc *dispute, const char *side);
/* The side, who may, disputes the body's `family`, of this record (of a fusion, of what was said
 * about it: dispute_fusion.c): there is one about it from now on. */
int dispute_begin(struct rule_context *context, const struct doc *about, const char *family,
                  const char *side);
/* An editable record is over. */
void dispute_close(struct rule_context *context, struct doc *record, const char *subject,
                   const char *status);

/* ---- dispute_rule.c ---- */

/* Whoever rules need not wait any longer for a side that cannot speak, and has not spoken. */
int dispute_check_heard(struct rule_context *context, const struct doc *dispute);

/* What the body decides gives all or some of what was asked for, or wanted. */
bool dispute_outcome_gives(struct rule_context *context);

/* ---- dispute_request.c: what it is about ---- */

/* What is due on what the dispute is about comes first: an answer may have been deemed given a
 * moment ago, and with it the dispute have moved. */
void dispute_apply_due(struct rule_context *context, const struct doc *dispute);
/* Whether the request was refused for its mode alone, and a dispute is against whoever did. */
bool dispute_about_mode(const struct doc *request);
/* The side may dispute this kind of thing where the request stands. */
int dispute_check_kind(struct rule_context *context, const struct doc *request, const char *side);
/* Whether the side has taken a dispute like the body's about this request, where it stands, or
 * about this answer to a need, back after the negotiation was said to have failed: it has left it
 * at that.
 */
bool dispute_was_dropped(struct rule_context *context, const struct doc *about, const char *side);
/* What was said and is in dispute: the request; of a need or fusion, what its agency or the center
 * answered. It holds what was ruled on that before. */
const struct doc *dispute_said(struct rule_context *context, const struct doc *dispute);
/* The side withdraws the dispute of the body: notes it on what that is about, unless they were
 * still negotiating. The dispute is closed already; `dispute` is what it was. */
void dispute_drop(struct rule_context *context, const struct doc *dispute, const char *side);
/* The request was decided anew. */
void dispute_forget_dropped(struct rule_context *context, const char *request);
/* The outcome is all that was asked for, or nothing of it: "as-asked" or "as-it-stands". */
int dispute_check_either(struct rule_context *context, const char *clause);
/* What the body decides about the request can be carried out now. */
int dispute_check_outcome(struct rule_context *context, const char *request);
/* Brings request and grant to what the body decides. */
void dispute_carry_out(struct rule_context *context, const char *request);

/* ---- dispute_need.c: the same about a need ---- */

/* Who did not accept the need, and a dispute about it is against; NULL: an agency has answered it,
 * or it is open. */
const struct doc *dispute_need_against(const struct doc *need);

/* What a dispute about a need is about: what its agency declined before another was asked, or the
 * need as it stands. */
const struct doc *dispute_need_said(struct rule_context *context, const struct doc *dispute);
/* Puts an editable copy of that in its place. */
void dispute_need_say(struct rule_context *context, const struct doc *dispute, struct doc *said);
/* What the body decides on this dispute can be carried out now. */
int dispute_check_need(struct rule_context *context, const struct doc *dispute);
/* Brings the need to what the body decides on this dispute about it. */
void dispute_carry_out_need(struct rule_context *context, const struct doc *dispute);

/* ---- dispute_fusion.c: the same about a fusion ---- */

/* What a dispute about a fusion is about: the review of a part, or the conclusion. */
const struct doc *dispute_fusion_said(struct rule_context *context, const struct doc *dispute);
/* Puts an editable copy of that in its place. */
void dispute_fusion_say(struct rule_context *context, const struct doc *dispute, struct doc *said);
/* What the body decides on this dispute can be carried out now. */
int dispute_check_fusion(struct rule_context *context, const struct doc *dispute);
/* Brings the fusion to it. */
void dispute_carry_out_fusion(struct rule_context *context, const struct doc *dispute);

/* ---- rulers.c ---- */

/* Whether the signer may rule on it: nobody does in its own case. */
bool dispute_may_rule(struct rule_context *context, const struct doc *dispute);
/* Whether the request has not been ruled on, or somebody above who ruled is left. */
bool dispute_may_go_on(struct rule_context *context, const struct doc *request);
/* Where the request has been ruled on, or an earlier one with the last word, an editable record of
 * a new dispute is for the party above. */
void dispute_send_up(struct rule_context *context, struct doc *dispute, const struct doc *request);
/* What the transaction at hand ruled by this dispute, for the record of what that is about. */
struct doc *ruling_new(struct rule_context *context, const struct doc *dispute);
/* The transaction at hand has ruled on the request by this dispute, and its outcome been carried
 * out. */
void ruling_note(struct rule_context *context, const struct doc *dispute, const char *request);
/* The same of these items of the provider and entry that `about` names, asked for by its consumer:
 * ruled to be refused by this ruling, or, NULL, to be given. */
void ruling_note_items(struct rule_context *context, const struct doc *about,
                       const struct doc *items, const struct doc *refused);
/* Shows on an editable record of a new request the ruling that refused what it asks for, rather the
 * last word than another; whether there is one. */
bool ruling_shown(struct rule_context *context, struct doc *record);
/* The same of a part ({"provider","entry","items","rows"}; without an entry the items are digests
 * of what is wanted) that this consumer asks for: the ruling without the items, or NULL. The caller
 * owns it. */
struct doc *ruling_against(struct rule_context *context, const struct doc *consumer,
                           const struct doc *part);

#endif
