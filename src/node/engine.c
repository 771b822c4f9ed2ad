/* Effects, in their order:
 *
 *   PERSIST   body into the store, then the safety record: both synced, or the node stops
 *   SEND      signature from the synced record; out to the validators; back in as an event
 *   EXECUTE   body from bodies, store or peers; executed; VERDICT
 *   BUILD     candidates from the mempool; executed; BUILT
 *   DECIDE    commit; the owner is told when the queue of events is empty
 *   EVIDENCE  into the pool and to the validators
 *   DIVERGED  stop
 *   TIMER     one libuv timer for each kind
 *
 * A verdict "invalid" is given only when no body can fit the header; a body that does not fit is
 * the giver's fault (bodies.h), and silence until another comes, which makes a round fail at worst.
 */
#include "node/engine.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/block_check.h"

#include <string.h>

#define QUEUE_MAX 256
#define GATHER_MS 20        /* the first transaction waits for company */
#define CANDIDATE_AGE_MS 10 /* younger ones are still on their way to the others */
#define RETRANSMIT_MS 500
#define HELP_PEERS_MAX 16 /* that many get retransmissions in one turn */
#define BLAME_BAD_SIGNATURE 10

struct engine_timer {
    uv_timer_t handle;
    struct engine *engine;
    enum timer_kind kind;
    uint64_t height;
    uint32_t round;
};

struct engine {
    const struct node_parts *parts;
    struct bodies *bodies;
    struct evidence_pool *evidence;
    struct signer *signer;
    struct vote_key vote_key;
    struct engine_handler handler;
    struct consensus *core;
    struct effects effects;
    struct event queue[QUEUE_MAX];
    size_t queue_first, queue_count;
    bool stepping, running, closing, dead;
    bool has_commit;
    struct app_commit commit;
    struct engine_timer timer[TIMER_KINDS];
    uv_timer_t gather, retransmit;
    struct hash stored_body; /* the last one stored */
    uint64_t hold_height;
    struct safety_record held;    /* stands in for the signer's record below hold_height */
    struct consensus_status last; /* at the last retransmission tick */
    uint64_t help_turn;
};

static void run_queue(struct engine *engine);

static void stop_node(struct engine *engine, int error, const char *what)
{
    engine->dead = true;
    engine->running = false;
    engine->parts->fatal(engine->parts->fatal_context, error, what);
}

/* ---- events ---- */

static struct event *push(struct engine *engine, enum event_kind kind)
{
    ENSURE(engine->queue_count < QUEUE_MAX);
    size_t at = (engine->queue_first + engine->queue_count++) % QUEUE_MAX;
    struct event *event = &engine->queue[at];
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->now_ms = node_clock_now_ms(engine->parts->clock);
    return event;
}

/* ---- PERSIST ---- */

static struct block *find_body(struct engine *engine, const struct hash *hash)
{
    struct block *block = bodies_find(engine->bodies, hash);
    if (block != NULL) {
        return block_ref(block);
    }
    int error = app_load_body(&block, engine->parts->app, hash);
    if (app_error_is_environment(error)) {
        stop_node(engine, error, "reading a stored body");
    }
    return error == 0 ? block : NULL;
}

static int store_body(struct engine *engine, const struct hash *hash)
{
    if (hash_is_zero(hash) || hash_equal(hash, &engine->stored_body)) {
        return 0;
    }
    AUTO(block_free) struct block *block = find_body(engine, hash);
    ENSURE(block != NULL || engine->dead); /* its verdict was valid: it was held */
    int error = block != NULL ? app_store_body(engine->parts->app, block) : ERR_IO;
    if (error == 0) {
        engine->stored_body = *hash;
    }
    return error;
}

static void persist(struct engine *engine, const struct effect *effect)
{
    int64_t start = clock_monotonic_us();
    int error = store_body(engine, &effect->persist.body);
    if (error == 0) {
        error = signer_persist(engine->signer, effect->persist.record);
    }
    count_add(&engine->parts->counters->persist_us, (uint64_t)(clock_monotonic_us() - start));
    if (error != 0) {
        stop_node(engine, error, "writing the safety record");
    }
}

/* ---- SEND ---- */

static bool append_message(struct engine *engine, struct buf *frames, const struct message *message)
{
    if (message->kind == MESSAGE_VOTE) {
        size_t begun = wire_begin(frames, FRAME_VOTES);
        message_encode(frames, message);
        wire_end(frames, begun);
        return true;
    }
    AUTO(block_free) struct block *block = find_body(engine, &message->proposal.block);
    if (block != NULL) {
        wire_append_proposal(frames, message, block);
    }
    return block != NULL;
}

static void send_own(struct engine *engine, const struct effect *effect)
{
    struct message message = effect->send;
    int error = signer_sign(engine->signer, &message);
    if (error != 0) {
        stop_node(engine, error, "signing");
        return;
    }
    AUTO(buf_free) struct buf frames = {0};
    if (append_message(engine, &frames, &message)) {
        peers_broadcast(engine->parts->peers, view_of_buf(&frames), LINK_REQUIRED, true);
    }
    if (message.kind == MESSAGE_PROPOSAL) {
        count_add(&engine->parts->counters->proposals_made, 1);
    }
    struct event *event = push(engine, EVENT_MESSAGE);
    event->message.message = message;
    event->message.verified = true;
}

/* ---- EXECUTE ---- */

static void give_verdict(struct engine *engine, const struct block *block, bool valid)
{
    struct event *event = push(engine, EVENT_VERDICT);
    event->verdict.block = block->hash;
    event->verdict.valid = valid;
    event->verdict.header = block->header;
}

/* Whether the header is wrong whatever the body: it does not follow the tip, or its log root shows
 * that this is the body, and what executing it gives is not what the header says. */
static bool header_is_wrong(int error, const struct faults *faults)
{
    const char *field = faults->count > 0 ? faults->item[0].field : "";
    if (strncmp(field, "header", 6) != 0) {
        return false;
    }
    return error != ERR_BLOCK_EXECUTION || strcmp(field, "header.state_root") == 0 ||
           strcmp(field, "header.next_validators") == 0;
}

static void judge(struct engine *engine, struct block *block)
{
    struct faults faults = {0};
    int64_t start = clock_monotonic_us();
    peers_flush(engine->parts->peers);
    int error = app_process(engine->parts->app, &faults, block);
    count_add(&engine->parts->counters->process_us, (uint64_t)(clock_monotonic_us() - start));
    if (app_error_is_environment(error)) {
        stop_node(engine, error, "executing a block");
    } else if (error == 0 || header_is_wrong(error, &faults)) {
        give_verdict(engine, block, error == 0);
    } else {
        bodies_failed(engine->bodies, &block->hash, error);
    }
}

static bool is_current(const struct engine *engine, const struct block *block)
{
    return engine->running && block->header.height == app_height(engine->parts->app) + 1;
}

void engine_body(struct engine *engine, struct block *block)
{
    if (is_current(engine, block)) {
        judge(engine, block);
        run_queue(engine);
    }
}

static void on_stored_body(void *context, struct block *block, int error)
{
    struct engine *engine = context;
    if (!is_current(engine, block) || error == ERR_UNAVAILABLE) {
        return;
    }
    if (error == 0) {
        bodies_keep(engine->bodies, block);
        engine_body(engine, block);
    } else {
        bodies_want(engine->bodies, &block->hash, &block->header);
    }
}

static void execute(struct engine *engine, const struct effect *effect)
{
    const struct hash *hash = &effect->execute.block;
    struct block *held = bodies_find(engine->bodies, hash);
    if (held != NULL) {
        judge(engine, held);
        return;
    }
    AUTO(block_free) struct block *stored = find_body(engine, hash);
    if (stored != NULL) {
        block_check_start(engine->parts, stored, on_stored_body, engine);
    } else if (!engine->dead) {
        bodies_want(engine->bodies, hash,
                    effect->execute.has_header ? &effect->execute.header : NULL);
    }
}

/* ---- BUILD ---- */

/* Candidates that execution left out, while it may still point to them. */
struct dropped {
    struct engine *engine;
    struct tx **txs;
    size_t count;
};

static void on_dropped(void *context, const struct tx *tx, int error, const struct faults *faults)
{
    struct dropped *dropped = context;
    /* Full, or its time has not come: it stays. */
    if (error == 0 || error == ERR_TX_LIFETIME) {
        return;
    }
    struct mempool *mempool = dropped->engine->parts->mempool;
    struct tx *held = mempool_find(mempool, &tx->id);
    ENSURE(held == tx); /* candidates come from there, each once */
    dropped->txs[dropped->count++] = tx_ref(held);
    mempool_refused(mempool, &tx->id, error, faults);
}

static size_t candidates(struct engine *engine, struct tx **out, size_t max)
{
    const struct chain_params *params = app_params(engine->parts->app);
    int64_t by = clock_monotonic_ms() - CANDIDATE_AGE_MS;
    return mempool_candidates(engine->parts->mempool, out, max, (size_t)params->block_bytes_max,
                              by);
}

static void build(struct engine *engine, const struct effect *effect)
{
    const struct node_parts *parts = engine->parts;
    size_t max = (size_t)app_params(parts->app)->block_txs_max;
    struct evidence evidence[BLOCK_EVIDENCE_MAX];
    struct tx **list = memory_alloc(max * sizeof(struct tx *));
    struct dropped dropped = {.engine = engine, .txs = memory_alloc(max * sizeof(struct tx *))};
    AUTO(block_free) struct block *block = NULL;
    const struct app_proposal proposal = {.time_ms = effect->build.time_ms,
                                          .proposer = parts->member,
                                          .candidates = list,
                                          .candidate_count = candidates(engine, list, max),
                                          .evidence = evidence,
                                          .evidence_count =
                                              evidence_pool_offer(engine->evidence, evidence),
                                          .dropped = on_dropped,
                                          .context = &dropped};
    int64_t start = clock_monotonic_us();
    peers_flush(parts->peers);
    int error = app_prepare(&block, parts->app, &proposal);
    count_add(&parts->counters->build_us, (uint64_t)(clock_monotonic_us() - start));
    for (size_t i = 0; i < dropped.count; i++) {
        tx_free(&dropped.txs[i]);
    }
    memory_free(dropped.txs);
    memory_free(list);
    if (app_error_is_environment(error)) {
        stop_node(engine, error, "building a block");
    } else if (error != 0) {
        log_write(LOG_ERROR, "engine", "no block could be built: %s", error_code(error));
    } else {
        bodies_keep(engine->bodies, block);
        struct event *event = push(engine, EVENT_BUILT);
        event->built.height = effect->build.height;
        event->built.round = effect->build.round;
        event->built.header = block->header;
    }
}

/* ---- DECIDE ---- */

static int commit_block(struct engine *engine, const struct hash *hash,
                        const struct certificate *certificate)
{
    struct app *app = engine->parts->app;
    int error = app_commit(&engine->commit, app, hash, certificate);
    if (error == ERR_NOT_FOUND) { /* its result has made room for others of this height */
        AUTO(block_free) struct block *block = find_body(engine, hash);
        ENSURE(block != NULL || engine->dead);
        error = block != NULL ? app_process(app, NULL, block) : ERR_IO;
        if (error == 0) {
            error = app_commit(&engine->commit, app, hash, certificate);
        }
    }
    return error;
}

static void stop_timers(struct engine *engine)
{
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        uv_timer_stop(&engine->timer[kind].handle);
    }
    uv_timer_stop(&engine->gather);
}

static void decide(struct engine *engine, const struct effect *effect)
{
    int64_t start = clock_monotonic_us();
    peers_flush(engine->parts->peers);
    int error = commit_block(engine, &effect->decide.block, effect->decide.certificate);
    count_add(&engine->parts->counters->commit_us, (uint64_t)(clock_monotonic_us() - start));
    if (error != 0) {
        stop_node(engine, error, "committing a block");
        return;
    }
    count_add(&engine->parts->counters->blocks_decided, 1);
    engine->has_commit = true;
    engine->running = false;
    engine->queue_count = 0;
    stop_timers(engine);
}

/* ---- TIMER, EVIDENCE, DIVERGED ---- */

static void on_timer(uv_timer_t *handle)
{
    const struct engine_timer *timer = handle->data;
    struct engine *engine = timer->engine;
    struct event *event = push(engine, EVENT_TIMEOUT);
    event->timeout =
        (struct event_timeout){.kind = timer->kind, .height = timer->height, .round = timer->round};
    run_queue(engine);
}

static void set_timer(struct engine *engine, const struct effect *effect)
{
    struct engine_timer *timer = &engine->timer[effect->timer.kind];
    timer->height = effect->timer.height;
    timer->round = effect->timer.round;
    if (effect->timer.kind == TIMER_PROPOSE && effect->timer.round > 0) {
        count_add(&engine->parts->counters->rounds_failed, 1);
    }
    uv_update_time(engine->parts->loop); /* executing a block may have taken long */
    uv_timer_start(&timer->handle, on_timer, (uint64_t)effect->timer.delay_ms, 0);
}

static void carry_out(struct engine *engine, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PERSIST:
        persist(engine, effect);
        break;
    case EFFECT_SEND:
        send_own(engine, effect);
        break;
    case EFFECT_EXECUTE:
        execute(engine, effect);
        break;
    case EFFECT_BUILD:
        build(engine, effect);
        break;
    case EFFECT_DECIDE:
        decide(engine, effect);
        break;
    case EFFECT_EVIDENCE:
        (void)evidence_pool_add(engine->evidence, &effect->evidence);
        break;
    case EFFECT_DIVERGED:
        stop_node(engine, ERR_CORRUPT, "a quorum has decided a block that is invalid here");
        break;
    case EFFECT_TIMER:
        set_timer(engine, effect);
        break;
    }
}

/* One event: a step, and all its effects in order, unless one of them stops the node. */
static int step(struct engine *engine, const struct event *event)
{
    int error = consensus_step(engine->core, event, &engine->effects);
    for (size_t i = 0; error == 0 && i < engine->effects.count && !engine->dead; i++) {
        carry_out(engine, &engine->effects.item[i]);
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

static void run_queue(struct engine *engine)
{
    if (engine->stepping) {
        return; /* the loop below goes on */
    }
    engine->stepping = true;
    while (!engine->dead && (engine->queue_count > 0 || engine->has_commit)) {
        if (engine->has_commit) {
            hand_over_commit(engine);
            continue;
        }
        struct event event = engine->queue[engine->queue_first];
        engine->queue_first = (engine->queue_first + 1) % QUEUE_MAX;
        engine->queue_count--;
        (void)step(engine, &event);
    }
    engine->stepping = false;
}

/* ---- heights ---- */

bool engine_is_validator(const struct engine *engine)
{
    const struct validator_set *set = app_next_validators(engine->parts->app);
    int own = validators_find(set, engine->parts->member);
    return engine->signer != NULL && own >= 0 &&
           memcmp(set->item[own].key.bytes, engine->vote_key.bytes, VOTE_KEY_BYTES) == 0;
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

static bool has_work(const struct engine *engine)
{
    return mempool_stats(engine->parts->mempool).txs > 0 ||
           evidence_pool_count(engine->evidence) > 0;
}

static bool has_ripe_work(const struct engine *engine)
{
    struct mempool_stats stats = mempool_stats(engine->parts->mempool);
    return evidence_pool_count(engine->evidence) > 0 ||
           (stats.txs > 0 && stats.oldest_ms + GATHER_MS <= clock_monotonic_ms());
}

static const struct safety_record *resume_record(struct engine *engine, uint64_t height)
{
    const struct safety_record *record = signer_record(engine->signer);
    if (height < engine->hold_height && record->height < engine->hold_height) {
        safety_record_init(&engine->held);
        engine->held.height = engine->hold_height;
        return &engine->held;
    }
    return record;
}

void engine_start_height(struct engine *engine)
{
    const struct app *app = engine->parts->app;
    uint64_t height = app_height(app) + 1;
    bodies_start_height(engine->bodies, height);
    if (engine->dead || engine->closing || !engine_is_validator(engine) ||
        consensus_status(engine->core).height >= height) {
        return;
    }
    struct consensus_timing timing = timing_of(app_params(app));
    engine->running = true;
    engine->stored_body = (struct hash){{0}};
    struct event event = {.kind = EVENT_START_HEIGHT,
                          .now_ms = node_clock_now_ms(engine->parts->clock),
                          .start = {.height = height,
                                    .set = app_next_validators(app),
                                    .next_set = app_next_validators(app),
                                    .previous = *app_tip_hash(app),
                                    .previous_time_ms = app_tip_time_ms(app),
                                    .work = has_ripe_work(engine),
                                    .resume = resume_record(engine, height),
                                    .timing = &timing}};
    bool within = engine->stepping; /* then the caller's loop goes on with what follows */
    engine->stepping = true;
    (void)step(engine, &event);
    engine->stepping = within;
    run_queue(engine);
    if (has_work(engine)) {
        engine_work(engine);
    }
}

void engine_hold_until(struct engine *engine, uint64_t height)
{
    engine->hold_height = height;
}

void engine_pause(struct engine *engine)
{
    engine->running = false;
    engine->queue_count = 0;
    stop_timers(engine);
}

bool engine_running(const struct engine *engine)
{
    return engine->running;
}

struct consensus_status engine_status(const struct engine *engine)
{
    return consensus_status(engine->core);
}

static void on_gather(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    if (engine->running && has_work(engine) && consensus_status(engine->core).step == STEP_NEW) {
        (void)push(engine, EVENT_WORK);
        run_queue(engine);
    }
}

void engine_work(struct engine *engine)
{
    if (engine->running && !uv_is_active((uv_handle_t *)&engine->gather) &&
        consensus_status(engine->core).step == STEP_NEW) {
        uv_timer_start(&engine->gather, on_gather, GATHER_MS, 0);
    }
}

/* ---- messages ---- */

static int take_message(struct engine *engine, struct peer *peer, const struct message *message)
{
    if (!engine->running) {
        return ERR_STATUS;
    }
    struct event event = {.kind = EVENT_MESSAGE,
                          .now_ms = node_clock_now_ms(engine->parts->clock),
                          .message = {.message = *message}};
    engine->stepping = true;
    int error = step(engine, &event);
    engine->stepping = false;
    if (error == ERR_SIGNATURE) {
        peer_blame(engine->parts->peers, peer, BLAME_BAD_SIGNATURE, "a vote that does not verify");
    }
    run_queue(engine);
    return error;
}

static int take_votes(struct engine *engine, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    while (reader.rest.len > 0) {
        struct message message;
        int error = message_decode(&message, &reader);
        if (error != 0 || message.kind != MESSAGE_VOTE) {
            return ERR_ENCODING;
        }
        (void)take_message(engine, peer, &message);
    }
    return 0;
}

static int take_proposal(struct engine *engine, struct peer *peer, struct view body)
{
    struct message message;
    AUTO(compact_free) struct compact compact = {0};
    int error = wire_read_proposal(&message, &compact, body);
    if (error != 0) {
        return error;
    }
    count_add(&engine->parts->counters->proposals_seen, 1);
    struct header header = message.proposal.header;
    error = take_message(engine, peer, &message);
    if (error == 0 || error == ERR_DUPLICATE) {
        bodies_offer(engine->bodies, peer, &header, &compact);
    }
    return 0;
}

int engine_frame(struct engine *engine, struct peer *peer, const struct frame *frame)
{
    return frame->kind == FRAME_PROPOSAL ? take_proposal(engine, peer, frame->body)
                                         : take_votes(engine, peer, frame->body);
}

/* ---- repair of loss ---- */

static void append_all_messages(struct engine *engine, struct buf *frames)
{
    struct consensus_cursor cursor = {0};
    struct message message;
    while (consensus_next_message(&message, &cursor, engine->core)) {
        (void)append_message(engine, frames, &message);
    }
}

static bool is_at_our_height(const struct engine *engine, const struct peer *peer)
{
    return peer->up && peer->validator && peer->told_status &&
           peer->status.height == app_height(engine->parts->app);
}

void engine_help(struct engine *engine, struct peer *peer)
{
    if (!engine->running || !is_at_our_height(engine, peer) ||
        consensus_status(engine->core).step == STEP_NEW) {
        return;
    }
    AUTO(buf_free) struct buf frames = {0};
    append_all_messages(engine, &frames);
    (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
}

static void help_everybody(struct engine *engine)
{
    size_t count = peers_count(engine->parts->peers);
    AUTO(buf_free) struct buf frames = {0};
    append_all_messages(engine, &frames);
    size_t helped = 0;
    for (size_t i = 0; i < count && helped < HELP_PEERS_MAX && frames.len > 0; i++) {
        struct peer *peer = peers_at(engine->parts->peers, (size_t)(engine->help_turn++ % count));
        if (is_at_our_height(engine, peer)) {
            helped++;
            (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
        }
    }
    count_add(&engine->parts->counters->retransmissions, helped > 0);
}

static void on_retransmit(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    struct consensus_status now = consensus_status(engine->core);
    const struct consensus_status *last = &engine->last;
    bool stuck = now.height == last->height && now.round == last->round && now.step == last->step;
    if (engine->running && stuck && now.step != STEP_NEW) {
        help_everybody(engine);
    }
    engine->last = now;
}

/* ---- life ---- */

void engine_open(struct engine **out, const struct node_parts *parts, struct bodies *bodies,
                 struct evidence_pool *evidence, struct signer **signer,
                 const struct vote_key *vote_key, const struct engine_handler *handler)
{
    struct engine *engine = memory_alloc(sizeof *engine);
    struct consensus_config config = {.genesis = *app_genesis_hash(parts->app),
                                      .timing = timing_of(app_params(parts->app))};
    engine->parts = parts;
    engine->bodies = bodies;
    engine->evidence = evidence;
    engine->handler = *handler;
    engine->signer = *signer;
    *signer = NULL;
    if (engine->signer != NULL) {
        engine->vote_key = *vote_key;
        memcpy(config.member, parts->member, MEMBER_ID_CHARS);
    }
    engine->core = consensus_create(&config);
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        struct engine_timer *timer = &engine->timer[kind];
        timer->engine = engine;
        timer->kind = (enum timer_kind)kind;
        timer->handle.data = timer;
        ENSURE(uv_timer_init(parts->loop, &timer->handle) == 0);
    }
    ENSURE(uv_timer_init(parts->loop, &engine->gather) == 0);
    ENSURE(uv_timer_init(parts->loop, &engine->retransmit) == 0);
    engine->gather.data = engine->retransmit.data = engine;
    uv_timer_start(&engine->retransmit, on_retransmit, RETRANSMIT_MS, RETRANSMIT_MS);
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
}

void engine_free(struct engine **engine)
{
    if (*engine == NULL) {
        return;
    }
    consensus_free(&(*engine)->core);
    signer_close(&(*engine)->signer);
    memory_free(*engine);
    *engine = NULL;
}
