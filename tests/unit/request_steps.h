/* A request of BETA and what is done about it. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_REQUEST_STEPS_H
#define DIRCHAIN_TESTS_UNIT_REQUEST_STEPS_H

#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1];

#define PROJECT "'project':{'authority':'市发展改革委','document':'一体化平台立项批复（2025）12号'}"
#define RECOGNITION "'recognition':{'authority':'上海市民政局','document':'沪民〔2025〕1号'}"

/* A duty in force of the requester: a matter that data may be asked for. */
static inline void give_matter(struct ledger *ledger)
{
    ledger_must(ledger, BETA "/compile", "duty.publish",
                "{'code':'D9','name':'社会团体成立登记','category':'行政许可',"
                "'implementer':'广东省民政厅','basis':'社会团体登记管理条例'}");
}

static inline struct ledger *with_entry(const char *profile, const char *sharing)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", sharing);
    give_matter(ledger);
    return ledger;
}

static inline const char *request_text(struct ledger *ledger, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    return ledger_text(ledger, key, path);
}

static inline const char *grant_text(struct ledger *ledger, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "grant/%s", id);
    return ledger_text(ledger, key, path);
}

static inline int answer(struct ledger *ledger, const char *rest)
{
    return ledger_do(ledger, ALPHA "/approve", "request.answer",
                     "{'request':'%s','acts_on':'%s','decision':%s}", id,
                     ledger_version(ledger, "request/%s", id), rest);
}

static inline int step(struct ledger *ledger, const char *type, const char *rest)
{
    return ledger_do(ledger, CENTER "/review", type, "{'request':'%s','acts_on':'%s',%s}", id,
                     ledger_version(ledger, "request/%s", id), rest);
}

#endif
