/* Milestones and the entries compiled for them, in tests of rules (C6). */
#ifndef DIRCHAIN_TESTS_RULES_MILESTONES_H
#define DIRCHAIN_TESTS_RULES_MILESTONES_H

#include "row.h"

#include "entries.h"

#define MILESTONE "milestone/" ALPHA "/M1"
#define RETURN "'return','reasons':[{'field':'summary','reason':'未列明年度'}]"

static inline void submit_for(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'%s','milestone':'M1','entry':%s}", code,
                entry_text(code, "unconditional", NULL));
}

/* Names no milestone: it is the one of before. */
static inline void submit_again(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'%s','acts_on':'%s','entry':%s}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code),
                entry_text(code, "unconditional", NULL));
}

static inline bool milestone_is(struct ledger *ledger, const char *status, bool late)
{
    const struct doc *record = ledger_get(ledger, MILESTONE);
    return doc_text_is(record, "status", status) && doc_get_bool(record, "late", false) == late;
}

#endif
