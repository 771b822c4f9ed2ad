/* What rows of requests and of needs share. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_RULES_ROWS_REQUESTS_H
#define DIRCHAIN_TESTS_RULES_ROWS_REQUESTS_H

#include "row.h"

#define LAW "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"

static char id[2 * HASH_BYTES + 1];
__attribute__((unused)) static char other[2 * HASH_BYTES + 1];

/* A member of the record family/<of>, and when a term of it ends. */
static inline const char *text(struct ledger *ledger, const char *family, const char *of,
                               const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "%s/%s", family, of);
    return ledger_text(ledger, key, path);
}

static inline int64_t due(struct ledger *ledger, const char *family, const char *of,
                          const char *term)
{
    char key[100], path[60];
    (void)snprintf(key, sizeof key, "%s/%s", family, of);
    (void)snprintf(path, sizeof path, "terms.%s.due_ms", term);
    return ledger_int(ledger, key, path);
}

/* An act on family/<of>, named in the body as the family. */
static inline int act(struct ledger *ledger, const char *kid, const char *type, const char *family,
                      const char *of, const char *rest)
{
    return ledger_do(ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", family, of,
                     ledger_version(ledger, "%s/%s", family, of), rest);
}

static inline void must(struct ledger *ledger, const char *kid, const char *type,
                        const char *family, const char *of, const char *rest)
{
    ledger_must(ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", family, of,
                ledger_version(ledger, "%s/%s", family, of), rest);
}

/* ALPHA's entry E1, shared so, on Monday, 2 March. */
static inline struct ledger *with_entry(const char *profile, const char *sharing)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", sharing);
    return ledger;
}

#define DIGEST "'digest':'00000000000000000000000000000000000000000000000000000000000000bb'"
#define FORM "'form':'00000000000000000000000000000000000000000000000000000000000000cc'"
#define MINUTES "'minutes':'00000000000000000000000000000000000000000000000000000000000000dd'"
#define REASONS                                                                                    \
    "'grounds':{'reasons':['数据尚在核查'],"                                                 \
    "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"

static inline void raise_dispute(struct ledger *ledger, const char *kid, const char *kind)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'kind':'%s','reason':'对意见持有异议'", kind);
    must(ledger, kid, "dispute.raise", "request", id, rest);
    memcpy(other, ledger->txid, sizeof other);
}

#define AS_ASKED "'decision':'as-asked','reason':'属履职必需'"

/* BETA's request, refused by ALPHA with these grounds, is in dispute. */
static inline struct ledger *disputed(const char *profile, const char *grounds)
{
    char answer[300];
    struct ledger *ledger = with_entry(profile, "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    (void)snprintf(answer, sizeof answer, "'decision':'refuse',%s", grounds);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, answer);
    raise_dispute(ledger, BETA "/compile", "refusal");
    return ledger;
}

/* ALPHA and the consumer say that they have negotiated in vain. */
static inline void both_refer(struct ledger *ledger, const char *consumer)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", consumer);
    must(ledger, kid, "dispute.refer", "dispute", other, "'reason':'协商不成'," MINUTES);
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other,
         "'reason':'协商不成'," MINUTES);
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
}

#endif
