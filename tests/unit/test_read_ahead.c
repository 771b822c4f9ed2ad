/* How long a node reads ahead when it opens its ledger: on a disk where each record takes its time,
 * by a clock that this test has in hand. */
#include "check.h"

#include "world_own.h"

#define MILESTONES 150

static _Thread_local bool fake; /* the world's own threads have the real clock */
static _Thread_local int64_t now_ms, record_ms;
static _Thread_local size_t records;

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void)
{
    return fake ? now_ms : __real_clock_monotonic_ms();
}

int __real_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                  struct buf *out);
int __wrap_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                  struct buf *out);
int __wrap_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                  struct buf *out)
{
    now_ms += record_ms;
    records++;
    return __real_kv_get(kv, snapshot, key, out);
}

/* How many records are read to open a copy of the world's ledger, nothing of which is in memory,
 * from a disk where each takes so long. */
static size_t read_to_open(int64_t each_ms)
{
    struct kv *kv = kv_memory_copy(world->kv);
    struct app *app = NULL;
    struct faults faults = {0};
    fake = true;
    record_ms = each_ms;
    records = 0;
    assert_int_equal(app_open(&app, &faults, kv, world->genesis, &world->genesis_hash), 0);
    fake = false;
    size_t read = records;
    assert_int_equal(app_height(app), app_height(world->app));
    app_close(&app);
    kv_close(&kv);
    return read;
}

/* Each milestone has a term (PT 11): its record and the ways to it and to its key are read ahead.
 */
static void a_slow_disk_is_read_ahead_for_a_second(void **state)
{
    (void)state;
    /* Of genesis, which has no terms yet, the top of the tree alone. */
    size_t bare = read_to_open(1000000);
    assert_in_range(read_to_open(0), bare + 14, SIZE_MAX);
    assert_in_range(read_to_open(100), bare + 9, bare + 11);
    for (int i = 0; i < MILESTONES; i++) {
        world_must(world, NULL, ALPHA "/compile", "catalog.milestone",
                   "{'code':'M%d','kind':'business','matter':'慈善组织认定','date':'2026-02-09'}",
                   i);
    }
    size_t needed = read_to_open(1000000); /* the time is over with the first */
    size_t all = read_to_open(0);
    assert_in_range(all, needed + 2 * MILESTONES, SIZE_MAX);
    /* A hard disk's seeks, of ten milliseconds: a hundred, and the term that was begun. */
    assert_in_range(read_to_open(10), needed + 90, needed + 110);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_disk_is_read_ahead_for_a_second),
    };
    return cmocka_run_group_tests(tests, world_start, world_stop);
}
