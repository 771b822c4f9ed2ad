/* What is done about E1 of an agency, in tests of rules (C3, C5). Include it after row.h. */
#ifndef DIRCHAIN_TESTS_RULES_ENTRY_ACTS_H
#define DIRCHAIN_TESTS_RULES_ENTRY_ACTS_H

#include <stdio.h>

/* Its agency applies for its deletion. */
static inline void apply_to_retire(struct ledger *ledger, const char *provider)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", provider);
    ledger_must(ledger, kid, "catalog.retire", "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, "entry/%s/E1", provider));
}

/* The center accepts the change or deletion that was applied for, without a plan. */
static inline int accept_change(struct ledger *ledger, const char *provider)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'%s','code':'E1','acts_on':'%s','decision':'accept'}", provider,
                     ledger_version(ledger, "change/%s/E1", provider));
}

static inline void is_retired(struct ledger *ledger, const char *provider)
{
    apply_to_retire(ledger, provider);
    assert_int_equal(accept_change(ledger, provider), 0);
}

/* CN 14: the supervisor has the last word on how it is shared. */
static inline void rule_sharing(struct ledger *ledger, const char *provider, const char *sharing)
{
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'%s','code':'E1','acts_on':'%s','sharing':'%s','reason':'会议研究决定',"
                "'basis':'领导小组会议纪要'}",
                provider, ledger_version(ledger, "entry/%s/E1", provider), sharing);
}

#endif
