/* What the tests of supervision begin with: a grant in force, and steps on a matter. Include once a
 * program. */
#ifndef DIRCHAIN_TESTS_RULES_MATTERS_H
#define DIRCHAIN_TESTS_RULES_MATTERS_H

#include "row.h"

#define HASH_TEXT "00000000000000000000000000000000000000000000000000000000000000dd"
#define PAPERS "'papers':'" HASH_TEXT "'"
#define ID_CHARS (2 * HASH_BYTES + 1)

static char id[ID_CHARS];     /* of the grant of ALPHA's E1 to BETA */
static char matter[ID_CHARS]; /* of what was begun last */

static struct ledger *granted(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    return ledger;
}

static int begin(struct ledger *ledger, const char *kid, const char *type, const char *body)
{
    int error = ledger_do(ledger, kid, type, "%s", body);
    memcpy(matter, ledger->txid, sizeof matter);
    return error;
}

/* A step on `matter`, which stands in this table. */
static int step(struct ledger *ledger, const char *kid, const char *type, const char *table,
                const char *more)
{
    return ledger_do(ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", table, matter,
                     ledger_version(ledger, "%s/%s", table, matter), more);
}

static const char *status(struct ledger *ledger, const char *table)
{
    char key[100];
    (void)snprintf(key, sizeof key, "%s/%s", table, matter);
    return ledger_text(ledger, key, "status");
}

__attribute__((unused)) static int use(struct ledger *ledger, const char *purpose, size_t calls)
{
    AUTO(buf_free) struct buf list = {0};
    for (size_t i = 0; i < calls; i++) {
        buf_append_format(&list, "%s{'parameters':'" HASH_TEXT "'}", i == 0 ? "" : ",");
    }
    return ledger_do(ledger, BETA "/gateway", "access.batch",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'%s','method':'service','calls':[%s]}",
                     id, ledger_version(ledger, "grant/%s", id), purpose, buf_text(&list));
}
#define PURPOSE "一网通办：社会组织登记核验"

#endif
