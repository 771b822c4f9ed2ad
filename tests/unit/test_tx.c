/* Transactions: what is accepted and becomes which txid, and a table of hostile ones. */
#include "tx_vectors.h"

#include <pthread.h>

/* ---- accepted ---- */

static void check_signs_the_same(const struct doc *vector, const struct fixture *fixture,
                                 const struct tx *tx)
{
    AUTO(buf_free) struct buf again = {0};
    struct secret_key secret;
    vector_fixed(secret.bytes, sizeof secret.bytes, vector, "secret");
    const struct tx_draft draft = {
        .genesis = &fixture->genesis,
        .member = tx->member,
        .key_name = tx->key_name,
        .type = tx->type->name,
        .nonce = vector_text(vector, "nonce"),
        .expires_ms = tx->expires_ms,
        .body = tx->body,
    };
    VECTOR_CHECK(vector, tx_sign(&again, &draft, &secret) == OK);
    bool same = view_equal(view_of_buf(&again), jws_of(vector));
    VECTOR_CHECK(vector, same == doc_get_bool(vector, "canonical", false));
}

static void check_valid(const struct doc *vector, const struct fixture *fixture)
{
    AUTO(tx_free) struct tx *tx = NULL;
    AUTO(doc_free) struct doc *payload = NULL;
    struct faults faults = {0};
    struct public_key key;
    struct view text = view_of_text(vector_text(vector, "payload"));
    VECTOR_CHECK(vector, tx_parse(&tx, &faults, jws_of(vector), &fixture->genesis) == OK);
    VECTOR_CHECK(vector, faults.count == 0);
    struct hash txid = vector_hash(vector, "txid");
    VECTOR_CHECK(vector, hash_equal(&tx->id, &txid));
    VECTOR_CHECK(vector, strcmp(tx->member, vector_text(vector, "member")) == 0);
    VECTOR_CHECK(vector, strcmp(tx->key_name, vector_text(vector, "key_name")) == 0);
    VECTOR_CHECK(vector, tx->expires_ms == doc_get_int(vector, "expires", 0));
    VECTOR_CHECK(vector, tx->type == &note_type);
    VECTOR_CHECK(vector, view_equal(view_of_buf(&tx->raw), jws_of(vector)));
    VECTOR_CHECK(vector, doc_parse(&payload, text, TX_PAYLOAD_BYTES_MAX) == OK);
    VECTOR_CHECK(vector, doc_equal(tx->payload, payload));
    VECTOR_CHECK(vector, tx->body == doc_get(tx->payload, "body"));
    vector_fixed(key.bytes, sizeof key.bytes, vector, "public");
    VECTOR_CHECK(vector, tx_verify(tx, &key) == OK);
    check_signs_the_same(vector, fixture, tx);
}

static void test_valid(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    const struct doc *valid = doc_get(fixture.vectors, "valid");
    assert_int_equal(doc_count(valid), 18);
    for (size_t i = 0; i < doc_count(valid); i++)
        check_valid(doc_at(valid, i), &fixture);
}

/* The signature is outside the txid: re-encoding it makes no second transaction. */
static void test_high_s_is_the_same_transaction(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(tx_free) struct tx *low = NULL;
    AUTO(tx_free) struct tx *high = NULL;
    struct view low_jws = jws_of(valid_vector(&fixture, "canonical"));
    struct view high_jws = jws_of(valid_vector(&fixture, "high S"));
    assert_int_equal(tx_parse(&low, NULL, low_jws, &fixture.genesis), OK);
    assert_int_equal(tx_parse(&high, NULL, high_jws, &fixture.genesis), OK);
    assert_true(hash_equal(&low->id, &high->id));
    assert_false(view_equal(view_of_buf(&low->raw), view_of_buf(&high->raw)));
    assert_memory_not_equal(&low->signature, &high->signature, sizeof low->signature);
    assert_int_equal(tx_verify(low, &fixture.key), OK);
    assert_int_equal(tx_verify(high, &fixture.key), OK);
}

/* ---- refused ---- */

static void check_refused(const struct doc *vector, const struct fixture *fixture)
{
    AUTO(tx_free) struct tx *tx = NULL;
    struct faults faults = {0};
    const char *expected = vector_text(vector, "error");
    int error = tx_parse(&tx, &faults, jws_of(vector), &fixture->genesis);
    if (strcmp(error_code(error), expected) != 0)
        fail_msg("\"%s\": %s, expected %s", vector_name(vector), error_code(error), expected);
    VECTOR_CHECK(vector, tx == NULL);
    VECTOR_CHECK(vector, faults_first(&faults) == error);
    VECTOR_CHECK(vector, parse_error(fixture, jws_of(vector)) == error); /* without faults */
}

static void test_refused(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    const struct doc *refused = doc_get(fixture.vectors, "refused");
    assert_true(doc_count(refused) >= 110);
    for (size_t i = 0; i < doc_count(refused); i++)
        check_refused(doc_at(refused, i), &fixture);
}

static void test_unverified(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    const struct doc *cases = doc_get(fixture.vectors, "unverified");
    assert_int_equal(doc_count(cases), 10);
    for (size_t i = 0; i < doc_count(cases); i++) {
        AUTO(tx_free) struct tx *tx = NULL;
        const struct doc *vector = doc_at(cases, i);
        VECTOR_CHECK(vector, tx_parse(&tx, NULL, jws_of(vector), &fixture.genesis) == OK);
        VECTOR_CHECK(vector, tx_verify(tx, &fixture.key) == ERR_SIGNATURE);
        VECTOR_CHECK(vector, !tx->verified);
    }
}

/* A carriage return cannot stand in a vector file. */
static void test_line_end_is_refused(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf raw = {0};
    buf_append_view(&raw, jws_of(valid_vector(&fixture, "canonical")));
    buf_append_text(&raw, "\r\n");
    assert_int_equal(parse_error(&fixture, view_of_buf(&raw)), ERR_BASE64URL);
    raw.len -= 2;
    assert_int_equal(parse_error(&fixture, view_of_buf(&raw)), OK);
    buf_append_u8(&raw, 0);
    assert_int_equal(parse_error(&fixture, view_of_buf(&raw)), ERR_BASE64URL);
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    struct view raw = jws_of(valid_vector(&fixture, "made by jwcrypto"));
    for (size_t len = 0; len < raw.len; len++)
        assert_int_not_equal(parse_error(&fixture, view_of(raw.data, len)), OK);
}

static void test_every_changed_byte_is_refused(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf raw = {0};
    size_t unverified = 0;
    buf_append_view(&raw, jws_of(valid_vector(&fixture, "canonical")));
    for (size_t i = 0; i < raw.len; i++) {
        AUTO(tx_free) struct tx *tx = NULL;
        raw.data[i] ^= 1;
        if (tx_parse(&tx, NULL, view_of_buf(&raw), &fixture.genesis) == OK) {
            assert_int_equal(tx_verify(tx, &fixture.key), ERR_SIGNATURE);
            unverified++;
        }
        raw.data[i] ^= 1;
    }
    assert_true(unverified > 80); /* at least the changed signatures came so far */
}

/* ---- faults, life cycle, verification ---- */

static void test_all_faults_at_once(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    struct faults faults = {0};
    static const struct {
        int error;
        const char *field;
    } expected[] = {
        {ERR_TX_CHAIN, "chain"},      {ERR_FIELD_LENGTH, "nonce"},
        {ERR_FIELD_RANGE, "expires"}, {ERR_FIELD_MISSING, "text"},
        {ERR_FIELD_RANGE, "count"},   {ERR_FIELD_LENGTH, "parts[1].name"},
        {ERR_FIELD_UNKNOWN, "other"},
    };
    append_header(&header, &fixture);
    jws_make(&raw, &fixture, view_of_buf(&header),
             view_of_text("{\"chain\":\"00\",\"expires\":0,\"nonce\":\"1\",\"type\":\"test.note\","
                          "\"body\":{\"count\":1001,\"parts\":[{\"name\":\"a\"},{\"name\":\"\"}],"
                          "\"other\":1}}"));
    assert_int_equal(tx_parse(&tx, &faults, view_of_buf(&raw), &fixture.genesis), ERR_TX_CHAIN);
    assert_int_equal(faults.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < faults.count; i++) {
        assert_int_equal(faults.item[i].error, expected[i].error);
        assert_string_equal(faults.item[i].field, expected[i].field);
    }
}

static void test_header_faults_at_once(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    struct faults faults = {0};
    jws_make(&raw, &fixture, view_of_text("{\"alg\":\"none\",\"jwk\":{},\"kid\":\"x\"}"),
             view_of_text("{}"));
    assert_int_equal(tx_parse(&tx, &faults, view_of_buf(&raw), &fixture.genesis), ERR_TX_ALG);
    assert_int_equal(faults.count, 4);
    assert_string_equal(faults.item[0].field, "header.alg");
    assert_string_equal(faults.item[1].field, "header.typ");
    assert_int_equal(faults.item[1].error, ERR_TX_HEADER);
    assert_string_equal(faults.item[2].field, "header.kid");
    assert_int_equal(faults.item[2].error, ERR_TX_KID);
    assert_string_equal(faults.item[3].field, "header.jwk");
}

static void test_verification_is_remembered_by_key(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(tx_free) struct tx *tx = NULL;
    struct secret_key other_secret = {{1}};
    struct public_key other;
    struct public_key invalid = {{5}};
    assert_int_equal(sign_public_key(&other, &other_secret), OK);
    struct view raw = jws_of(valid_vector(&fixture, "canonical"));
    assert_int_equal(tx_parse(&tx, NULL, raw, &fixture.genesis), OK);
    assert_int_equal(tx_verify(tx, &other), ERR_SIGNATURE); /* and that is not remembered */
    assert_int_equal(tx_verify(tx, &invalid), ERR_SIGNATURE);
    assert_int_equal(tx_verify(tx, &fixture.key), OK);
    assert_true(tx->verified);
    assert_int_equal(tx_verify(tx, &other), ERR_SIGNATURE); /* another key asks anew */
    assert_int_equal(tx_verify(tx, &fixture.key), OK);
    assert_memory_equal(&tx->verified_key, &fixture.key, sizeof fixture.key);
}

static void *use_shared(void *argument)
{
    struct tx *shared = argument;
    for (int i = 0; i < 200; i++) {
        struct tx *tx = tx_ref(shared);
        assert_int_equal(tx_verify(tx, &tx->verified_key), OK);
        assert_string_equal(doc_get_text(tx->payload, "type"), "test.note");
        tx_free(&tx);
    }
    tx_free(&shared);
    return NULL;
}

/* Meant for the thread sanitizer; the last holder frees, whichever thread that is. */
static void test_shared_between_threads(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    struct tx *tx = NULL;
    pthread_t threads[4];
    struct view raw = jws_of(valid_vector(&fixture, "canonical"));
    assert_int_equal(tx_parse(&tx, NULL, raw, &fixture.genesis), OK);
    assert_int_equal(tx_verify(tx, &fixture.key), OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_shared, tx_ref(tx)), 0);
    tx_free(&tx);
    assert_null(tx);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* ---- signing ---- */

static void test_sign_draws_nonces(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(tx_free) struct tx *first = NULL;
    AUTO(tx_free) struct tx *second = NULL;
    AUTO(buf_free) struct buf raw = {0};
    doc_set_text(body, "text", "目录");
    const struct tx_draft draft = {.genesis = &fixture.genesis,
                                   .member = fixture.member,
                                   .key_name = "compile",
                                   .type = "test.note",
                                   .expires_ms = 1,
                                   .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &fixture.secret), OK);
    assert_int_equal(tx_parse(&first, NULL, view_of_buf(&raw), &fixture.genesis), OK);
    assert_int_equal(tx_verify(first, &fixture.key), OK);
    assert_int_equal(strlen(doc_get_text(first->payload, "nonce")), 32);
    size_t len = raw.len;
    assert_int_equal(tx_sign(&raw, &draft, &fixture.secret), OK); /* appends */
    struct view added = view_of(raw.data + len, raw.len - len);
    assert_int_equal(tx_parse(&second, NULL, added, &fixture.genesis), OK);
    assert_false(hash_equal(&first->id, &second->id));
}

static void test_sign_refuses(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(doc_free) struct doc *list = doc_new_array();
    AUTO(buf_free) struct buf raw = {0};
    AUTO(buf_free) struct buf long_text = {0};
    const struct tx_draft good = {.genesis = &fixture.genesis,
                                  .member = fixture.member,
                                  .key_name = "compile",
                                  .type = "test.note",
                                  .nonce = "12345678",
                                  .expires_ms = 1,
                                  .body = body};
    struct tx_draft bad[9] = {good, good, good, good, good, good, good, good, good};
    static const int expected[] = {ERR_USCC_FORM,   ERR_TX_KID,       ERR_TX_KID,
                                   ERR_TX_TYPE,     ERR_FIELD_LENGTH, ERR_FIELD_FORMAT,
                                   ERR_FIELD_RANGE, ERR_FIELD_RANGE,  ERR_FIELD_TYPE};
    bad[0].member = "somebody";
    bad[1].key_name = "";
    bad[2].key_name = "Compile";
    bad[3].type = "test.unknown";
    bad[4].nonce = "1234567";
    bad[5].nonce = "1234 5678";
    bad[6].expires_ms = 0;
    bad[7].expires_ms = DOC_INT_MAX + 1;
    bad[8].body = list;
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(tx_sign(&raw, &bad[i], &fixture.secret), expected[i]);
    struct secret_key zero = {{0}};
    assert_int_equal(tx_sign(&raw, &good, &zero), ERR_KEY_INVALID);
    struct doc *deep = doc_new_array();
    for (int level = 3; level < DOC_DEPTH_MAX + 1; level++) {
        struct doc *outer = doc_new_array();
        doc_push(outer, deep);
        deep = outer;
    }
    doc_set(body, "deep", deep);
    assert_int_equal(tx_sign(&raw, &good, &fixture.secret), ERR_JSON_DEPTH);
    doc_remove(body, "deep");
    while (long_text.len < TX_PAYLOAD_BYTES_MAX)
        buf_append_u8(&long_text, 'x');
    doc_set_text(body, "text", buf_text(&long_text));
    assert_int_equal(tx_sign(&raw, &good, &fixture.secret), ERR_TOO_LARGE);
    assert_int_equal(raw.len, 0); /* nothing is appended when it fails */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_high_s_is_the_same_transaction),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unverified),
        cmocka_unit_test(test_line_end_is_refused),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_every_changed_byte_is_refused),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_header_faults_at_once),
        cmocka_unit_test(test_verification_is_remembered_by_key),
        cmocka_unit_test(test_shared_between_threads),
        cmocka_unit_test(test_sign_draws_nonces),
        cmocka_unit_test(test_sign_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
