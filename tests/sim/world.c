/* Virtual time: a queue of occurrences in (time, creation) order, one at a time, and a digest over
 * everything that happens, so that two runs of one seed can be compared. */
#include "sim.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <stdarg.h>
#include <string.h>

#define OCCURRENCES_MAX 5000000 /* a world that needs more does not make progress */
#define PROGRESS_MS 40000       /* a height takes less than that once everything works */
#define REAL_SIGNATURES_EVERY 100
#define CHANGE_ONE_IN 3    /* seeds in which validators change */
#define SNAPSHOTS_ONE_IN 4 /* and in which snapshots are offered */

struct world *sim_world;

/* ---- chance ---- */

/* splitmix64 */
uint64_t sim_random(struct world *world)
{
    uint64_t z = world->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t sim_below(struct world *world, uint64_t bound)
{
    return sim_random(world) % bound;
}

bool sim_chance(struct world *world, unsigned percent)
{
    return sim_below(world, 100) < percent;
}

bool sim_rarely(struct world *world, uint64_t one_in)
{
    return one_in > 0 && sim_below(world, one_in) == 0;
}

bool sim_has(const struct world *world, uint32_t fault)
{
    return (world->options->faults & fault) != 0;
}

/* ---- what is told of it ---- */

static void mix_word(struct world *world, uint64_t word)
{
    world->digest[0] = (world->digest[0] ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    world->digest[0] ^= world->digest[0] >> 32;
    world->digest[1] = (world->digest[1] + world->digest[0]) * UINT64_C(0xd6e8feb86659fd93);
    world->digest[1] ^= world->digest[1] >> 29;
}

void sim_mix(struct world *world, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t word;
    for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
        memcpy(&word, at, sizeof word);
        mix_word(world, word);
    }
    word = (uint64_t)len << 56;
    memcpy(&word, at, len);
    mix_word(world, word);
}

void sim_trace(struct world *world, const char *format, ...)
{
    if (!world->options->trace)
        return;
    va_list args;
    va_start(args, format);
    printf("%8lld ", (long long)world->now_ms);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

void sim_fail(struct world *world, const char *format, ...)
{
    if (world->failed)
        return;
    world->failed = true;
    va_list args;
    va_start(args, format);
    vsnprintf(world->failure, sizeof world->failure, format, args);
    va_end(args);
    sim_trace(world, "FAILED: %s", world->failure);
}

/* ---- the queue ---- */

static bool before(const struct occurrence *a, const struct occurrence *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static struct occurrence *occurrence_new(struct world *world)
{
    if (world->spare_count == 0)
        return memory_alloc(sizeof(struct occurrence));
    struct occurrence *what = world->spare[--world->spare_count];
    *what = (struct occurrence){0};
    return what;
}

static void occurrence_free(struct world *world, struct occurrence *what)
{
    buf_free(&what->bytes);
    if (world->spare_count < sizeof world->spare / sizeof world->spare[0])
        world->spare[world->spare_count++] = what;
    else
        memory_free(what);
}

struct occurrence *sim_later(struct world *world, int64_t delay_ms, enum happening kind,
                             struct sim_host *host)
{
    struct occurrence *what = occurrence_new(world);
    what->at_ms = world->now_ms + delay_ms;
    what->order = world->order++;
    what->kind = kind;
    what->host = host;
    what->life = host ? host->life : 0;
    if (world->queue_len == world->queue_capacity) {
        world->queue_capacity = world->queue_capacity ? 2 * world->queue_capacity : 256;
        world->queue = memory_resize(world->queue, world->queue_capacity * sizeof *world->queue);
    }
    size_t i = world->queue_len++;
    for (; i > 0 && before(what, world->queue[(i - 1) / 2]); i = (i - 1) / 2)
        world->queue[i] = world->queue[(i - 1) / 2];
    world->queue[i] = what;
    return what;
}

static struct occurrence *next(struct world *world)
{
    struct occurrence *first = world->queue[0];
    struct occurrence *last = world->queue[--world->queue_len];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= world->queue_len)
            break;
        if (child + 1 < world->queue_len && before(world->queue[child + 1], world->queue[child]))
            child++;
        if (!before(world->queue[child], last))
            break;
        world->queue[i] = world->queue[child];
        i = child;
    }
    if (world->queue_len > 0)
        world->queue[i] = last;
    return first;
}

/* ---- one after the other ---- */

static void happen(struct world *world, struct occurrence *what)
{
    uint64_t about[] = {(uint64_t)what->at_ms, (uint64_t)what->kind << 32 | what->slot,
                        what->host ? what->host->index : SIM_HOSTS_MAX};
    world->now_ms = what->at_ms;
    sim_mix(world, about, sizeof about);
    switch (what->kind) {
    case HAPPEN_CHAOS:
        chaos_act(world);
        break;
    case HAPPEN_LOAD:
        load_act(world);
        break;
    case HAPPEN_START:
        if (what->life == what->host->life && !what->host->up)
            host_start(what->host);
        break;
    case HAPPEN_TIMER:
    case HAPPEN_WAKE:
    case HAPPEN_IDLE:
    case HAPPEN_WORK:
        loop_happen(what->host, what);
        break;
    case HAPPEN_CONNECT:
    case HAPPEN_CONNECTED:
    case HAPPEN_BYTES:
    case HAPPEN_END:
    case HAPPEN_RESET:
    case HAPPEN_WRITTEN:
        tcp_happen(world, what);
        break;
    }
}

/* What everyone has who keeps the rules. */
static uint64_t common_height(const struct world *world)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *host = &world->host[i];
        uint64_t height = host->up ? host->height : 0;
        if (host_honest(host) && height < lowest)
            lowest = height;
    }
    return lowest;
}

/* Chaos lasts until the last heights, so that the way out of it is judged too. */
static void heal_in_time(struct world *world)
{
    uint64_t top = judge_top(world);
    if (top + 3 >= world->options->heights || world->now_ms >= world->chaos_end_ms) {
        chaos_end(world);
        world->healed_ms = world->now_ms;
        world->healed_top = top;
        world->deadline_ms =
            PROGRESS_MS + (world->lines_end_ms != 0 ? world->lines_end_ms : world->now_ms);
    }
}

/* After the healing everyone has one more block than anybody had, and then the next, each within
 * the bound. */
static void judge_progress(struct world *world, uint64_t common)
{
    struct counters *counters = world->counters;
    if (common > world->healed_top) {
        int64_t took_ms = world->now_ms - world->healed_ms;
        if (!world->recovered && took_ms > counters->slowest_recovery_ms)
            counters->slowest_recovery_ms = took_ms;
        world->recovered = true;
        world->healed_top = common;
        world->deadline_ms = world->now_ms + PROGRESS_MS;
    } else if (world->now_ms > world->deadline_ms && office_lost_for_good(world)) {
        world->lost_for_good = true;
        counters->lost_for_good++;
    } else if (world->now_ms > world->deadline_ms) {
        sim_fail(world, "no progress at height %llu after the network healed",
                 (unsigned long long)world->healed_top + 1);
    }
}

/* Whether there is no more to do. */
static bool ends(struct world *world, uint64_t count)
{
    uint64_t common = common_height(world);
    if (world->chaos)
        heal_in_time(world);
    else
        judge_progress(world, common);
    if (count == OCCURRENCES_MAX || world->queue_len == 0)
        sim_fail(world, "the world stands still");
    bool all_there = common >= world->options->heights && !judge_awaits_held(world);
    return world->failed || world->lost_for_good || all_there;
}

/* One of any forty seeds in a row is large. */
size_t sim_validators(const struct sim_options *options, uint64_t seed)
{
    bool large = seed % 40 == 7;
    return options->nodes != 0 ? (size_t)options->nodes : large ? SIM_LARGE : SIM_SMALL;
}

static void world_make(struct world *world, struct counters *counters,
                       const struct sim_options *options, uint64_t seed)
{
    *world = (struct world){.options = options, .counters = counters, .seed = seed, .random = seed};
    world->real_signatures = options->real_signatures || seed % REAL_SIGNATURES_EVERY == 0;
    sim_world = world;
    world->founding = founding_of(sim_validators(options, seed), world->real_signatures);
    world->host = memory_alloc(SIM_HOSTS_MAX * sizeof *world->host);
    world->members_change = options->late_newcomer ||
                            (sim_has(world, FAULT_MEMBERS) && sim_rarely(world, CHANGE_ONE_IN));
    world->snapshots = sim_rarely(world, SNAPSHOTS_ONE_IN);
    size_t hosts = world->founding->members - (world->members_change ? 0 : 1); /* no candidate */
    for (size_t i = 0; i < hosts; i++)
        host_make(world, world->host_count++, &world->founding->member[i]);
    judge_make(world);
    chaos_begin(world);
    load_begin(world);
    office_begin(world);
    size_t starting = world->host_count - options->late_newcomer; /* the candidate comes later */
    for (size_t i = 0; i < starting; i++)
        sim_later(world, (int64_t)sim_below(world, 50), HAPPEN_START, &world->host[i]);
}

static void world_free(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++)
        host_free(&world->host[i]);
    load_free(world);
    office_free(world);
    while (world->queue_len > 0)
        occurrence_free(world, next(world));
    while (world->spare_count > 0)
        memory_free(world->spare[--world->spare_count]);
    tcp_free(world);
    memory_free(world->queue);
    memory_free(world->host);
    judge_free(world);
    sim_world = NULL;
}

bool sim_run(uint64_t digest[2], char failure[256], struct counters *counters,
             const struct sim_options *options, uint64_t seed)
{
    struct world world;
    world_make(&world, counters, options, seed);
    for (uint64_t count = 0; !ends(&world, count); count++) {
        struct occurrence *what = next(&world);
        happen(&world, what);
        occurrence_free(&world, what);
    }
    counters->virtual_s += (uint64_t)world.now_ms / 1000;
    if (!world.failed && !world.lost_for_good) { /* the last height was reached */
        load_check(&world);
        office_end(&world);
        judge_end(&world);
    }
    memcpy(digest, world.digest, sizeof world.digest);
    memcpy(failure, world.failure, sizeof world.failure);
    bool passed = !world.failed;
    world_free(&world);
    return passed;
}
