/* Disputes about what was refused of a fusion, in tests of rules (D8): `other` is the fusion, `id`
 * the dispute. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_RULES_FUSION_DISPUTES_H
#define DIRCHAIN_TESTS_RULES_FUSION_DISPUTES_H

#include "rows_requests.h"

#include "entry_acts.h"
#include "fused.h"

#define REFUSE "'entry':'E1','decision':'refuse'," LAW
#define RULE_AS(decision) "'decision':'" decision "','reason':'依法应当共享'"
#define PART(provider) ",'provider':'" provider "','entry':'E1'"
#define FAILED "'reason':'协商不成'," MINUTES

/* BETA's dispute about this part; its id into id. */
static inline int dispute(struct ledger *ledger, const char *part)
{
    char rest[300];
    (void)snprintf(rest, sizeof rest, "'kind':'refusal','reason':'履职所必需'%s", part);
    int error = act(ledger, BETA "/compile", "fusion.dispute", "fusion", other, rest);
    if (error == 0) {
        memcpy(id, ledger->txid, sizeof id);
    }
    return error;
}

static inline int on_dispute(struct ledger *ledger, const char *kid, const char *type,
                             const char *rest)
{
    return act(ledger, kid, type, "dispute", id, rest);
}

static inline int rule(struct ledger *ledger, const char *rest)
{
    return on_dispute(ledger, SUPERVISOR "/approve", "dispute.rule", rest);
}

/* BETA and ALPHA, or whoever refused, have negotiated in vain. */
static inline void refer(struct ledger *ledger, const char *kid)
{
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.refer", FAILED), 0);
    assert_int_equal(on_dispute(ledger, kid, "dispute.refer", FAILED), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
}

static inline const char *status(struct ledger *ledger)
{
    return text(ledger, "fusion", other, "status");
}

static inline void review(struct ledger *ledger, const char *kid, const char *verdict)
{
    must(ledger, kid, "fusion.review", "fusion", other, verdict);
}

static inline int conclude(struct ledger *ledger, const char *verdict)
{
    return act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, verdict);
}

/* ALPHA has refused its part. */
static inline struct ledger *refused(void)
{
    struct ledger *ledger = with_fusion();
    review(ledger, ALPHA "/approve", REFUSE);
    return ledger;
}

#endif
