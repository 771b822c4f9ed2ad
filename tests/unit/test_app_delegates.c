/* Delegates' keys as the application executes what they sign: scope, term and bounds are judged in
 * blocks and at admission alike (PT 2). */
#include "app_ledger.h"

#include "chain/rules/possession.h"

#define THIRD "91440000231112653B"
#define SECRET 210

static void worker_secret(struct secret_key *secret, char hex[2 * PUBLIC_KEY_BYTES + 1])
{
    struct public_key public;
    memset(secret->bytes, SECRET, SECRET_KEY_BYTES);
    assert_int_equal(sign_public_key(&public, secret), 0);
    hex_encode(hex, view_of(public.bytes, sizeof public.bytes));
}

static struct doc *worker_key(const struct ledger *ledger)
{
    struct secret_key secret;
    struct signature signature;
    struct hash digest;
    AUTO(buf_free) struct buf proof = {0};
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    worker_secret(&secret, hex);
    possession_digest(&digest, &ledger->genesis_hash, agencies[1], "worker", hex);
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    base64url_append(&proof, view_of(signature.bytes, sizeof signature.bytes));
    struct doc *key = doc_new_object();
    doc_set_text(key, "name", "worker");
    doc_set_text(key, "role", "compile");
    doc_set_text(key, "public", hex);
    doc_set_text(key, "proof", buf_text(&proof));
    return key;
}

/* Agency 1 entrusts a third party with test.put, until a day of 2027. */
static struct tx *grant_tx(struct ledger *ledger, const char *until)
{
    struct doc *body = doc_new_object(), *keys = doc_new_array(), *types = doc_new_array();
    doc_push(keys, worker_key(ledger));
    doc_push_text(types, "test.put");
    doc_set_text(body, "code", "lan");
    doc_set_text(body, "delegate", THIRD);
    doc_set_text(body, "delegate_name", "数据服务公司");
    doc_set_text(body, "basis", "政府采购法");
    doc_set(body, "keys", keys);
    doc_set(body, "types", types);
    doc_set_text(body, "until", until);
    return ledger_tx(ledger, 1, KEY_CHIEF, "delegation.grant", body);
}

static struct tx *worker_tx(struct ledger *ledger, const char *type, int64_t reads)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(doc_free) struct doc *body = test_body("a", 1);
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    struct secret_key secret;
    struct public_key public;
    struct tx *tx = NULL;
    worker_secret(&secret, hex);
    doc_set_int(body, "reads", reads);
    const struct tx_draft draft = {.genesis = &ledger->genesis_hash,
                                   .member = agencies[1],
                                   .key_name = "worker",
                                   .type = type,
                                   .expires_ms = app_tip_time_ms(ledger->app) + 60000,
                                   .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &ledger->genesis_hash), 0);
    assert_int_equal(sign_public_key(&public, &secret), 0);
    assert_int_equal(tx_verify(tx, &public), 0);
    return tx;
}

/* In a block, and at admission. */
static void expect(struct ledger *ledger, const char *type, int64_t reads, int error)
{
    struct tx *tx = worker_tx(ledger, type, reads);
    assert_int_equal(judge(ledger, tx), error);
    assert_int_equal(app_check(ledger->app, NULL, tx, true), error);
    tx_free(&tx);
}

static void a_delegate_signs_what_was_delegated_and_no_more(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *grant[] = {grant_tx(&ledger, "2099-12-31")};
    expect(&ledger, "test.put", 0, ERR_TX_KEY);
    ledger_append(&ledger, grant, 1);
    expect(&ledger, "test.put", 0, 0);
    expect(&ledger, "test.only", 0, ERR_DELEGATION_SCOPE);
    /* What judging the delegate reads is not the rule's: its own bound stands. */
    expect(&ledger, "test.put", 7, 0);
    expect(&ledger, "test.put", 7 + DELEGATE_READS_MAX + 1, ERR_TX_BOUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegate_signs_what_was_delegated_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
