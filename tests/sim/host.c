/* The machine under a node: its power, its clocks and its randomness (home.c: its files). What is
 * defined or wrapped here stands in for the operating system and for the layers above the node.
 *
 * A process that is killed is not torn out of its call: from that moment on it is dead, and nothing
 * it still does reaches anything, neither disk nor network nor client; when its callback returns,
 * it is closed. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "base/thread_clock.h"
#include "base/civil.h"
#include "base/log.h"
#include "chain/kv_backend.h"

#include <stdarg.h>
#include <string.h>

#define RESTART_MS 3000
#define SNAPSHOT_BLOCKS 4
#define STATUS_ONE_IN 16 /* is written at all */
#define REPAIR_MS 2000   /* and at least that long where an operator has to come */

struct sim_host *sim_here;

/* ---- making ---- */

void host_make(struct world *world, size_t index, const struct sim_identity *identity)
{
    struct sim_host *host = &world->host[index];
    *host = (struct sim_host){.world = world, .index = index, .identity = identity};
    size_t member = (size_t)(identity - world->founding->member);
    host->voter = member != world->founding->validators; /* not the center */
    host->boot_ms = (int64_t)sim_below(world, 1000000000);
    for (size_t i = 0; i < SIM_RECORDS; i++)
        host->record[i].host = host;
    host->kv = kv_memory_copy(world->founding->kv);
    host->config = (struct config){.data_directory = (char *)"data",
                                   .genesis = (char *)"genesis.json",
                                   .member = (char *)(uintptr_t)identity->member,
                                   .peer_listen = (char *)(uintptr_t)identity->listen,
                                   .api_listen = (char *)"127.0.0.1:1",
                                   .log_level = (char *)"debug",
                                   .worker_threads = 1};
    if (world->snapshots) {
        host->config.snapshot_blocks = SNAPSHOT_BLOCKS;
        host->config.snapshot_gap_blocks = 1 + sim_below(world, SNAPSHOT_BLOCKS);
        host->config.history_blocks = sim_chance(world, 50) ? SNAPSHOT_BLOCKS : 0;
    }
}

static void close_node(struct sim_host *host)
{
    struct counters *counters = host->world->counters;
    counters->synced += count_read(&host->node->counters.blocks_synced);
    counters->sync_refused += count_read(&host->node->counters.sync_refused);
    counters->parts_refused += count_read(&host->node->counters.parts_refused);
    counters->rollbacks_found += count_read(&host->node->counters.rollbacks_found);
    sim_here = host;
    node_close(&host->node);
    sim_here = NULL;
    ENSURE(atomic_load(&host->kv->readers) == 0);
    host->up = false;
}

void host_free(struct sim_host *host)
{
    if (host->node != NULL) {
        host->dead = host->power = true;
        close_node(host);
    }
    kv_close(&host->kv);
    kv_close(&host->restoring);
    kv_close(&host->restored);
    home_free(host);
    loop_free(&host->loop);
}

bool host_honest(const struct sim_host *host)
{
    return host->conduct == CONDUCT_HONEST;
}

uint64_t host_height(const struct sim_host *host)
{
    return host->node != NULL ? app_height(host->node->app) : host->height;
}

/* ---- life ---- */

/* The node ended by itself. A fault that was made explains it, or the world has failed. */
static void explain(struct sim_host *host, int error, const char *what)
{
    struct world *world = host->world;
    sim_trace(world, "n%zu stops: %s: %s", host->index, what, error_code(error));
    if (error == ERR_CORRUPT && host->ledger_rotten) {
        world->counters->rot_found++;
        kv_close(&host->kv); /* the operator puts in a new disk; the others have the ledger */
        host->kv = kv_memory_copy(world->founding->kv);
        host->ledger_rotten = false;
        host->replaced_at = judge_top(world) + 1;
        host->height = 0;
    } else if (error != host->expected_error) {
        sim_fail(world, "n%zu stops: %s: %s", host->index, what, error_code(error));
    }
}

static void restart_later(struct sim_host *host, int64_t least_ms)
{
    struct world *world = host->world;
    host->life++;
    (void)sim_later(world, least_ms + 50 + (int64_t)sim_below(world, RESTART_MS), HAPPEN_START,
                    host);
}

/* The process is gone: what the disk keeps, why it ended, and when it comes back. */
static void ended(struct sim_host *host, int error, const char *what)
{
    bool died = host->dead;
    host->up = false;
    kv_memory_fail_writes(host->kv, 0, 0);
    kv_memory_fail_reads(host->kv, 0, 0);
    if (host->power)
        kv_memory_crash(host->kv);
    kv_close(&host->restoring); /* worth nothing to the next life */
    for (size_t i = 0; i < SIM_RECORDS; i++)
        disk_crash(&host->record[i], host->power);
    host->roll = (struct sim_roll){0};
    if (!died && error != 0)
        explain(host, error, what);
    restart_later(host, died || error == 0 ? 0 : REPAIR_MS);
}

/* The disk of this life may fail at one of its writes. */
static void plan_faults(struct sim_host *host)
{
    struct world *world = host->world;
    host->expected_error = 0;
    kv_memory_fail_writes(host->kv, 0, 0);
    kv_memory_fail_reads(host->kv, 0, 0);
    if (world->storm.disk_one_in == 0)
        return;
    int error = sim_chance(world, 50) ? ERR_IO : ERR_DISK_FULL;
    host->expected_error = error;
    if (sim_chance(world, 70))
        kv_memory_fail_writes(host->kv, error,
                              1 + (unsigned)sim_below(world, world->storm.disk_one_in));
    else if (error == ERR_IO)
        kv_memory_fail_reads(host->kv, error,
                             1 + (unsigned)sim_below(world, 20 * world->storm.disk_one_in));
}

void host_start(struct sim_host *host)
{
    struct world *world = host->world;
    struct faults faults = {0};
    host->up = true;
    host->dead = host->power = host->waits = false;
    plan_faults(host);
    if (world->chaos && host->life > 0 && sim_has(world, FAULT_ROT) && sim_chance(world, 20))
        disk_rot(&host->record[sim_below(world, SIM_RECORDS)]);
    sim_here = host;
    int error = node_open(&host->node, &faults, &host->config);
    if (error != 0) {
        sim_here = NULL;
        ended(host, error, faults.count > 0 ? faults.item[0].field : "opening");
        return;
    }
    sim_trace(world, "n%zu up at height %llu", host->index, (unsigned long long)host_height(host));
    world->counters->starts++;
    watch_up(host);
    host->loop.returns = true;
    (void)node_run(host->node, &faults);
    loop_end_turn(host);
    host_settle(host);
    sim_here = NULL;
}

void host_kill(struct sim_host *host, bool power)
{
    if (host->dead)
        return;
    sim_trace(host->world, "n%zu %s", host->index, power ? "loses power" : "is killed");
    host->dead = true;
    host->power = power;
    kv_memory_fail_writes(host->kv, ERR_IO, 1);
    kv_memory_fail_reads(host->kv, 0, 0);
    ++*(power ? &host->world->counters->power_losses : &host->world->counters->kills);
}

void host_settle(struct sim_host *host)
{
    struct world *world = host->world;
    if (host->node == NULL || !host->up)
        return;
    if (!host->dead && !host->node->stopping) {
        judge_restore(host);
        return;
    }
    int error = host->node->error;
    if (error == 0 && !host->dead && !node_starts_over(host->node))
        sim_fail(world, "n%zu stops for no reason", host->index);
    char what[sizeof host->node->what];
    memcpy(what, host->node->what, sizeof what);
    struct sim_host *before = sim_here;
    host->height = host_height(host);
    world->counters->stops += !host->dead && error != 0;
    close_node(host);
    ended(host, error, what); /* closes stores for good, which no node may */
    sim_here = before;
}

/* ---- clocks (in place of base/civil_clock.c) ---- */

int64_t clock_wall_ms(void)
{
    return SIM_WALL_MS + sim_world->now_ms + (sim_here ? sim_here->skew_ms : 0);
}

int64_t clock_monotonic_ms(void)
{
    return sim_world->now_ms + (sim_here ? sim_here->boot_ms : 0);
}

int64_t clock_monotonic_us(void)
{
    return clock_monotonic_ms() * 1000;
}

int64_t clock_thread_us(void)
{
    return 0; /* work takes no virtual time */
}

/* ---- what the operating system gives ---- */

int __wrap_file_make_directory(const char *path, unsigned mode);
int __wrap_kv_open_leveldb(struct kv **out, const char *directory);
void __wrap_kv_close(struct kv **kv);
void __real_kv_close(struct kv **kv);
int __wrap_setpriority(int which, unsigned who, int value);
int __wrap_pthread_setname_np(unsigned long thread, const char *name);
void __wrap_node_renew_status(struct node *node);
void __real_node_renew_status(struct node *node);
void *__wrap_secret_alloc(size_t bytes);
void __wrap_secret_free(void *secret);

int __wrap_file_make_directory(const char *path, unsigned mode)
{
    (void)path;
    (void)mode;
    return 0;
}

int __wrap_kv_open_leveldb(struct kv **out, const char *directory)
{
    (void)directory;
    *out = sim_here->kv;
    return 0;
}

/* A node that closes its store leaves it on the disk. */
void __wrap_kv_close(struct kv **kv)
{
    if (*kv != NULL && sim_here != NULL && (*kv == sim_here->kv || *kv == sim_here->restoring))
        *kv = NULL;
    else
        __real_kv_close(kv);
}

/* Its workers are this thread here, which is to keep its name and its turn. */
int __wrap_setpriority(int which, unsigned who, int value)
{
    (void)which;
    (void)who;
    (void)value;
    return 0;
}

int __wrap_pthread_setname_np(unsigned long thread, const char *name)
{
    (void)thread;
    (void)name;
    return 0;
}

/* What clients would be told, in a world where none asks. */
void __wrap_node_renew_status(struct node *node)
{
    if (sim_here->world->order % STATUS_ONE_IN == 0)
        __real_node_renew_status(node);
}

/* Pages between guards cost a system call each, and there is nothing to hide here. */
void *__wrap_secret_alloc(size_t bytes)
{
    return memory_alloc(bytes);
}

void __wrap_secret_free(void *secret)
{
    memory_free(secret);
}

/* ---- the log: part of the trace ---- */

void __wrap_log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void __wrap_log_write(enum log_level level, const char *module, const char *format, ...)
{
    char text[256];
    (void)level;
    if (!sim_world->options->trace || sim_here == NULL || sim_here->dead)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sim_trace(sim_world, "n%zu | %s: %s", sim_here->index, module, text);
}

/* ---- what stands on the node: the API is load.c, and there is no gateway ---- */

int api_start(struct api **out, struct faults *faults, const struct api_config *config,
              const struct api_backend *backend, struct exchange_gateway *gateway)
{
    (void)faults;
    (void)config;
    ENSURE(gateway == NULL);
    sim_here->backend = *backend;
    sim_here->api_open = true;
    *out = (struct api *)(void *)sim_here;
    return 0;
}

void api_stop(struct api **api)
{
    sim_here->api_open = false;
    *api = NULL;
}

uint16_t api_port(const struct api *api)
{
    (void)api;
    return 1;
}

void api_block_committed(struct api *api, const struct app_commit *commit)
{
    ENSURE((struct sim_host *)(void *)api == sim_here && commit->block != NULL);
}

int node_open_exchange(struct node *node, struct faults *faults)
{
    (void)node;
    (void)faults;
    return 0;
}

void node_close_exchange(struct node *node)
{
    (void)node;
}

void exchange_gateway_wake(struct exchange_gateway *gateway)
{
    (void)gateway;
}
