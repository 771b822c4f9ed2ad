/* What rows about grants share. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_RULES_ROWS_GRANTS_H
#define DIRCHAIN_TESTS_RULES_ROWS_GRANTS_H

#include "row.h"

/* The grant of ALPHA's E1 to BETA that was given last, and its key. */
static char id[2 * HASH_BYTES + 1];
static char subject[100];

static inline void give(struct ledger *ledger, const char *time, const char *extra)
{
    ledger_at(ledger, time);
    ledger_give_grant(ledger, id, extra);
    (void)snprintf(subject, sizeof subject, "grant/%s", id);
}

static inline struct ledger *granted(const char *profile, const char *time, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    give(ledger, time, extra);
    return ledger;
}

static inline const char *text(struct ledger *ledger, const char *path)
{
    return ledger_text(ledger, subject, path);
}

#define CALL "{'parameters':'00000000000000000000000000000000000000000000000000000000000000aa'}"
static inline int use(struct ledger *ledger, const char *type)
{
    bool batch = strcmp(type, "access.batch") == 0;
    return ledger_do(ledger, BETA "/gateway", type,
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'一网通办：社会组织登记核验','method':'service',%s}",
                     id, ledger_version(ledger, "grant/%s", id),
                     batch ? "'calls':[" CALL "," CALL "]"
                           : "'parameters':"
                             "'00000000000000000000000000000000000000000000000000000000000000aa'");
}

/* PT 31: with what suspends or ends a grant comes the report. */
static inline const char *report_of(const char *type)
{
    bool reports = strcmp(type, "grant.suspend") == 0 || strcmp(type, "grant.terminate") == 0;
    return reports ? "," RISK_REPORT : "";
}

static inline int act(struct ledger *ledger, const char *kid, const char *type, const char *more)
{
    return ledger_do(ledger, kid, type, "{'grant':'%s','acts_on':'%s','reason':'试验理由'%s%s}", id,
                     ledger_version(ledger, "grant/%s", id), more, report_of(type));
}

/* A side's receipt for an access. */
static inline int receipt(struct ledger *ledger, const char *open, const char *side,
                          const char *result)
{
    bool provider = strcmp(side, "provider") == 0;
    return ledger_do(ledger, provider ? ALPHA "/gateway" : BETA "/gateway", "access.receipt",
                     "{'open':'%s','side':'%s','digest':"
                     "'00000000000000000000000000000000000000000000000000000000000000dd',"
                     "'rows':1,'bytes':80,'result':'%s'}",
                     open, side, result);
}

/* What was opened last is given. */
static inline int give_data(struct ledger *ledger)
{
    char open[sizeof id];
    memcpy(open, ledger->txid, sizeof open);
    return receipt(ledger, open, "provider", "complete");
}

static inline void becomes_at(struct ledger *ledger, const char *before, const char *end,
                              const char *after)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(text(ledger, "status"), before);
    ledger_at(ledger, end);
    assert_string_equal(text(ledger, "status"), after);
}

/* Another grant of BETA's on the same entry; its id into `id`, the one before into `other`. */
__attribute__((unused)) static char other[sizeof id];
static inline void ask_again(struct ledger *ledger, const char *extra)
{
    memcpy(other, id, sizeof other);
    ledger_give_grant(ledger, id, extra);
    (void)snprintf(subject, sizeof subject, "grant/%s", id);
}

static inline int on_other(struct ledger *ledger, const char *kid, const char *type)
{
    return ledger_do(ledger, kid, type, "{'grant':'%s','acts_on':'%s','reason':'试验理由'%s}",
                     other, ledger_version(ledger, "grant/%s", other), report_of(type));
}

static inline void barred_by_other(struct ledger *ledger)
{
    char field[100];
    (void)snprintf(field, sizeof field, "grant.holds.%s", other);
    assert_string_equal(text(ledger, "status"), "active"); /* it is not this grant's hold */
    assert_int_equal(use(ledger, "access.open"), ERR_GRANT_SUSPENDED);
    assert_true(ledger_fault(ledger, ERR_GRANT_SUSPENDED, field));
    assert_int_equal(use(ledger, "access.batch"), ERR_GRANT_SUSPENDED);
}

#endif
