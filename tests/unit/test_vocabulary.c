/* Words: whatever a page or a terminal shows of a choice, a status or an act has its Chinese, and
 * the table is in order. */
#include "check.h"

#include "chain/rules/term_kinds.h"
#include "chain/schema.h"
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

static void the_table_is_in_order(void **state)
{
    const char *before = "", *word, *chinese;
    (void)state;
    for (size_t i = 0; (word = word_at(i, &chinese)) != NULL; i++, before = word) {
        if (strcmp(before, word) >= 0)
            fail_msg("%s, %s", before, word);
        assert_true(chinese[0] != 0);
    }
    assert_null(chinese);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_has_a_word),
        cmocka_unit_test(every_overdue_term_has_a_word),
        cmocka_unit_test(the_table_is_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
