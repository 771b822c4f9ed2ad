/* Join requests: a good one, every part changed after signing, rules of keys and parties, and the
 * two real agencies whose codes do not check. */
#include "ceremony.h"

#include "base/file.h"
#include "chain/rule.h"
#include "chain/rules/join_request.h"

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(text), 1 << 20), 0);
    return doc;
}

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < AGENCY_COUNT; i++) {
        AUTO(doc_free) struct doc *join = ceremony_join(i);
        assert_int_equal(join_verify(NULL, join), 0);
        assert_int_equal(join_request_chief(join), 0);
    }
}

/* Each change is made after signing and must be refused, with the field named. */
static const struct {
    const char *field;
    const char *value; /* JSON; NULL removes the field */
    int error;
    const char *at;
} changes[] = {
    {"name", "\"某局\"", ERR_SIGNATURE, "signature"},
    {"name", "\"某局\"", ERR_SIGNATURE, "vote_signature"},
    {"name", "\"局\"", ERR_FIELD_LENGTH, "name"},
    {"name", "7", ERR_FIELD_TYPE, "name"},
    {"name", NULL, ERR_FIELD_MISSING, "name"},
    {"member", "\"11440000006940175X\"", ERR_USCC_CHECK, "member"},
    {"member", "\"1144000000694017\"", ERR_USCC_FORM, "member"},
    {"member", "\"11440000006939916J\"", ERR_SIGNATURE, "signature"},
    {"format", "\"dirchain-join/2\"", ERR_FIELD_CHOICE, "format"},
    {"parties", "[]", ERR_FIELD_COUNT, "parties"},
    {"parties", "[\"provider\",\"owner\"]", ERR_FIELD_CHOICE, "parties[1]"},
    {"parties", "[\"provider\",\"consumer\",\"provider\"]", ERR_DUPLICATE, "parties[2]"},
    {"parties", "[\"provider\",\"center\"]", ERR_ADMIN_KEY, "keys"},
    {"peer_endpoint", "\"127.0.0.1\"", ERR_FIELD_FORMAT, "peer_endpoint"},
    {"peer_endpoint", "\"127.0.0.1:9999\"", ERR_SIGNATURE, "signature"},
    {"gateway_endpoint", "\"http://a:1/\"", ERR_FIELD_FORMAT, "gateway_endpoint"},
    {"vote_key", "\"00\"", ERR_FIELD_FORMAT, "vote_key"},
    {"vote_key", "\"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"",
     ERR_KEY_INVALID, "vote_key"},
    {"peer_key", "\"zz\"", ERR_FIELD_FORMAT, "peer_key"},
    {"keys", "[]", ERR_FIELD_COUNT, "keys"},
    {"keys", "{}", ERR_FIELD_TYPE, "keys"},
    {"keys", "[1]", ERR_FIELD_TYPE, "keys[0]"},
    {"signature", "\"\"", ERR_FIELD_LENGTH, "signature"},
    {"signature", NULL, ERR_FIELD_MISSING, "signature"},
    {"vote_signature", NULL, ERR_FIELD_MISSING, "vote_signature"},
    /* 86 characters, but with bits beyond the last byte */
    {"signature",
     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"",
     ERR_BASE64URL, "signature"},
    {"signature",
     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
     ERR_SIGNATURE, "signature"},
    {"contact", "\"张三 13800000000\"", ERR_FIELD_UNKNOWN, "contact"},
};

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        AUTO(doc_free) struct doc *join = ceremony_join(1);
        struct faults faults = {0};
        if (changes[i].value == NULL) {
            doc_remove(join, changes[i].field);
        } else {
            doc_set(join, changes[i].field, parse(changes[i].value));
        }
        int error = join_verify(&faults, join);
        if (error == 0 || error != faults_first(&faults) ||
            !ceremony_has_fault(&faults, changes[i].error, changes[i].at)) {
            AUTO(buf_free) struct buf text = {0};
            faults_append_text(&text, &faults);
            fail_msg("%s = %s: wanted %s at %s, got\n%s", changes[i].field, changes[i].value,
                     error_code(changes[i].error), changes[i].at, buf_text(&text));
        }
    }
}

/* What the keys are is judged even of a request that was signed properly. */
static void check_keys(const char *role, const char *name, uint8_t number, int error,
                       const char *at)
{
    AUTO(doc_free) struct doc *join = ceremony_unsigned(1);
    AUTO(doc_free) struct doc *keys = doc_copy(doc_get(join, "keys"));
    struct faults faults = {0};
    ceremony_add_key(keys, role, number);
    doc_set_text((struct doc *)doc_at(keys, 2), "name", name);
    doc_set(join, "keys", doc_ref(keys));
    assert_int_equal(ceremony_sign(join, &faults, 1), error);
    if (error == 0) {
        assert_int_equal(faults.count, 0);
        return;
    }
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.item[0].field, at);
}

static void test_keys(void **state)
{
    (void)state;
    check_keys("gateway", "gateway", 30, 0, NULL);
    check_keys("gateway", "Gateway", 30, ERR_FIELD_FORMAT, "keys[2].name");
    check_keys("gateway", "compile", 30, ERR_KEY_DUPLICATE, "keys[2].name");
    check_keys("review", "review", ceremony_number(1, 2), ERR_KEY_DUPLICATE, "keys[2].public");
    check_keys("gateway", "gateway", ceremony_number(1, 7), ERR_KEY_DUPLICATE, "keys[2].public");
    check_keys("admin", "admin", 30, ERR_ADMIN_KEY, "keys[2].role");
}

static void test_no_chief(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *join = ceremony_unsigned(1);
    AUTO(doc_free) struct doc *keys = doc_new_array();
    struct faults faults = {0};
    ceremony_add_key(keys, "compile", ceremony_number(1, 1));
    doc_set(join, "keys", doc_ref(keys));
    assert_int_equal(ceremony_sign(join, &faults, 1), ERR_CHIEF_MISSING);
}

static void test_all_faults_under_a_path(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *join = ceremony_join(1);
    struct faults faults = {0};
    doc_set_text(join, "member", "13440000515356094L");
    doc_set_text(join, "name", "局");
    doc_remove(join, "peer_key");
    assert_int_equal(rules_check_join(&faults, join, "members[3]"), ERR_USCC_CHECK);
    assert_true(ceremony_has_fault(&faults, ERR_USCC_CHECK, "members[3].member"));
    assert_true(ceremony_has_fault(&faults, ERR_FIELD_LENGTH, "members[3].name"));
    assert_true(ceremony_has_fault(&faults, ERR_FIELD_MISSING, "members[3].peer_key"));
    assert_true(ceremony_has_fault(&faults, ERR_SIGNATURE, "members[3].signature"));
    assert_true(ceremony_has_fault(&faults, ERR_SIGNATURE, "members[3].vote_signature"));
    assert_int_equal(faults.count, 5);
}

static void test_no_object(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *list = doc_new_array();
    struct faults faults = {0};
    assert_int_equal(join_verify(&faults, list), ERR_FIELD_TYPE);
    assert_int_equal(join_verify(&faults, NULL), ERR_FIELD_MISSING);
    assert_int_equal(faults.count, 2);
}

static void test_signing_needs_the_right_keys(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *join = ceremony_unsigned(1);
    AUTO(ceremony_key_free)
    struct keyfile chief = ceremony_key(KEYFILE_OFFICER, ceremony_number(1, 1));
    AUTO(ceremony_key_free) struct keyfile other = ceremony_key(KEYFILE_OFFICER, 99);
    AUTO(ceremony_key_free) struct keyfile vote = ceremony_key(KEYFILE_VOTE, ceremony_number(1, 7));
    struct keyfile closed = chief;
    closed.secret = NULL;
    struct faults faults = {0};
    assert_int_equal(join_sign(join, &faults, &vote, &vote), ERR_KEY_INVALID);
    assert_int_equal(join_sign(join, &faults, &chief, &chief), ERR_KEY_INVALID);
    assert_int_equal(join_sign(join, &faults, &closed, &vote), ERR_KEY_INVALID);
    faults = (struct faults){0};
    assert_int_equal(join_sign(join, &faults, &other, &vote), ERR_SIGNATURE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.item[0].field, "signature");
}

/* 广东省文献编目中心 and 广东省红十字会: refused by name, and nothing is repaired. */
static void test_real_codes_that_fail(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    size_t seen = 0;
    assert_int_equal(
        file_read(&text, DIRCHAIN_SOURCE_DIR "/samples/duties/invalid-codes.jsonl", 1 << 20), 0);
    for (char *line = (char *)buf_text(&text), *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        *end = 0;
        AUTO(doc_free) struct doc *duty = parse(line);
        AUTO(doc_free) struct doc *join = ceremony_unsigned(1);
        struct faults faults = {0};
        doc_set_text(join, "member", doc_get_text(duty, "agency_code"));
        doc_set_text(join, "name", doc_get_text(duty, "agency"));
        int error = ceremony_sign(join, &faults, 1);
        assert_true(error == ERR_USCC_CHECK || error == ERR_USCC_FORM);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.item[0].field, "member");
        assert_string_equal(doc_get_text(join, "member"), doc_get_text(duty, "agency_code"));
        seen++;
    }
    assert_int_equal(seen, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_no_chief),
        cmocka_unit_test(test_all_faults_under_a_path),
        cmocka_unit_test(test_no_object),
        cmocka_unit_test(test_signing_needs_the_right_keys),
        cmocka_unit_test(test_real_codes_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
