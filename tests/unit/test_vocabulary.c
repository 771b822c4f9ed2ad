/* Words: whatever a page or a terminal shows of a choice, a status, an act or a member's name has
 * its Chinese, and the tables are in order. */
#include "check.h"

#include "api/list_words.h"
#include "api/matter_kinds.h"
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

static void need_words(const char *where, const char *member, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        need_word(where, member, words[i]);
        if (i > 0 && strcmp(words[i - 1], words[i]) >= 0)
            fail_msg("%s, %s", words[i - 1], words[i]);
    }
}

/* What lists may be asked for is what there is, in words; the kinds of matters and of terms have
 * tables of their own. (Statuses and effects: tests/rules/word_habit.c.) */
static void lists_take_what_there_is(void **state)
{
    (void)state;
    size_t terms = 0, statuses = 0;
    missing = 0;
    need_words("duty", "status", list_statuses_duty);
    need_words("entry", "status", list_statuses_entry);
    need_words("request", "status", list_statuses_request);
    need_words("grant", "status", list_statuses_grant);
    need_words("request", "route", list_routes);
    need_words("access", "status", list_statuses_access);
    need_words("act", "effect", list_effects);
    assert_int_equal(missing, 0);
    for (const struct term_kind *kind; (kind = term_kind_at(terms)) != NULL; terms++) {
        char act[64];
        (void)snprintf(act, sizeof act, "%s-overdue", kind->name);
        assert_non_null(list_terms[terms]);
        assert_string_equal(list_terms[terms], kind->name);
        if (kind->end == NULL && !list_words_have(list_effects, act))
            fail_msg("%s", act);
    }
    assert_null(list_terms[terms]);
    const char *chinese, *word;
    for (size_t i = 0; (word = word_at(i, &chinese)) != NULL; i++) {
        size_t len = strlen(word);
        bool act = len > 8 && strcmp(word + len - 8, "-overdue") == 0;
        if (act && !list_words_have(list_effects, word))
            fail_msg("%s", word);
    }
    unsigned found[100] = {0};
    for (size_t k = 0; matter_kind_at(k) != NULL; k++) {
        const struct matter_kind *kind = matter_kind_at(k);
        const char *const texts[] = {kind->open, kind->other};
        for (size_t t = 0; t < 2; t++) {
            struct doc *list = matter_statuses(texts[t]);
            for (size_t i = 0; i < doc_count(list); i++) {
                const char *status = doc_get_text(doc_at(list, i), "word");
                size_t at = 0;
                while (list_statuses_matter[at] && strcmp(list_statuses_matter[at], status) != 0)
                    at++;
                if (list_statuses_matter[at] == NULL)
                    fail_msg("%s: %s", kind->name, status);
                assert_true(at < COUNT_OF(found));
                found[at]++;
            }
            doc_free(&list);
        }
    }
    for (; list_statuses_matter[statuses] != NULL; statuses++)
        if (found[statuses] == 0)
            fail_msg("no kind has %s", list_statuses_matter[statuses]);
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
        cmocka_unit_test(lists_take_what_there_is),
        cmocka_unit_test(the_tables_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
