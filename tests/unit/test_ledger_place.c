/* Where a restored ledger goes: whatever a crash leaves in the data directory, the next start has a
 * whole ledger, and nothing half restored is taken for one. */
#include "ledger.h"
#include "ledger_types.h"
#include "scratch.h"
#include "snapshots.h"

#include "node/ledger_place.h"

static int set_up(void **state)
{
    return source_make(state) + scratch_make(state);
}

static int tear_down(void **state)
{
    return source_drop(state) + scratch_remove(state);
}

static bool there(const char *name)
{
    return access(scratch_path(name), F_OK) == 0;
}

static void anew(void)
{
    assert_int_equal(scratch_remove(NULL), 0);
    assert_int_equal(mkdir(scratch_directory, 0700), 0);
}

/* A ledger of that height under that name; 0: as after the first start. */
static void make_ledger(const char *name, uint64_t height)
{
    struct ledger ledger = {.genesis = doc_copy(source.genesis),
                            .genesis_hash = source.genesis_hash};
    assert_int_equal(kv_open_leveldb(&ledger.kv, scratch_path(name)), 0);
    ledger_open_app(&ledger);
    while (app_height(ledger.app) < height)
        assert_int_equal(follow(&ledger, &source), 0);
    ledger_close(&ledger);
}

/* Restores into ledger.restoring, all of it or the first parts. */
static void restore_some(uint64_t height, size_t parts)
{
    struct restore_plan plan = restore_plan_of(&source, height);
    AUTO(attempt_close) struct attempt attempt;
    struct kv *kv = NULL;
    assert_int_equal(ledger_place_begin(&kv, scratch_directory), 0);
    attempt_open_in(&attempt, kv, &source, &plan);
    while (attempt.parts < parts && attempt_next(&attempt))
        attempt_take(&attempt);
    assert_int_equal(restore_finished(attempt.restore), parts == SIZE_MAX);
}

static uint64_t height_of(const char *name)
{
    struct kv *kv = NULL;
    struct store_view view;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path(name)), 0);
    int error = store_view_open(&view, kv);
    uint64_t height = error == 0 ? view.height : UINT64_MAX;
    if (error == 0)
        store_view_close(&view);
    kv_close(&kv);
    return height;
}

static void settle(uint64_t expected)
{
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(ledger_place_settle(scratch_directory), 0);
        assert_false(there("ledger.restoring"));
        assert_false(there("ledger.restored"));
        assert_int_equal(height_of("ledger"), expected);
    }
}

static void nothing_to_settle(void **state)
{
    (void)state;
    anew();
    assert_int_equal(ledger_place_settle(scratch_directory), 0);
    assert_false(there("ledger"));
    make_ledger("ledger", 3);
    settle(3);
}

/* Killed while parts came. */
static void what_is_half_restored_goes(void **state)
{
    (void)state;
    for (size_t parts = 0; parts < 12; parts += 4) {
        anew();
        make_ledger("ledger", 3);
        restore_some(40, parts);
        settle(3);
    }
}

/* The last part is there, but not its name: it is done again. */
static void what_is_whole_but_unnamed_goes(void **state)
{
    (void)state;
    anew();
    make_ledger("ledger", 3);
    restore_some(40, SIZE_MAX);
    settle(3);
}

static void what_is_restored_takes_its_place(void **state)
{
    (void)state;
    anew();
    make_ledger("ledger", 0);
    restore_some(40, SIZE_MAX);
    assert_int_equal(ledger_place_finish(scratch_directory), 0);
    settle(40);
    assert_false(there("ledger.until-0"));
    anew();
    make_ledger("ledger", 3);
    restore_some(40, SIZE_MAX);
    assert_int_equal(ledger_place_finish(scratch_directory), 0);
    settle(40);
    assert_int_equal(height_of("ledger.until-3"), 3); /* the old blocks stay */
}

/* Killed between the two names. */
static void an_old_one_put_aside_already(void **state)
{
    (void)state;
    anew();
    make_ledger("ledger.until-3", 3);
    restore_some(40, SIZE_MAX);
    assert_int_equal(ledger_place_finish(scratch_directory), 0);
    settle(40);
    assert_int_equal(height_of("ledger.until-3"), 3);
}

/* Blocks were decided while it was restored: they stay in use. */
static void what_is_no_higher_goes(void **state)
{
    (void)state;
    for (uint64_t in_use = 39; in_use <= 41; in_use++) {
        anew();
        make_ledger("ledger", in_use);
        restore_some(40, SIZE_MAX);
        assert_int_equal(ledger_place_finish(scratch_directory), 0);
        settle(in_use < 40 ? 40 : in_use);
        assert_int_equal(there("ledger.until-39"), in_use == 39);
    }
}

/* An unreadable one in use is not one that holds nothing: the node does not start, and whoever
 * mends the disk finds both. */
static void what_cannot_be_read_stays(void **state)
{
    (void)state;
    anew();
    make_ledger("ledger", 3);
    restore_some(40, SIZE_MAX);
    assert_int_equal(ledger_place_finish(scratch_directory), 0);
    FILE *current = fopen(scratch_path("ledger/index/CURRENT"), "r+");
    assert_non_null(current);
    assert_true(fputs("no manifest\n", current) >= 0);
    assert_int_equal(fclose(current), 0);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_not_equal(ledger_place_settle(scratch_directory), 0);
        assert_true(there("ledger/index/CURRENT"));
        assert_int_equal(height_of("ledger.restored"), 40);
    }
}

static void given_up(void **state)
{
    (void)state;
    anew();
    make_ledger("ledger", 3);
    restore_some(40, 5);
    assert_int_equal(ledger_place_discard(scratch_directory), 0);
    assert_false(there("ledger.restoring"));
    restore_some(20, SIZE_MAX); /* another one */
    assert_int_equal(ledger_place_finish(scratch_directory), 0);
    settle(20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_settle),
        cmocka_unit_test(what_is_half_restored_goes),
        cmocka_unit_test(what_is_whole_but_unnamed_goes),
        cmocka_unit_test(what_is_restored_takes_its_place),
        cmocka_unit_test(an_old_one_put_aside_already),
        cmocka_unit_test(what_is_no_higher_goes),
        cmocka_unit_test(what_cannot_be_read_stays),
        cmocka_unit_test(given_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
