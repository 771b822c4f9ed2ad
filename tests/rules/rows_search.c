/* Finding entries by their names: PT 13 (重复), OPEN 25. */
#include "row.h"

#include "api/near.h"
#include "api/search.h"
#include "entries.h"

static int64_t likeness(struct ledger *ledger, const char *a, const char *b)
{
    AUTO(near_set_free) struct near_set left;
    AUTO(near_set_free) struct near_set right;
    near_set_of_name(&left, ledger_text(ledger, a, "entry.name"));
    near_set_of_name(&right, ledger_text(ledger, b, "entry.name"));
    return near_likeness(&left, &right);
}

static void C10_near_names(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织名录", "unconditional", NULL)), 0);
    /* 社会 会组 组织 织名 of five pairs each: 8 of 10. */
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织名册", "unconditional", NULL)), 0);
    assert_int_equal(likeness(ledger, ENTRY("E1"), ENTRY("E2")), 800);
    assert_true(likeness(ledger, ENTRY("E1"), ENTRY("E2")) >= NEAR_NAME_MIN);
    assert_int_equal(likeness(ledger, ENTRY("E1"), ENTRY("E1")), 1000);
    assert_int_equal(submit(ledger, "E3", entry_text("古树名木保护", "unconditional", NULL)), 0);
    assert_int_equal(likeness(ledger, ENTRY("E1"), ENTRY("E3")), 0);
    /* The same data under the same name the ledger refuses itself. */
    assert_int_equal(submit(ledger, "E4", entry_text("社会组织名录", "unconditional", NULL)),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}

/* A query is a phrase of pairs; it is found where the name's terms have them one after another. */
static bool found(const char *name, const char *words)
{
    AUTO(buf_free) struct buf terms = {0};
    AUTO(buf_free) struct buf query = {0};
    buf_append_text(&terms, " ");
    search_append_terms(&terms, name);
    assert_true(search_append_query(&query, words));
    const char *phrase = buf_text(&query);
    size_t len = strlen(phrase);
    assert_true(phrase[0] == '"' && phrase[len - 1] == '"'); /* one phrase */
    AUTO(buf_free) struct buf wanted = {0};
    buf_append_format(&wanted, " %.*s ", (int)(len - 2), phrase + 1);
    return strstr(buf_text(&terms), buf_text(&wanted)) != NULL;
}

static void C10_two_character_words(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织名录", "unconditional", NULL)), 0);
    review(ledger, "E1", "'accept'");
    const char *name = ledger_text(ledger, ENTRY("E1"), "entry.name");
    assert_true(found(name, "社会"));
    assert_true(found(name, "组织"));
    assert_true(found(name, "名录"));
    assert_true(found(name, "会组织"));
    assert_false(found(name, "社组"));
    assert_false(found(name, "名册"));
    ledger_close(&ledger);
}
