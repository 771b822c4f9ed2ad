/* A grant of BETA and what is done with it. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_ACCESS_STEPS_H
#define DIRCHAIN_TESTS_UNIT_ACCESS_STEPS_H

#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1];

#define SYSTEM "一网通办受理系统"
#define PURPOSE "一网通办：社会组织登记核验"
#define HASH_A "00000000000000000000000000000000000000000000000000000000000000aa"
#define HASH_B "00000000000000000000000000000000000000000000000000000000000000bb"

static inline struct ledger *granted(const char *extra)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_grant(ledger, id, extra);
    return ledger;
}

/* `extra` replaces members of the body. */
static inline int open_as(struct ledger *ledger, const char *kid, const char *extra)
{
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'grant':'%s','acts_on':'%s','system':'" SYSTEM "','operator':'gateway',"
                      "'purpose':'" PURPOSE "','method':'service','parameters':'" HASH_A "'}",
                      id, ledger_version(ledger, "grant/%s", id));
    fixture_merge(body, "%s", extra == NULL ? "{}" : extra);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, "access.open", body);
}

/* The same, with an id that outlives the next transaction. */
static inline int open_kept(struct ledger *ledger, char open[2 * HASH_BYTES + 1], const char *extra)
{
    int error = open_as(ledger, BETA "/gateway", extra);
    memcpy(open, ledger->txid, 2 * HASH_BYTES + 1);
    return error;
}

static inline int batch(struct ledger *ledger, size_t calls, const char *call)
{
    AUTO(buf_free) struct buf list = {0};
    for (size_t i = 0; i < calls; i++) {
        buf_append_format(&list, "%s%s", i == 0 ? "" : ",", call);
    }
    return ledger_do(ledger, BETA "/gateway", "access.batch",
                     "{'grant':'%s','acts_on':'%s','system':'" SYSTEM "','operator':'gateway',"
                     "'purpose':'" PURPOSE "','method':'service','calls':[%s]}",
                     id, ledger_version(ledger, "grant/%s", id), buf_text(&list));
}

static inline int receipt(struct ledger *ledger, const char *kid, const char *open,
                          const char *side, const char *digest, int rows)
{
    return ledger_do(ledger, kid, "access.receipt",
                     "{'open':'%s','side':'%s','digest':'%s','rows':%d,'bytes':1000,"
                     "'result':'complete'}",
                     open, side, digest, rows);
}

static inline int64_t usage(struct ledger *ledger, const char *day, const char *name)
{
    char key[100];
    (void)snprintf(key, sizeof key, "usage/%s/%s", id, day);
    return doc_get_int(ledger_get(ledger, "%s", key), name, 0);
}

#endif
