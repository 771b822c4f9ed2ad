/* The filter of keys: never a false no, seldom a false perhaps, also after it has grown. */
#include "base/memory.h"
#include "chain/key_filter.h"
#include "chain/key_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static uint64_t hash_of(const char *form, unsigned number)
{
    char text[32];
    int len = snprintf(text, sizeof text, form, number);
    return key_hash(text, (size_t)len);
}

static unsigned false_answers(const struct key_filter *filter, unsigned asked)
{
    unsigned count = 0;
    for (unsigned i = 0; i < asked; i++) {
        count += key_filter_may_have(filter, hash_of("absent/%u", i));
    }
    return count;
}

static void an_empty_filter_has_nothing(void **state)
{
    (void)state;
    AUTO(key_filter_free) struct key_filter *filter = key_filter_new(0);
    assert_int_equal(false_answers(filter, 1000), 0);
}

static void what_was_added_may_be_there(void **state)
{
    (void)state;
    enum { KEYS = 200000 }; /* far beyond what was expected: four layers */
    AUTO(key_filter_free) struct key_filter *filter = key_filter_new(10);
    for (unsigned i = 0; i < KEYS; i++) {
        key_filter_add(filter, hash_of("entry/%u", i));
        assert_true(key_filter_may_have(filter, hash_of("entry/%u", i)));
    }
    for (unsigned i = 0; i < KEYS; i++) {
        assert_true(key_filter_may_have(filter, hash_of("entry/%u", i)));
    }
}

/* Six bits of 512 for each of 42 keys: about 1% when a layer is full; three layers have a few. */
static void absence_is_seldom_missed(void **state)
{
    (void)state;
    enum { EXPECTED = 50000, ASKED = 50000 };
    AUTO(key_filter_free) struct key_filter *filter = key_filter_new(EXPECTED);
    for (unsigned i = 0; i + 1 < EXPECTED; i++) {
        key_filter_add(filter, hash_of("entry/%u", i));
    }
    assert_true(false_answers(filter, ASKED) < ASKED / 50);
    for (unsigned i = EXPECTED; i < 7 * EXPECTED; i++) {
        key_filter_add(filter, hash_of("entry/%u", i));
    }
    assert_true(false_answers(filter, ASKED) < ASKED / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_filter_has_nothing),
        cmocka_unit_test(what_was_added_may_be_there),
        cmocka_unit_test(absence_is_seldom_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
