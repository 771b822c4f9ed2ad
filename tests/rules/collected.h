/* Entries whose data is collected, in tests of rules (C6). */
#ifndef DIRCHAIN_TESTS_RULES_COLLECTED_H
#define DIRCHAIN_TESTS_RULES_COLLECTED_H

#include "row.h"

#include "entries.h"
#include "entry_acts.h"

#define COLLECTION "collection/" ALPHA "/E1"

static inline struct ledger *accepted(const char *profile, const char *when)
{
    struct ledger *ledger = with_duty(profile);
    ledger_at(ledger, when);
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)), 0);
    review(ledger, "E1", "'accept'");
    return ledger;
}

static inline int certify_as(struct ledger *ledger, const char *kid, const char *decision)
{
    return ledger_do(ledger, kid, "catalog.certify",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':%s}",
                     ledger_version(ledger, COLLECTION), decision);
}

static inline int certify(struct ledger *ledger, const char *decision)
{
    return certify_as(ledger, CENTER "/review", decision);
}

/* The entry gets these items (JSON), or this cycle where they are NULL, and the center accepts. */
static inline void change_to(struct ledger *ledger, const char *items, const char *cycle)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'code':'E1','acts_on':'%s','reason':'业务系统升级','entry':%s}",
        ledger_version(ledger, ENTRY("E1")), entry_text("社会组织信息", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    AUTO(doc_free) struct doc *list = fixture_parse("{'items':%s}", items != NULL ? items : "[]");
    if (items != NULL) {
        doc_set(entry, "items", doc_ref(doc_get(list, "items")));
    } else {
        doc_set_text(entry, "update", cycle);
    }
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    assert_int_equal(accept_change(ledger, ALPHA), 0);
}
#define ONE_ITEM "[{'name':'姓名','type':'C','length':20}]"

static inline int refuse(struct ledger *ledger, const char *refusal)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.collect",
                     "{'code':'E1','acts_on':'%s','refusal':%s}",
                     ledger_version(ledger, ENTRY("E1")), refusal);
}

#define REFUSED "{'reason':'不再提供','basis':'数据安全法第二十一条'}"
#define RETURN "'return','reasons':[{'reason':'汇聚量与现场不符'}]"

/* BETA asks for E1. */
static inline int ask(struct ledger *ledger)
{
    char id[2 * HASH_BYTES + 1];
    return ledger_ask(ledger, id, "E1", NULL);
}

#endif
