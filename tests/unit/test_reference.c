/* The registry and what is generated from it.
 *
 * docs/spec/transactions.md must be what the tables say. After changing a table, rewrite it with
 *     DIRCHAIN_REWRITE=1 build/dev/tests/test_reference
 * and read the diff. */
#include "check.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/rule.h"
#include "chain/rules/registry.h"

#include <stdlib.h>
#include <string.h>

#define REFERENCE DIRCHAIN_SOURCE_DIR "/docs/spec/transactions.md"

static void the_reference_is_what_the_tables_say(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf generated = {0}, committed = {0};
    schema_append_reference(&generated);
    if (getenv("DIRCHAIN_REWRITE") != NULL) {
        FILE *file = fopen(REFERENCE, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(generated.data, 1, generated.len, file), generated.len);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(file_read(&committed, REFERENCE, 1 << 20), 0);
    if (!view_equal(view_of_buf(&generated), view_of_buf(&committed))) {
        fail_msg("docs/spec/transactions.md is out of date: rewrite it with "
                 "DIRCHAIN_REWRITE=1 build/dev/tests/test_reference, and read the diff");
    }
}

static void types_are_complete_and_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < rules_type_count; i++) {
        const struct tx_type *type = rules_types[i];
        assert_true(i == 0 || strcmp(rules_types[i - 1]->name, type->name) < 0);
        assert_ptr_equal(schema_find(type->name), type);
        assert_non_null(type->apply);
        assert_non_null(type->fields);
        assert_true(type->roles != 0 && type->roles < 1u << ROLE_COUNT);
        assert_true(type->reads_max > 0 && type->writes_max > 0 && type->cost > 0);
        assert_true(strlen(type->english) > 0 && strlen(type->chinese) > 0);
        assert_true(strlen(type->clause) > 0);
    }
    assert_null(schema_find("catalog"));
    assert_null(schema_find(""));
    assert_null(schema_find(NULL));
}

/* Every field says what it means in both languages, and its bounds make sense. */
static void check_table(const struct field *fields, int depth)
{
    assert_true(depth < 8);
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct field *value = field;
        if (field->english == NULL || field->chinese == NULL) {
            fail_msg("%s has no meaning", field->name);
        }
        for (const struct field *other = fields; other != field; other++) {
            assert_string_not_equal(other->name, field->name);
        }
        assert_true(field->min <= field->max);
        for (; value->kind == FIELD_LIST; value = value->element) {
            assert_true(value->max > 0);
            assert_non_null(value->element);
        }
        if (value->kind == FIELD_TEXT || value->kind == FIELD_CODE) {
            assert_true(value->max > 0);
        }
        if (value->kind == FIELD_CHOICE) {
            assert_non_null(value->choices[0]);
        }
        if (value->kind == FIELD_OBJECT) {
            check_table(value->fields, depth + 1);
        }
    }
}

static void fields_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < rules_type_count; i++) {
        check_table(rules_types[i]->fields, 0);
    }
    check_table(rules_join_fields, 0);
    check_table(rules_profile_fields, 0);
}

/* Where a text stands in a body, from the inside out. */
struct around {
    const struct around *outer;
    const char *name; /* NULL: in a list of so many */
    int64_t count;
};

static struct doc *put_in(struct doc *value, const struct around *around)
{
    for (; around != NULL; around = around->outer) {
        struct doc *outer = around->name != NULL ? doc_new_object() : doc_new_array();
        for (int64_t i = 0; around->name == NULL && i < around->count; i++) {
            doc_push(outer, doc_ref(value));
        }
        if (around->name != NULL) {
            doc_set(outer, around->name, doc_ref(value));
        }
        doc_free(&value);
        value = outer;
    }
    return value;
}

/* PT 11: an agency's refusal without a basis is on record as one: its rule judges the basis. */
static bool is_judged(const struct around *around)
{
    return around->name != NULL && strcmp(around->name, "basis") == 0 && around->outer != NULL &&
           around->outer->name != NULL && strcmp(around->outer->name, "refusal") == 0;
}

static void check_blank(const struct field *root, const struct field *text,
                        const struct around *around)
{
    AUTO(buf_free) struct buf blank = {0};
    for (int64_t i = 0; i < text->min; i++) {
        buf_append_text(&blank, i % 2 == 0 ? " " : "\u3000");
    }
    AUTO(doc_free) struct doc *body = put_in(doc_new_text(buf_text(&blank)), around);
    struct faults faults = {0};
    (void)schema_check_fields(root, body, NULL, &faults);
    bool told = false;
    for (size_t i = 0; i < faults.count; i++) {
        told = told || faults.item[i].error == ERR_FIELD_BLANK;
    }
    if (told == is_judged(around)) {
        fail_msg("%s of blanks %s", around->name == NULL ? "element" : around->name,
                 told ? "is refused" : "passes");
    }
}

static void check_texts(const struct field *root, const struct field *value,
                        const struct around *around)
{
    if (value->kind == FIELD_TEXT && value->min > 0) {
        check_blank(root, value, around);
    } else if (value->kind == FIELD_LIST) {
        struct around each = {.outer = around, .count = value->min > 0 ? value->min : 1};
        check_texts(root, value->element, &each);
    } else if (value->kind == FIELD_OBJECT) {
        for (const struct field *field = value->fields; field->name != NULL; field++) {
            struct around inner = {.outer = around, .name = field->name};
            check_texts(root, field, &inner);
        }
    }
}

/* PT 13: 附退回原因; PT 20: 提供明确的…依据; PT 26: 且未提供依据和理由: blanks are none, wherever a
 * text is asked for. */
static void texts_say_something(void **state)
{
    (void)state;
    for (size_t i = 0; i < rules_type_count; i++) {
        struct field body = {.kind = FIELD_OBJECT, .fields = rules_types[i]->fields};
        check_texts(body.fields, &body, NULL);
    }
    struct field profile = {.kind = FIELD_OBJECT, .fields = rules_profile_fields};
    check_texts(profile.fields, &profile, NULL);
}

/* The law acts on versions: whoever acts on an entry, a request or a grant names the one it saw. */
static void acts_name_the_version_they_act_on(void **state)
{
    (void)state;
    static const char *const acting[] = {
        "access.batch",      "access.open",     "agreement.sign", "catalog.assess",
        "catalog.attribute", "catalog.bind",    "catalog.change", "catalog.retire",
        "catalog.review",    "catalog.withdraw", "delegation.end",    "designation.withdraw", "duty.retire",     "grant.end",      "grant.restore",
        "grant.suspend",     "grant.terminate", "key.restore",    "key.retire",
        "key.rotate",        "key.suspend",     "officer.end",    "officer.update", "member.remove",
        "member.restore",    "member.suspend",  "member.update",  "profile.publish",
        "request.answer",    "request.assess",  "request.intake", "request.submit",
        "request.withdraw"};
    for (size_t i = 0; i < COUNT_OF(acting); i++) {
        bool found = false;
        for (const struct field *field = schema_find(acting[i])->fields; field->name != NULL;
             field++) {
            found = found || (strcmp(field->name, "acts_on") == 0 && field->kind == FIELD_HASH &&
                              field->required);
        }
        if (!found) {
            fail_msg("%s does not name a version", acting[i]);
        }
    }
}

/* The operators' manual says what each key is for: "no transaction" of the roles that no type
 * names, and of no other. */
static void the_manual_says_which_keys_sign_nothing(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf manual = {0};
    assert_int_equal(file_read(&manual, DIRCHAIN_SOURCE_DIR "/docs/operators.md", 1 << 20), 0);
    for (int role = 0; role < ROLE_COUNT; role++) {
        char name[64], row[512];
        bool signs = false;
        for (size_t i = 0; i < rules_type_count; i++) {
            signs = signs || (rules_types[i]->roles & 1u << role) != 0;
        }
        (void)snprintf(name, sizeof name, "\n| `%s`", role_text((enum role)role));
        const char *at = strstr(buf_text(&manual), name);
        if (at == NULL) { /* one row for several */
            (void)snprintf(name, sizeof name, ", `%s`", role_text((enum role)role));
            at = strstr(buf_text(&manual), name);
        }
        assert_non_null(at);
        (void)snprintf(row, sizeof row, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
        if (signs == (strstr(row, "no transaction") != NULL)) {
            fail_msg("%s: signs %s, and the manual says: %s", role_text((enum role)role),
                     signs ? "transactions" : "nothing", row);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_what_the_tables_say),
        cmocka_unit_test(types_are_complete_and_in_order),
        cmocka_unit_test(fields_are_explained),
        cmocka_unit_test(texts_say_something),
        cmocka_unit_test(acts_name_the_version_they_act_on),
        cmocka_unit_test(the_manual_says_which_keys_sign_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
