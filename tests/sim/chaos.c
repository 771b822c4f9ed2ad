/* What goes wrong, and when. Every seed has its own weather: loss, delay, partitions, crashes,
 * disks, clocks, liars. At the end everything heals but the liars, who stay. */
#include "sim.h"

#include "chain/kv.h"
#include "node/node_internal.h"

#define CHAOS_MS 60000
#define SLOW_MS 20000 /* after the healing: so long what is slow stays slow */
#define CHAOS_STEP_MS 100
#define SKEW_MS 40 /* of a good clock, either way: the precision of genesis is 100 */
#define JUMP_MS 3000

static unsigned pick(struct world *world, uint32_t fault, const unsigned choices[4])
{
    unsigned choice = choices[sim_below(world, 4)];
    return sim_has(world, fault) ? choice : 0;
}

static enum conduct some_conduct(struct world *world)
{
    static const enum conduct conducts[] = {
        CONDUCT_EQUIVOCATING, CONDUCT_EQUIVOCATING, CONDUCT_EQUIVOCATING, CONDUCT_SILENT,
        CONDUCT_SLOW,         CONDUCT_WITHHOLDING,  CONDUCT_LYING,        CONDUCT_BOASTING,
        CONDUCT_MISSTATING,   CONDUCT_HONEST};
    if (world->snapshots && sim_chance(world, 50))
        return CONDUCT_LYING;
    return conducts[sim_below(world, sizeof conducts / sizeof conducts[0])];
}

static void choose_liars(struct world *world)
{
    size_t faulty = validators_faulty_max(world->founding->validators);
    for (size_t i = 0; i < faulty; i++) {
        struct sim_host *host = &world->host[sim_below(world, world->founding->validators)];
        enum conduct conduct = some_conduct(world);
        if (sim_has(world, FAULT_TWINS) && sim_chance(world, 25)) {
            if (host_honest(host) && !host->put_back_at_times &&
                world->host_count < SIM_HOSTS_MAX) {
                host->conduct = CONDUCT_TWIN;
                host_make(world, world->host_count, host->identity);
                world->host[world->host_count++].conduct = CONDUCT_TWIN;
                world->counters->twins++;
            }
        } else if (sim_has(world, FAULT_ROLLBACK) && sim_chance(world, 30)) {
            host->put_back_at_times = host_honest(host);
            if (host->put_back_at_times && sim_chance(world, 40))
                host->line_bytes_s = 100 + (int64_t)sim_below(world, 900);
        } else if (sim_has(world, FAULT_LIARS) && !host->put_back_at_times && host_honest(host)) {
            host->conduct = conduct;
            host->shows = sim_chance(world, 50);
        }
    }
}

static int64_t some_skew(struct world *world)
{
    int64_t skew_ms = (int64_t)sim_below(world, 2 * SKEW_MS + 1) - SKEW_MS;
    return sim_has(world, FAULT_CLOCK) ? skew_ms : 0;
}

void chaos_begin(struct world *world)
{
    static const unsigned drop[] = {0, 1, 5, 20}, slow[] = {0, 1, 3, 8};
    static const unsigned resets[] = {0, 0, 3000, 500}, crash[] = {0, 3000, 1000, 300};
    static const unsigned disks[] = {0, 0, 400, 150}, mix[] = {0, 1, 3, 10};
    world->chaos = true;
    world->chaos_end_ms = CHAOS_MS;
    world->coming = (struct storm){.drop_percent = pick(world, FAULT_LOSS, drop),
                                   .reset_one_in = pick(world, FAULT_LOSS, resets),
                                   .slow_percent = pick(world, FAULT_DELAY, slow),
                                   .mix_percent = pick(world, FAULT_REORDER, mix),
                                   .crash_one_in = pick(world, FAULT_CRASH, crash),
                                   .disk_one_in = pick(world, FAULT_DISK, disks)};
    choose_liars(world);
    for (size_t i = 0; i < world->host_count; i++)
        world->host[i].skew_ms = some_skew(world);
    const struct storm *storm = &world->coming;
    sim_trace(world, "seed %llu drop %u%% slow %u%% reset 1/%llu crash 1/%llu disk 1/%llu%s",
              (unsigned long long)world->seed, storm->drop_percent, storm->slow_percent,
              (unsigned long long)storm->reset_one_in, (unsigned long long)storm->crash_one_in,
              (unsigned long long)storm->disk_one_in,
              world->members_change ? ", validators change" : "");
    for (size_t i = 0; i < world->host_count; i++) {
        if (world->host[i].conduct != CONDUCT_HONEST)
            sim_trace(world, "n%zu %s conduct %d", i, world->host[i].identity->member,
                      world->host[i].conduct);
    }
    (void)sim_later(world, CHAOS_STEP_MS, HAPPEN_CHAOS, NULL);
}

static bool uncut(struct world *world)
{
    bool any = false;
    for (size_t a = 0; a < world->host_count; a++) {
        for (size_t b = 0; b < world->host_count; b++) {
            struct link_weather *weather = &world->weather[a][b];
            any |= weather->cut_split || weather->cut_one_way;
            weather->cut_split = weather->cut_one_way = false;
        }
    }
    world->counters->heals += any;
    tcp_heal(world);
    return any;
}

static void split(struct world *world)
{
    uint64_t side = sim_random(world);
    for (size_t a = 0; a < world->host_count; a++) {
        for (size_t b = 0; b < world->host_count; b++)
            world->weather[a][b].cut_split = (side >> a & 1) != (side >> b & 1);
    }
    world->counters->splits++;
    sim_trace(world, "split %llx", (unsigned long long)(side & ((1U << world->host_count) - 1)));
}

static void cut_one_way(struct world *world)
{
    size_t deaf = sim_below(world, world->host_count);
    bool out = sim_chance(world, 50);
    for (size_t other = 0; other < world->host_count; other++) {
        struct link_weather *weather =
            out ? &world->weather[deaf][other] : &world->weather[other][deaf];
        weather->cut_one_way = other != deaf && sim_chance(world, 70);
    }
    sim_trace(world, "one-way cut %s n%zu", out ? "from" : "to", deaf);
}

/* One clock at a time may be far off. */
static void jump_clock(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        struct sim_host *host = &world->host[i];
        if (host->skew_ms > SKEW_MS || host->skew_ms < -SKEW_MS) {
            host->skew_ms = 0;
            return;
        }
    }
    struct sim_host *host = &world->host[sim_below(world, world->host_count)];
    host->skew_ms = (int64_t)sim_below(world, 2 * JUMP_MS + 1) - JUMP_MS;
    world->counters->clock_jumps++;
    sim_trace(world, "n%zu clock %+lld", host->index, (long long)host->skew_ms);
}

void chaos_kill(struct sim_host *host, bool power)
{
    if (!host->up)
        return;
    host_kill(host, power);
    host_settle(host);
}

static void power_loss_of_all(struct world *world)
{
    sim_trace(world, "power loss of all");
    world->counters->power_all++;
    for (size_t i = 0; i < world->host_count; i++)
        chaos_kill(&world->host[i], true);
}

/* One disk at a time: were those of two honest nodes lost within a height, a block that both have
 * locked could be gone for ever. */
static bool has_lost_disk(const struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *host = &world->host[i];
        if (host->ledger_rotten || host->replaced_at > judge_top(world))
            return true;
    }
    return false;
}

static void rot_ledger(struct world *world)
{
    struct sim_host *host = &world->host[sim_below(world, world->host_count)];
    if (host->up || has_lost_disk(world))
        return; /* a running node has most of it in memory */
    host->ledger_rotten = kv_memory_rot(host->kv, sim_random(world));
    world->counters->ledger_rot += host->ledger_rotten;
    sim_trace(world, "n%zu a bit of its ledger flips", host->index);
}

static void disturb_network(struct world *world, uint64_t draw)
{
    if (!sim_has(world, FAULT_PARTITION))
        return;
    if (draw < 3)
        split(world);
    else if (draw < 6)
        cut_one_way(world);
    else if (draw < 20)
        uncut(world);
}

/* The faults come when everybody has the first block. */
static void open_world(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        if (world->host[i].height == 0 && !world->options->late_newcomer)
            return;
    }
    world->opened = true;
    world->storm = world->coming;
}

/* Behind a slow line something has to come late, or it shows nothing. */
static void count_late(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *host = &world->host[i];
        if (!host->up || host->line_bytes_s == 0)
            continue;
        const struct peers *peers = host->node->peers;
        for (size_t k = 0; k < peers_count(peers); k++)
            world->counters->late_lines += peers_at(peers, k)->slow_until_ms > 0;
    }
}

void chaos_act(struct world *world)
{
    if (!world->opened)
        open_world(world);
    if (world->chaos && world->opened) {
        uint64_t draw = sim_below(world, 200);
        disturb_network(world, draw);
        if (draw >= 20 && draw < 22 && sim_has(world, FAULT_CLOCK) &&
            world->founding->validators > 1)
            jump_clock(world); /* a lone clock is always right */
        else if (draw == 22 && sim_has(world, FAULT_POWER) && sim_chance(world, 30))
            power_loss_of_all(world);
        else if (draw == 23 && sim_has(world, FAULT_POWER))
            chaos_kill(&world->host[sim_below(world, world->host_count)], true);
        else if (draw >= 26 && draw < 40 && sim_has(world, FAULT_ROT))
            rot_ledger(world);
    }
    if (world->lines_end_ms != 0 && world->now_ms >= world->lines_end_ms) {
        world->lines_end_ms = 0;
        tcp_mend_lines(world);
    }
    count_late(world);
    office_act(world);
    (void)sim_later(world, CHAOS_STEP_MS, HAPPEN_CHAOS, NULL);
}

void chaos_end(struct world *world)
{
    sim_trace(world, "healed");
    world->chaos = false;
    world->opened = true;
    world->storm = (struct storm){0};
    (void)uncut(world);
    for (size_t i = 0; i < world->host_count; i++) {
        struct sim_host *host = &world->host[i];
        host->skew_ms = some_skew(world);
        if (host->line_bytes_s > 0)
            world->lines_end_ms = world->now_ms + SLOW_MS;
        if (!host->dead) {
            kv_memory_fail_writes(host->kv, 0, 0);
            kv_memory_fail_reads(host->kv, 0, 0);
        }
    }
}
