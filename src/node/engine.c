/* The queue of events, the heights, and the engine's life.
 *
 * One step at a time: what follows from an effect is queued, and taken when the whole list of
 * effects has been carried out. */
#include "node/engine_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

#define GATHER_MS 20 /* the first transaction waits for company */
/* A block has costs of its own, votes, syncs and the upper nodes of the state tree. While blocks
 * are large anyway, one that would come sooner waits until it is half full or so long after the
 * last: hardly later for whoever waits, and cheaper for all. */
#define BUSY_TXS 256
#define BUSY_GATHER_MS 500

void engine_halt(struct engine *engine)
{
    engine->dead = true;
    engine->running = false;
}

void engine_stop_node(struct engine *engine, int error, const char *what)
{
    engine_halt(engine);
    engine->parts->fatal(engine->parts->fatal_context, error, what);
}

/* ---- events ---- */

struct event *engine_push(struct engine *engine, enum event_kind kind)
{
    ENSURE(engine->queue_count < ENGINE_QUEUE_MAX);
    size_t at = (engine->queue_first + engine->queue_count++) % ENGINE_QUEUE_MAX;
    struct event *event = &engine->queue[at];
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->now_ms = node_clock_now_ms(engine->parts->clock);
    return event;
}

int engine_step(struct engine *engine, const struct event *event)
{
    int error = consensus_step(engine->core, event, &engine->effects);
    for (size_t i = 0; error == 0 && i < engine->effects.count && !engine->dead; i++) {
        engine_carry_out(engine, &engine->effects.item[i]);
    }
    return error;
}

static void hand_over_commit(struct engine *engine)
{
    struct app_commit commit = engine->commit;
    engine->has_commit = false;
    engine->handler.committed(engine->handler.context, &commit);
    app_commit_free(&commit);
}

/* Between events, when nothing that was decided here waits to be done: bodies that are too many go,
 * and consensus no longer relies on them. */
static void make_room(struct engine *engine)
{
    struct event event = {.kind = EVENT_LOST, .now_ms = node_clock_now_ms(engine->parts->clock)};
    while (!engine->dead && engine->queue_count == 0 && engine->running &&
           bodies_trim(engine->bodies, &event.lost.block)) {
        (void)engine_step(engine, &event);
    }
}

static bool has_events(const struct engine *engine)
{
    return !engine->dead && (engine->queue_count > 0 || engine->has_commit);
}

static void take_event(struct engine *engine)
{
    if (engine->has_commit) {
        hand_over_commit(engine);
        return;
    }
    struct event event = engine->queue[engine->queue_first];
    engine->queue_first = (engine->queue_first + 1) % ENGINE_QUEUE_MAX;
    engine->queue_count--;
    (void)engine_step(engine, &event);
}

void engine_run_queue(struct engine *engine)
{
    if (engine->stepping) {
        return; /* the loop below goes on */
    }
    engine->stepping = true;
    do {
        while (has_events(engine)) {
            take_event(engine);
        }
        make_room(engine);
    } while (has_events(engine));
    engine->stepping = false;
}

/* ---- heights ---- */

const struct engine_key *engine_key_in(const struct engine *engine, const struct validator_set *set)
{
    int own = validators_find(set, engine->parts->member);
    for (size_t i = 0; own >= 0 && i < engine->key_count; i++) {
        const struct vote_key *key = &engine->keys[i].vote_key;
        if (memcmp(set->item[own].key.bytes, key->bytes, VOTE_KEY_BYTES) == 0) {
            return &engine->keys[i];
        }
    }
    return NULL;
}

/* Which of our keys the set of the next height names; -1: none. */
static int seat_key(const struct engine *engine)
{
    const struct engine_key *key = engine_key_in(engine, app_next_validators(engine->parts->app));
    return key != NULL ? (int)(key - engine->keys) : -1;
}

bool engine_is_validator(const struct engine *engine)
{
    return seat_key(engine) >= 0;
}

static void use_key(struct engine *engine, size_t index)
{
    engine->signer = engine->keys[index].signer;
    engine->heard = engine->keys[index].heard;
}

void engine_select_key(struct engine *engine)
{
    int seat = seat_key(engine);
    if (seat >= 0) {
        use_key(engine, (size_t)seat);
    }
}

size_t engine_keys(const struct engine *engine, struct vote_key out[ENGINE_KEYS_MAX], int *seat)
{
    for (size_t i = 0; i < engine->key_count; i++) {
        out[i] = engine->keys[i].vote_key;
    }
    *seat = seat_key(engine);
    return engine->key_count;
}

void engine_add_key(struct engine *engine, struct signer **signer, const struct vote_key *vote_key)
{
    ENSURE(engine->key_count > 0 && engine->key_count < ENGINE_KEYS_MAX);
    engine->keys[engine->key_count++] =
        (struct engine_key){.signer = *signer, .vote_key = *vote_key};
    *signer = NULL;
    engine_select_key(engine);
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

/* A proposal takes message_delay at most, clocks differ by precision; votes travel like it. */
static struct consensus_timing timing_of(const struct chain_params *params)
{
    int64_t delay = params->message_delay_ms;
    struct consensus_timing timing = consensus_timing_default();
    timing.idle_block_ms = params->idle_block_ms;
    timing.precision_ms = params->precision_ms;
    timing.message_delay_ms = delay;
    timing.propose_ms = at_least(delay + 2 * params->precision_ms, 200);
    timing.prevote_ms = timing.precommit_ms = at_least(delay / 2, 100);
    timing.propose_step_ms = timing.prevote_step_ms = timing.precommit_step_ms =
        at_least(delay / 4, 50);
    return timing;
}

/* When every validator in turn has decided an empty block, what waits here cannot be ordered now:
 * only something new is work again, or the idle time, else the chain would race through empty
 * blocks. */
static bool is_barren(const struct engine *engine)
{
    return engine->barren >= app_next_validators(engine->parts->app)->count;
}

static bool has_work(const struct engine *engine)
{
    return !is_barren(engine) && (mempool_stats(engine->parts->mempool).txs > 0 ||
                                  evidence_pool_is_due(engine->evidence));
}

/* How long the next block is to wait for more transactions, if it does. */
static int64_t gather_left_ms(const struct engine *engine)
{
    size_t full = (size_t)app_params(engine->parts->app)->block_txs_max;
    if (engine->decided_txs < BUSY_TXS || mempool_stats(engine->parts->mempool).txs >= full / 2) {
        return 0;
    }
    return at_least(engine->decided_ms + BUSY_GATHER_MS - clock_monotonic_ms(), 0);
}

static bool has_ripe_work(const struct engine *engine)
{
    struct mempool_stats stats = mempool_stats(engine->parts->mempool);
    int64_t now_ms = clock_monotonic_ms();
    bool ripe =
        stats.txs > 0 && stats.oldest_ms + GATHER_MS <= now_ms && gather_left_ms(engine) == 0;
    return has_work(engine) && (evidence_pool_is_due(engine->evidence) || ripe);
}

static void on_gather(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    if (engine->running && has_work(engine) && consensus_status(engine->core).step == STEP_NEW) {
        (void)engine_push(engine, EVENT_WORK);
        engine_run_queue(engine);
    }
}

static void wait_for_company(struct engine *engine)
{
    if (!engine->running || consensus_status(engine->core).step != STEP_NEW) {
        return;
    }
    uint64_t wait_ms = (uint64_t)at_least(gather_left_ms(engine), GATHER_MS);
    if (!uv_is_active((uv_handle_t *)&engine->gather) ||
        uv_timer_get_due_in(&engine->gather) > wait_ms) {
        uv_timer_start(&engine->gather, on_gather, wait_ms, 0);
    }
}

static struct consensus *new_core(const struct engine *engine)
{
    const struct app *app = engine->parts->app;
    struct consensus_config config = {.genesis = *app_genesis_hash(app),
                                      .timing = timing_of(app_params(app))};
    if (engine->signer != NULL) {
        memcpy(config.member, engine->parts->member, MEMBER_ID_CHARS);
    }
    return consensus_create(&config);
}

void engine_start_height(struct engine *engine)
{
    const struct app *app = engine->parts->app;
    uint64_t height = app_height(app) + 1;
    bodies_start_height(engine->bodies, height);
    engine_select_key(engine);
    if (engine->dead || engine->closing || !engine_roll_over(engine) ||
        !engine_is_validator(engine) || consensus_status(engine->core).height >= height) {
        return;
    }
    engine_recall(engine, height);
    if (engine->dead) {
        return;
    }
    struct consensus_timing timing = timing_of(app_params(app));
    engine->running = true;
    engine->stored_body = (struct hash){{0}};
    struct event event = {.kind = EVENT_START_HEIGHT,
                          .now_ms = node_clock_now_ms(engine->parts->clock),
                          .start = {.height = height,
                                    .set = app_next_validators(app),
                                    .next_set = app_later_validators(app),
                                    .previous = *app_tip_hash(app),
                                    .previous_time_ms = app_tip_time_ms(app),
                                    .work = has_ripe_work(engine),
                                    .resume = signer_record(engine->signer),
                                    .timing = &timing}};
    bool within = engine->stepping; /* then the caller's loop goes on with what follows */
    engine->stepping = true;
    (void)engine_step(engine, &event);
    engine->stepping = within;
    engine_run_queue(engine);
    if (has_work(engine)) {
        wait_for_company(engine);
    }
}

void engine_restart_height(struct engine *engine)
{
    ENSURE(!engine->stepping);
    engine_pause(engine);
    consensus_free(&engine->core);
    engine->core = new_core(engine);
    bodies_start_height(engine->bodies, 0); /* verdicts are forgotten, and bodies go with them */
    engine_start_height(engine);
}

void engine_pause(struct engine *engine)
{
    engine->running = false;
    engine->queue_count = 0;
    engine_stop_timers(engine);
}

bool engine_knows_body(const struct engine *engine, const char *member, const struct hash *block)
{
    return consensus_voted_for(engine->core, member, block);
}

bool engine_needs_body(const struct engine *engine, const struct hash *block)
{
    return engine->running && consensus_needs(engine->core, block);
}

bool engine_running(const struct engine *engine)
{
    return engine->running;
}

struct consensus_status engine_status(const struct engine *engine)
{
    return consensus_status(engine->core);
}

void engine_work(struct engine *engine)
{
    engine->barren = 0;
    wait_for_company(engine);
}

void engine_stop_timers(struct engine *engine)
{
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        uv_timer_stop(&engine->timer[kind].handle);
    }
    uv_timer_stop(&engine->gather);
}

/* ---- life ---- */

static void open_timers(struct engine *engine)
{
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        struct engine_timer *timer = &engine->timer[kind];
        timer->engine = engine;
        timer->kind = (enum timer_kind)kind;
        timer->handle.data = timer;
        ENSURE(uv_timer_init(engine->parts->loop, &timer->handle) == 0);
    }
    ENSURE(uv_timer_init(engine->parts->loop, &engine->gather) == 0);
    ENSURE(uv_timer_init(engine->parts->loop, &engine->retransmit) == 0);
    engine->gather.data = engine->retransmit.data = engine;
    engine_retransmit_start(engine);
}

void engine_open(struct engine **out, const struct node_parts *parts, struct bodies *bodies,
                 struct evidence_pool *evidence, struct signer **signer,
                 const struct vote_key *vote_key, const struct engine_handler *handler)
{
    struct engine *engine = memory_alloc(sizeof *engine);
    engine->parts = parts;
    engine->bodies = bodies;
    engine->evidence = evidence;
    engine->handler = *handler;
    if (*signer != NULL) {
        engine->keys[engine->key_count++] =
            (struct engine_key){.signer = *signer, .vote_key = *vote_key};
        use_key(engine, 0);
        *signer = NULL;
    }
    engine->core = new_core(engine);
    open_timers(engine);
    engine_roll_open(engine);
    *out = engine;
}

void engine_close(struct engine *engine)
{
    if (engine->closing) {
        return;
    }
    engine_pause(engine);
    engine->closing = true;
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        uv_close((uv_handle_t *)&engine->timer[kind].handle, NULL);
    }
    uv_close((uv_handle_t *)&engine->gather, NULL);
    uv_close((uv_handle_t *)&engine->retransmit, NULL);
    uv_close((uv_handle_t *)&engine->roll_timer, NULL);
}

void engine_free(struct engine **engine)
{
    if (*engine == NULL) {
        return;
    }
    consensus_free(&(*engine)->core);
    for (size_t i = 0; i < (*engine)->key_count; i++) {
        signer_close(&(*engine)->keys[i].signer);
    }
    memory_free(*engine);
    *engine = NULL;
}
