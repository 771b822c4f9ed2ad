/* Steps on keys of ALPHA that several tests take; include after rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_KEY_STEPS_H
#define DIRCHAIN_TESTS_KEY_STEPS_H

#include "chain/rules/possession.h"

/* key.suspend, key.restore or key.retire of a key of `member`. */
static inline int key_step(struct ledger *ledger, const char *kid, const char *type,
                           const char *member, const char *name)
{
    return ledger_do(ledger, kid, type,
                     "{'member':'%s','name':'%s','acts_on':'%s','reason':'疑似遗失'}", member, name,
                     ledger_version(ledger, "key/%s/%s", member, name));
}

/* What the holder of the new key hands over; signed for `signed_name`. */
static inline void key_proof(char out[100], struct ledger *ledger, const char *kid,
                             const char *signed_name)
{
    char member[MEMBER_ID_CHARS + 1];
    struct hash digest;
    struct signature signature;
    AUTO(buf_free) struct buf text = {0};
    struct secret_key secret = fixture_secret_of(kid);
    (void)snprintf(member, sizeof member, "%.*s", MEMBER_ID_CHARS, kid);
    possession_digest(&digest, &ledger->genesis_hash, member, signed_name, fixture_public(kid));
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(out, 100, "%s", buf_text(&text));
}

/* BETA entrusts a third party with bringing entries up to date, by its gateway key gw-lan. */
static inline void key_entrust_refresh(struct ledger *ledger)
{
    char proof[100];
    key_proof(proof, ledger, BETA "/gw-lan", "gw-lan");
    ledger_must(ledger, BETA "/chief", "delegation.grant",
                "{'code':'lan','delegate':'91440000231112653B','delegate_name':'数据服务公司','types':["
                "'catalog.refresh'],'until':'2026-12-31','basis':'政府采购法','keys':[{'name':"
                "'gw-lan','role':'gateway','public':'%s','proof':'%s'}]}",
                fixture_public(BETA "/gw-lan"), proof);
}

/* kid rotates ALPHA's key `name`; the proof is signed for `signed_name`. */
static inline int key_turn(struct ledger *ledger, const char *kid, const char *name,
                           const char *new_kid, const char *signed_name)
{
    char proof[100];
    key_proof(proof, ledger, new_kid, signed_name);
    return ledger_do(ledger, kid, "key.rotate",
                     "{'name':'%s','acts_on':'%s','new_name':'%s','new_public':'%s',"
                     "'proof':'%s','reason':'定期更换'}",
                     name, ledger_version(ledger, "key/" ALPHA "/%s", name),
                     new_kid + MEMBER_ID_CHARS + 1, fixture_public(new_kid), proof);
}

#endif
