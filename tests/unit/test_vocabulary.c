/* Words: whatever a page or a terminal shows of a choice, a status, an act or a member's name has
 * its Chinese, and the tables are in order. */
#include "check.h"

#include "chain/rules/term_kinds.h"
#include "chain/schema.h"
#include "exchange/labels.h"
#include "exchange/words.h"

#include <string.h>

static unsigned missing;

static void need_word(const char *where, const char *member, const char *word)
{
    bool protocol = word[0] >= 'a' && word[0] <= 'z' && strchr(word, '/') == NULL;
    if (protocol && word_chinese(member, word) == NULL) {
        print_message("%s: {\"%s:%s\", …}\n", where, member == NULL ? "" : member, word);
        missing++;
    }
}

/* The choices of a table, of what is nested in it, and of the elements of its lists, whose member
 * is the list's. */
static void need_choices(const char *where, const struct field *fields, const char *list)
{
    for (const struct field *field = fields; list != NULL || field->name != NULL; field++) {
        const char *name = list != NULL ? list : field->name;
        for (const char *const *choice = field->choices; choice != NULL && *choice != NULL;
             choice++)
            need_word(where, name, *choice);
        if (field->fields != NULL)
            need_choices(where, field->fields, NULL);
        if (field->element != NULL)
            need_choices(where, field->element, name);
        if (list != NULL)
            break; /* a list has one kind of element */
    }
}

static void every_choice_has_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; schema_at(i) != NULL; i++)
        need_choices(schema_at(i)->name, schema_at(i)->fields, NULL);
    assert_int_equal(missing, 0);
}

static bool has_label(const char *name)
{
    const char *member, *chinese;
    for (size_t i = 0; (member = label_at(i, &chinese)) != NULL; i++)
        if (strcmp(member, name) == 0)
            return true;
    return false;
}

/* Pages show every member of a transaction by a label. */
static void need_labels(const char *where, const struct field *fields)
{
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++) {
        if (!has_label(field->name)) {
            print_message("%s: {\"%s\", …}\n", where, field->name);
            missing++;
        }
        need_labels(where, field->fields);
        if (field->element != NULL)
            need_labels(where, field->element->fields);
    }
}

static void every_member_has_a_label(void **state)
{
    (void)state;
    missing = 0;
    for (size_t i = 0; schema_at(i) != NULL; i++)
        need_labels(schema_at(i)->name, schema_at(i)->fields);
    assert_int_equal(missing, 0);
}

/* An end that nobody met is an act of its term's name, unless the ledger does something else. */
static void every_overdue_term_has_a_word(void **state)
{
    char act[64];
    (void)state;
    missing = 0;
    for (size_t i = 0; term_kind_at(i) != NULL; i++) {
        const struct term_kind *kind = term_kind_at(i);
        (void)snprintf(act, sizeof act, "%s-overdue", kind->name);
        if (kind->end == NULL)
            need_word("term_kinds.c", "effect", act);
    }
    assert_int_equal(missing, 0);
}

static void check_order(const char *(*at)(size_t index, const char **chinese))
{
    const char *before = "", *word, *chinese;
    for (size_t i = 0; (word = at(i, &chinese)) != NULL; i++, before = word) {
        if (strcmp(before, word) >= 0)
            fail_msg("%s, %s", before, word);
        assert_true(chinese[0] != 0);
    }
    assert_null(chinese);
}

static void the_tables_are_in_order(void **state)
{
    (void)state;
    check_order(word_at);
    check_order(label_at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_has_a_word),
        cmocka_unit_test(every_member_has_a_label),
        cmocka_unit_test(every_overdue_term_has_a_word),
        cmocka_unit_test(the_tables_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
