/* Entries of ALPHA in tests of rules. Include after rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_UNIT_ENTRIES_H
#define DIRCHAIN_TESTS_UNIT_ENTRIES_H

#define ENTRY(code) "entry/" ALPHA "/" code

static inline struct ledger *with_duty(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_give_duty(ledger);
    return ledger;
}

static inline int submit(struct ledger *ledger, const char *code, const char *entry)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                     entry);
}

/* A decision of the center with its reasons (JSON); the first may be refused. */
static inline int try_review(struct ledger *ledger, const char *code, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.review",
                     "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), decision);
}

static inline void review(struct ledger *ledger, const char *code, const char *decision)
{
    assert_int_equal(try_review(ledger, code, decision), 0);
}

#endif
