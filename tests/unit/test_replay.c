/* The replay window against a plain list, through growth, forgetting and shrinking. */
#include "base/memory.h"
#include "chain/key_table.h"
#include "chain/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct hash leaf_of(unsigned number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", number);
    return hash_sha256(view_of_text(text));
}

static void a_leaf_counts_while_its_block_is_young_enough(void **state)
{
    (void)state;
    AUTO(replay_close) struct replay_window *window = replay_open();
    struct hash leaf = leaf_of(1), other = leaf_of(2);
    assert_false(replay_has(window, &leaf, 0));
    replay_add(window, 1000, &leaf, 1);
    assert_true(replay_has(window, &leaf, 999));
    assert_false(replay_has(window, &leaf, 1000)); /* time > T − lifetime, not ≥ */
    assert_false(replay_has(window, &other, 0));
    replay_forget(window, 999);
    assert_true(replay_has(window, &leaf, 0));
    replay_forget(window, 1000);
    assert_false(replay_has(window, &leaf, 0));
    assert_int_equal(replay_count(window), 0);
}

/* Blocks of varied size over a sliding window of 50 blocks; leaf n is in block n / 37. */
static void many_blocks_slide_through(void **state)
{
    (void)state;
    enum { PER_BLOCK = 37, BLOCKS = 1500, WINDOW = 50 };
    AUTO(replay_close) struct replay_window *window = replay_open();
    for (unsigned block = 0; block < BLOCKS; block++) {
        struct hash leaves[PER_BLOCK];
        unsigned count = block % 7 == 0 ? 0 : PER_BLOCK;
        for (unsigned i = 0; i < count; i++)
            leaves[i] = leaf_of(block * PER_BLOCK + i);
        replay_add(window, block, leaves, count);
        replay_forget(window, (int64_t)block - WINDOW);
        for (unsigned back = 0; back < WINDOW + 3 && back <= block; back += 13) {
            struct hash leaf = leaf_of((block - back) * PER_BLOCK + back % PER_BLOCK);
            bool expected = back < WINDOW && (block - back) % 7 != 0;
            assert_int_equal(replay_has(window, &leaf, -1), expected);
        }
    }
    replay_forget(window, BLOCKS);
    assert_int_equal(replay_count(window), 0);
}

static void a_later_block_may_hold_a_leaf_again(void **state)
{
    (void)state;
    AUTO(replay_close) struct replay_window *window = replay_open();
    struct hash leaf = leaf_of(7);
    replay_add(window, 10, &leaf, 1);
    replay_add(window, 20, &leaf, 1);
    assert_int_equal(replay_count(window), 1);
    replay_forget(window, 10);
    assert_true(replay_has(window, &leaf, 19));
    replay_forget(window, 20);
    assert_int_equal(replay_count(window), 0);
}

struct named {
    struct key_item item;
    char text[8];
    bool in;
};

/* The table of keys beneath overlay and cache: insertion and removal in a scrambled order. */
static void the_key_table_finds_what_is_in_it(void **state)
{
    (void)state;
    enum { NAMES = 700 };
    static struct named names[NAMES];
    struct key_table table = {0};
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(names[i].text, sizeof names[i].text, "n%u", i);
        names[i].item.key = names[i].text;
        names[i].item.hash = key_hash(names[i].text, strlen(names[i].text));
    }
    for (unsigned step = 0; step < 20000; step++) {
        struct named *name = &names[step * 7919u % 6007u % NAMES];
        if (name->in)
            key_table_remove(&table, name);
        else
            key_table_insert(&table, name);
        name->in = !name->in;
        if (step % 500 != 0)
            continue;
        size_t count = 0;
        for (unsigned i = 0; i < NAMES; i++) {
            void *found = key_table_find(&table, names[i].text, names[i].item.hash);
            assert_ptr_equal(found, names[i].in ? &names[i] : NULL);
            count += names[i].in;
        }
        assert_int_equal(table.count, count);
    }
    key_table_clear(&table, NULL);
    assert_null(key_table_find(&table, "n1", key_hash("n1", 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_counts_while_its_block_is_young_enough),
        cmocka_unit_test(many_blocks_slide_through),
        cmocka_unit_test(a_later_block_may_hold_a_leaf_again),
        cmocka_unit_test(the_key_table_finds_what_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
