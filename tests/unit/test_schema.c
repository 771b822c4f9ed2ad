/* Tables of fields: every kind with good and bad values, all faults at once with their paths, and
 * the documents generated from the tables. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char *const colours[] = {"red", "green", NULL};
static const struct field element_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 3, .clause = "CN 1"},
    {.name = "size", .kind = FIELD_INT, .min = -1, .max = 9},
    {0},
};
static const struct field element = {.kind = FIELD_OBJECT, .fields = element_fields};
static const struct field hash_element = {.kind = FIELD_HASH};

static const struct field all_fields[] = {
    {.name = "text", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 4},
    {.name = "words", .kind = FIELD_TEXT, .says = true, .min = 1, .max = 4},
    {.name = "int", .kind = FIELD_INT, .min = 2, .max = 5, .english = "A number", .chinese = "数"},
    {.name = "bool", .kind = FIELD_BOOL},
    {.name = "choice", .kind = FIELD_CHOICE, .choices = colours},
    {.name = "member", .kind = FIELD_MEMBER},
    {.name = "hash", .kind = FIELD_HASH},
    {.name = "code", .kind = FIELD_CODE, .min = 2, .max = 6},
    {.name = "public", .kind = FIELD_PUBLIC_KEY},
    {.name = "vote", .kind = FIELD_VOTE_KEY},
    {.name = "peer", .kind = FIELD_PEER_KEY},
    {.name = "date", .kind = FIELD_DATE},
    {.name = "time", .kind = FIELD_TIME},
    {.name = "endpoint", .kind = FIELD_ENDPOINT},
    {.name = "object", .kind = FIELD_OBJECT, .fields = element_fields},
    {.name = "list", .kind = FIELD_LIST, .min = 1, .max = 2, .element = &element},
    {.name = "hashes", .kind = FIELD_LIST, .min = 0, .max = 1, .element = &hash_element},
    {0},
};

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(text), 65536), 0);
    return doc;
}

#define HEX64 "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" /* x of G */
#define NINES "9999999999999999999999999999999999999999999999999999999999999999"

static const struct {
    const char *member; /* of the object, beside "text" */
    int error;
    const char *path;
} cases[] = {
    {"\"text\":\"\"", ERR_FIELD_LENGTH, "text"},
    {"\"text\":\"目录链表\"", 0, NULL},
    {"\"text\":\" \"", 0, NULL},
    {"\"words\":\"无\"", 0, NULL},
    {"\"words\":\" 　—\"", ERR_FIELD_BLANK, "words"},
    {"\"words\":\"\"", ERR_FIELD_LENGTH, "words"},
    {"\"text\":\"目录链表格\"", ERR_FIELD_LENGTH, "text"},
    {"\"text\":\"\u200b\ufffd𠮷\"", 0, NULL},
    {"\"text\":\"目\u202e录\"", ERR_TEXT_CHARACTER, "text"},
    {"\"text\":\"\ue000\"", ERR_TEXT_CHARACTER, "text"},
    {"\"text\":\"\uffff\"", ERR_TEXT_CHARACTER, "text"},
    {"\"object\":{\"name\":\"\u2066\"}", ERR_TEXT_CHARACTER, "object.name"},
    {"\"text\":null", ERR_FIELD_TYPE, "text"},
    {"\"text\":7", ERR_FIELD_TYPE, "text"},
    {"\"int\":2", 0, NULL},
    {"\"int\":5", 0, NULL},
    {"\"int\":1", ERR_FIELD_RANGE, "int"},
    {"\"int\":6", ERR_FIELD_RANGE, "int"},
    {"\"int\":\"2\"", ERR_FIELD_TYPE, "int"},
    {"\"bool\":false", 0, NULL},
    {"\"bool\":0", ERR_FIELD_TYPE, "bool"},
    {"\"choice\":\"green\"", 0, NULL},
    {"\"choice\":\"blue\"", ERR_FIELD_CHOICE, "choice"},
    {"\"member\":\"91350100M000100Y43\"", 0, NULL},
    {"\"member\":\"91350100M000100Y44\"", ERR_USCC_CHECK, "member"},
    {"\"member\":\"\"", ERR_USCC_FORM, "member"},
    {"\"hash\":\"" NINES "\"", 0, NULL},
    {"\"hash\":\"" HEX64 "0\"", ERR_FIELD_FORMAT, "hash"},
    {"\"hash\":\"79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798\"",
     ERR_FIELD_FORMAT, "hash"},
    {"\"code\":\"a.B_-9\"", 0, NULL},
    {"\"code\":\"a\"", ERR_FIELD_LENGTH, "code"},
    {"\"code\":\"a.B_-9x\"", ERR_FIELD_LENGTH, "code"},
    {"\"code\":\"a/b\"", ERR_FIELD_FORMAT, "code"},
    {"\"code\":\"..\"", ERR_FIELD_FORMAT, "code"},
    {"\"code\":\"...\"", ERR_FIELD_FORMAT, "code"},
    {"\"code\":\"..a\"", 0, NULL},
    {"\"code\":\"a b\"", ERR_FIELD_FORMAT, "code"},
    {"\"code\":\"目录\"", ERR_FIELD_FORMAT, "code"},
    {"\"public\":\"02" HEX64 "\"", 0, NULL},
    {"\"public\":\"04" HEX64 "\"", ERR_KEY_INVALID, "public"},
    {"\"public\":\"" HEX64 "\"", ERR_FIELD_FORMAT, "public"},
    {"\"vote\":\"" HEX64 "\"", 0, NULL},
    {"\"vote\":\"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"",
     ERR_KEY_INVALID, "vote"},
    {"\"peer\":\"" NINES "\"", 0, NULL},
    {"\"peer\":\"99\"", ERR_FIELD_FORMAT, "peer"},
    {"\"date\":\"2026-02-28\"", 0, NULL},
    {"\"date\":\"2026-02-29\"", ERR_DATE, "date"},
    {"\"time\":0", 0, NULL},
    {"\"time\":253370735999999", 0, NULL},
    {"\"time\":253370736000000", ERR_FIELD_RANGE, "time"},
    {"\"time\":-1", ERR_FIELD_RANGE, "time"},
    {"\"endpoint\":\"node-1.example.cn:9000\"", 0, NULL},
    {"\"endpoint\":\"[::1]:65535\"", 0, NULL},
    {"\"endpoint\":\"a:65536\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a:99999999999999999999\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a:0\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a:080\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a:\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\":80\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"-a:80\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"a/../b:80\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"endpoint\":\"::1:80\"", ERR_FIELD_FORMAT, "endpoint"},
    {"\"object\":{\"name\":\"x\"}", 0, NULL},
    {"\"object\":{}", ERR_FIELD_MISSING, "object.name"},
    {"\"object\":[]", ERR_FIELD_TYPE, "object"},
    {"\"object\":{\"name\":\"x\",\"other\":1}", ERR_FIELD_UNKNOWN, "object.other"},
    {"\"list\":[]", ERR_FIELD_COUNT, "list"},
    {"\"list\":[{\"name\":\"a\"},{\"name\":\"b\",\"size\":-1}]", 0, NULL},
    {"\"list\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]", ERR_FIELD_COUNT, "list"},
    {"\"list\":[{\"name\":\"a\"},{\"name\":\"abcd\"}]", ERR_FIELD_LENGTH, "list[1].name"},
    {"\"list\":{}", ERR_FIELD_TYPE, "list"},
    {"\"hashes\":[]", 0, NULL},
    {"\"hashes\":[\"12\"]", ERR_FIELD_FORMAT, "hashes[0]"},
    {"\"txet\":1", ERR_FIELD_UNKNOWN, "txet"},
};

static void each_kind_accepts_and_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(buf_free) struct buf text = {0};
        bool own_text = strncmp(cases[i].member, "\"text\"", 6) == 0;
        buf_append_format(&text, "{%s%s}", own_text ? "" : "\"text\":\"t\",", cases[i].member);
        AUTO(doc_free) struct doc *doc = parse(buf_text(&text));
        struct faults faults = {0};
        int error = schema_check_fields(all_fields, doc, NULL, &faults);
        if (error != cases[i].error || (error != 0 && strcmp(faults.item[0].field, cases[i].path)))
            fail_msg("%s: %s at '%s'", cases[i].member, error_code(error), faults.item[0].field);
        assert_int_equal(faults.count, error != 0);
        if (error == ERR_FIELD_TYPE || error == ERR_FIELD_FORMAT || error == ERR_DATE) {
            assert_true(faults.item[0].may[0] != 0); /* says what it takes */
        }
        assert_int_equal(schema_check_fields(all_fields, doc, NULL, NULL), error);
    }
}

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    AUTO(doc_free)
    struct doc *doc =
        parse("{\"int\":9,\"zzz\":1,\"list\":[{\"name\":\"long\"},{\"size\":\"x\"}]}");
    struct faults faults = {0};
    assert_int_equal(schema_check_fields(all_fields, doc, "payload.body", &faults),
                     ERR_FIELD_MISSING);
    static const struct {
        int error;
        const char *field;
        const char *clause;
    } expected[] = {
        {ERR_FIELD_MISSING, "payload.body.text", NULL},
        {ERR_FIELD_RANGE, "payload.body.int", NULL},
        {ERR_FIELD_LENGTH, "payload.body.list[0].name", "CN 1"},
        {ERR_FIELD_MISSING, "payload.body.list[1].name", "CN 1"},
        {ERR_FIELD_TYPE, "payload.body.list[1].size", NULL},
        {ERR_FIELD_UNKNOWN, "payload.body.zzz", NULL},
    };
    assert_int_equal(faults.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < faults.count; i++) {
        assert_int_equal(faults.item[i].error, expected[i].error);
        assert_string_equal(faults.item[i].field, expected[i].field);
        assert_true(expected[i].clause == NULL
                        ? faults.item[i].clause[0] == '\0'
                        : strcmp(faults.item[i].clause, expected[i].clause) == 0);
    }
}

/* A fault of a transaction's body names the field's clause, or the type's. */
static void faults_of_a_body_name_a_clause(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = parse("{\"zzz\":1}");
    const struct doc *const bodies[] = {doc, doc_get(doc, "zzz"), NULL};
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        for (size_t k = 0; k < sizeof bodies / sizeof *bodies; k++) {
            struct faults faults = {0};
            assert_int_not_equal(schema_check(schema_at(i), bodies[k], &faults), 0);
            assert_true(faults.count > 0);
            for (size_t n = 0; n < faults.count; n++) {
                assert_true(faults.item[n].clause[0] != '\0');
            }
        }
    }
}

static void long_paths_are_cut_not_overrun(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    buf_append_text(&text, "{\"text\":\"t\",\"");
    for (int i = 0; i < 3000; i++)
        buf_append_text(&text, "k");
    buf_append_text(&text, "\":1}");
    AUTO(doc_free) struct doc *doc = parse(buf_text(&text));
    struct faults faults = {0};
    assert_int_equal(schema_check_fields(all_fields, doc, NULL, &faults), ERR_FIELD_UNKNOWN);
    assert_int_equal(strlen(faults.item[0].field), FAULT_FIELD_BYTES_MAX - 1);
}

static void a_body_must_be_an_object(void **state)
{
    (void)state;
    struct tx_type type = {.name = "test.type", .fields = all_fields};
    struct faults faults = {0};
    AUTO(doc_free) struct doc *list = doc_new_array();
    assert_int_equal(schema_check(&type, list, &faults), ERR_FIELD_TYPE);
    assert_string_equal(faults.item[0].field, "body");
    assert_int_equal(schema_check(&type, NULL, &faults), ERR_FIELD_MISSING);
    assert_int_equal(schema_check_fields(all_fields, list, "x", &faults), ERR_FIELD_TYPE);
    assert_string_equal(faults.item[2].field, "x");
}

static void json_schema_says_what_is_checked(void **state)
{
    (void)state;
    static const struct field fields[] = {
        {.name = "code", .kind = FIELD_CODE, .required = true, .min = 1, .max = 8},
        {.name = "kind",
         .kind = FIELD_CHOICE,
         .choices = colours,
         .english = "Colour",
         .chinese = "颜色",
         .clause = "CN 3"},
        {.name = "list", .kind = FIELD_LIST, .min = 1, .max = 2, .element = &element},
        {0},
    };
    AUTO(doc_free) struct doc *schema = schema_to_json_schema(fields);
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, schema);
    assert_string_equal(
        buf_text(&text),
        "{\"additionalProperties\":false,\"properties\":{"
        "\"code\":{\"maxLength\":8,\"minLength\":1,\"pattern\":\"^[.]*[A-Za-z0-9_-][A-Za-z0-9._-]*$"
        "\","
        "\"type\":\"string\"},"
        "\"kind\":{\"description\":\"Colour / 颜色 (CN 3)\",\"enum\":[\"red\",\"green\"],"
        "\"type\":\"string\"},"
        "\"list\":{\"items\":{\"additionalProperties\":false,\"properties\":{"
        "\"name\":{\"maxLength\":3,\"minLength\":1,\"type\":\"string\"},"
        "\"size\":{\"maximum\":9,\"minimum\":-1,\"type\":\"integer\"}},"
        "\"required\":[\"name\"],\"type\":\"object\"},"
        "\"maxItems\":2,\"minItems\":1,\"type\":\"array\"}},"
        "\"required\":[\"code\"],\"type\":\"object\"}");
}

/* Every table of the real types must be complete: what is missing there would be missing in the
 * check, the OpenAPI document and the reference alike. */
static void check_table(const struct tx_type *type, const struct field *field, bool named)
{
    for (; named ? field->name != NULL : true; field++) {
        bool bounded = field->kind == FIELD_TEXT || field->kind == FIELD_CODE ||
                       field->kind == FIELD_INT || field->kind == FIELD_LIST;
        if (named && (field->english == NULL || field->chinese == NULL))
            fail_msg("%s: %s has no meaning", type->name, field->name);
        if (bounded && (field->min > field->max || field->max == 0))
            fail_msg("%s: %s has no bounds", type->name, field->name);
        if (field->kind == FIELD_CHOICE)
            assert_non_null(field->choices);
        if (field->kind == FIELD_OBJECT)
            check_table(type, field->fields, true);
        if (field->kind == FIELD_LIST)
            check_table(type, field->element, false);
        if (!named)
            return;
    }
}

static void the_registry_is_ordered_and_complete(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf reference = {0};
    schema_append_reference(&reference);
    const char *text = buf_text(&reference);
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        const struct tx_type *type = schema_at(i);
        if (i > 0)
            assert_true(strcmp(schema_at(i - 1)->name, type->name) < 0);
        assert_ptr_equal(schema_find(type->name), type);
        assert_true(type->english != NULL && type->chinese != NULL && type->apply != NULL);
        assert_non_null(type->clause);
        assert_true(type->roles != 0 && type->cost > 0 && type->writes_max > 0);
        check_table(type, type->fields, true);
        AUTO(buf_free) struct buf heading = {0};
        buf_append_format(&heading, "\n## `%s`\n", type->name);
        assert_non_null(strstr(text, buf_text(&heading)));
    }
    assert_null(schema_find("no.such-type"));
    assert_null(schema_find(""));
    assert_null(schema_find(NULL));
}

static void roles_and_parties_have_text_forms(void **state)
{
    (void)state;
    for (int role = 0; role < ROLE_COUNT; role++) {
        enum role back = ROLE_COUNT;
        assert_int_equal(role_from_text(&back, role_text((enum role)role)), 0);
        assert_int_equal(back, role);
    }
    enum role role;
    assert_int_equal(role_from_text(&role, "king"), ERR_FIELD_CHOICE);
    assert_int_equal(role_from_text(&role, NULL), ERR_FIELD_CHOICE);
    AUTO(doc_free) struct doc *texts = parse("[\"upper\",\"provider\",\"nobody\",3]");
    assert_int_equal(party_bits(texts), PARTY_PROVIDER | PARTY_UPPER);
    assert_int_equal(party_bits(NULL), 0);
    assert_string_equal(party_text(2), "center");
    assert_null(party_text(6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_accepts_and_refuses),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(faults_of_a_body_name_a_clause),
        cmocka_unit_test(long_paths_are_cut_not_overrun),
        cmocka_unit_test(a_body_must_be_an_object),
        cmocka_unit_test(json_schema_says_what_is_checked),
        cmocka_unit_test(the_registry_is_ordered_and_complete),
        cmocka_unit_test(roles_and_parties_have_text_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
