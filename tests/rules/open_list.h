/* Entries and their listings, in tests of rules (C8). */
#ifndef DIRCHAIN_TESTS_RULES_OPEN_LIST_H
#define DIRCHAIN_TESTS_RULES_OPEN_LIST_H

#include "row.h"

#include "entries.h"

#define LISTING "listing/" ALPHA "/E1"
#define DIGEST "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LIST_OF(type, items, update)                                                               \
    "'theme':'社会组织','type':'" type "','items':[" items "],'update':'" update "'"
#define OPEN_TO_ALL LIST_OF("unconditional", "'姓名'", "daily")
#define CONDITIONAL                                                                                \
    LIST_OF("conditional", "'姓名'", "daily")                                                      \
    ",'conditions':[{'kind':'feedback','text':'成果注明数据来源'}],"                       \
    "'materials':[{'kind':'scenario','text':'应用场景说明'}]"
#define EXPLANATION_PAPER "'materials':[{'kind':'other','text':'说明'}]"

/* Takes the description of an entry's item away. */
static inline void undescribe(struct doc *entry, size_t bare)
{
    struct doc *items = doc_new_array();
    for (size_t i = 0; i < doc_count(doc_get(entry, "items")); i++) {
        struct doc *item = doc_copy(doc_at(doc_get(entry, "items"), i));
        if (i == bare) {
            doc_remove(item, "description");
        }
        doc_push(items, item);
    }
    doc_set(entry, "items", items);
}

#define NONE_BARE SIZE_MAX

/* E1 published, with this open attribute and daily updates; one of its items is not described. */
static inline struct ledger *with_bare_item(const char *opening, size_t bare)
{
    struct ledger *ledger = with_duty("shanghai-open");
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                     entry_text("社会组织信息", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    doc_set_text(entry, "opening", opening);
    doc_set_text(entry, "opening_conditions", "须注明来源");
    doc_set_text(entry, "update", "daily");
    undescribe(entry, bare);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    review(ledger, "E1", "'accept'");
    return ledger;
}

static inline struct ledger *with_entry(const char *opening)
{
    return with_bare_item(opening, NONE_BARE);
}

static inline int list(struct ledger *ledger, const char *listing)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, ALPHA "/compile", "open.list",
                     "{'code':'E1','acts_on':'%s','reason':'社会迫切需要','listing':{%s}}",
                     ledger_version(ledger, ENTRY("E1")), listing);
}

static inline int judge(struct ledger *ledger, const char *decision)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, CENTER "/review", "open.review",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':%s}",
                     ledger_version(ledger, LISTING), decision);
}

static inline int adjust(struct ledger *ledger, const char *rest)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, ALPHA "/compile", "open.adjust",
                     "{'code':'E1','acts_on':'%s','reason':'权利人提出异议',%s}",
                     ledger_version(ledger, LISTING), rest);
}

/* Until the end of that day. */
static inline int order(struct ledger *ledger, const char *kid, const char *until)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, kid, "open.order",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','what':'增加统计项',"
                     "'basis':'年度开放评估','evaluation':'" DIGEST "','until':'%s'}",
                     ledger_version(ledger, LISTING), until);
}

/* An adjustment to this listing that names the order. */
static inline int adjust_as_ordered(struct ledger *ledger, const char *listing)
{
    char rest[500];
    (void)snprintf(rest, sizeof rest, "%s,'order':'%s'", listing,
                   ledger_text(ledger, LISTING, "order.id"));
    return adjust(ledger, rest);
}

static inline struct ledger *listed(void)
{
    struct ledger *ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    return ledger;
}

/* E1 as with_entry() has it, with these items and this cycle; one of them not described. */
static inline int change(struct ledger *ledger, const char *names, const char *cycle, size_t bare)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'code':'E1','acts_on':'%s','reason':'业务系统变更','entry':%s}",
        ledger_version(ledger, ENTRY("E1")), entry_text("社会组织信息", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    AUTO(doc_free) struct doc *list = fixture_parse("{'names':[%s]}", names);
    const struct doc *wanted = doc_get(list, "names"), *had = doc_get(entry, "items");
    struct doc *items = doc_new_array();
    for (size_t i = 0; i < doc_count(had); i++) {
        if (doc_has_text(wanted, doc_get_text(doc_at(had, i), "name"))) {
            doc_push(items, doc_copy(doc_at(had, i))); /* a reference would hold its holder */
        }
    }
    doc_set(entry, "items", items);
    undescribe(entry, bare);
    doc_set_text(entry, "opening", "unconditional");
    doc_set_text(entry, "update", cycle);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, ALPHA "/compile", "catalog.change", body);
}

#define EXPLAINED ",'explanation':'涉及商业秘密','explanation_digest':'" DIGEST "'"

#define WITH_NUMBERS "'listing':{" LIST_OF("unconditional", "'姓名','证件号码'", "daily") "}"

#endif
