/* A request of BETA for ALPHA's data, and the dispute about it. Header only; include it once a
 * program. */
#ifndef DIRCHAIN_TESTS_UNIT_DISPUTE_STEPS_H
#define DIRCHAIN_TESTS_UNIT_DISPUTE_STEPS_H

#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1], dispute[2 * HASH_BYTES + 1];

#define LAW "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"
#define REASONS                                                                                    \
    "'grounds':{'reasons':['数据尚在核查'],"                                                 \
    "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"
#define BASIS "'reason':'已研究双方意见'"

static inline struct ledger *with_request(const char *profile, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    return ledger;
}

static inline const char *text(struct ledger *ledger, const char *family, const char *path)
{
    char key[100];
    bool of_dispute = strcmp(family, "dispute") == 0;
    (void)snprintf(key, sizeof key, "%s/%s", family, of_dispute ? dispute : id);
    return ledger_text(ledger, key, path);
}

static inline void answer(struct ledger *ledger, const char *rest)
{
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':%s}", id,
                ledger_version(ledger, "request/%s", id), rest);
}

static inline int raise_by(struct ledger *ledger, const char *kid, const char *kind)
{
    int error = ledger_do(ledger, kid, "dispute.raise",
                          "{'request':'%s','acts_on':'%s','kind':'%s','reason':'对意见持有异议'}",
                          id, ledger_version(ledger, "request/%s", id), kind);
    if (error == 0) {
        memcpy(dispute, ledger->txid, sizeof dispute);
    }
    return error;
}

static inline int on_dispute(struct ledger *ledger, const char *kid, const char *type,
                             const char *rest)
{
    return ledger_do(ledger, kid, type, "{'dispute':'%s','acts_on':'%s',%s}", dispute,
                     ledger_version(ledger, "dispute/%s", dispute), rest);
}

/* PT 24: both sides say that the negotiation failed. */
static inline void both_refer(struct ledger *ledger, const char *consumer, const char *provider)
{
    static const char failed[] =
        "'reason':'协商不成',"
        "'minutes':'00000000000000000000000000000000000000000000000000000000000000dd'";
    assert_int_equal(on_dispute(ledger, consumer, "dispute.refer", failed), 0);
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    assert_int_equal(on_dispute(ledger, provider, "dispute.refer", failed), 0);
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
}

static inline int rule_on(struct ledger *ledger, const char *kid, const char *rest)
{
    char body[600];
    (void)snprintf(body, sizeof body, BASIS ",'decision':%s", rest);
    return on_dispute(ledger, kid, "dispute.rule", body);
}

#endif
