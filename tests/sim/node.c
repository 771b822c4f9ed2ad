/* The host of one state machine: it carries effects out in their order, may crash before any of
 * them and inside PERSIST, and comes back with what was durable. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define TICK_MS 200

void node_make(struct world *world, size_t index)
{
    struct sim_node *node = &world->node[index];
    node->index = index;
    node->observer = index == world->options->nodes;
    snprintf(node->member, sizeof node->member, "9100000000000000%02u", (unsigned)index % 100);
    /* Any 32 bytes below the group order; tagged by seed so that worlds differ. */
    struct hash secret =
        hash_tagged("sim/key", view_of(&(uint64_t[]){world->seed, index}, 2 * sizeof(uint64_t)));
    memcpy(node->secret.bytes, secret.bytes, SECRET_KEY_BYTES);
    ENSURE(sign_vote_key(&node->key, &node->secret) == 0);
    node->chain = memory_alloc(SIM_HEIGHTS_MAX * sizeof *node->chain);
}

void node_free(struct sim_node *node)
{
    signer_close(&node->signer);
    consensus_free(&node->consensus);
    memory_free(node->chain);
}

/* ---- life ---- */

static bool guarded(const struct sim_node *node)
{
    return !node->observer && node->conduct == CONDUCT_HONEST;
}

static void open_signer(struct world *world, struct sim_node *node)
{
    if (node->life == 0) {
        disk_make(&node->disk, world);
        struct safety_disk fresh = disk_open(&node->disk);
        while (safety_create(&fresh, &world->genesis, &node->key) != 0)
            disk_make(&node->disk, world); /* the ceremony tries again; a running node never */
    }
    struct safety_disk disk = disk_open(&node->disk);
    struct safety *safety = NULL;
    int error = safety_open(&safety, &disk, &world->genesis, &node->key);
    if (error == 0)
        error = signer_open(&node->signer, &safety, &world->genesis, node->member, &node->secret,
                            sim_sign);
    if (error == ERR_IO || error == ERR_DISK_FULL)
        node_crash(world, node, true); /* the operator tries again later */
    else if (error != 0)
        sim_fail(world, "n%zu cannot open its safety record: %s", node->index, error_code(error));
}

static void count_resumed(struct world *world, const struct sim_node *node,
                          const struct safety_record *record)
{
    if (node->life == 0 || record->height != node->height + 1)
        return;
    world->counters->resumed++;
    world->counters->resumed_locked += record->locked_round != ROUND_NONE;
}

/* START_HEIGHT after the tip. Liars have no memory to respect: amnesia is one of their faults. */
void node_advance(struct world *world, struct sim_node *node)
{
    static struct safety_record forgetful;
    safety_record_init(&forgetful);
    const struct sim_block *tip = &node->chain[node->height];
    struct event event = {.kind = EVENT_START_HEIGHT, .now_ms = sim_clock(world, node)};
    event.start = (struct event_start_height){.height = node->height + 1,
                                              .set = &world->set,
                                              .next_set = &world->set,
                                              .previous = tip->hash,
                                              .previous_time_ms = tip->body.header.time_ms,
                                              .work = node->work};
    node->work = false;
    node->wanted_count = 0;
    if (node->signer)
        event.start.resume = signer_record(node->signer);
    else if (!node->observer)
        event.start.resume = &forgetful;
    ENSURE(node->feed_count < sizeof node->feed / sizeof node->feed[0]);
    node->feed[node->feed_count++] = event;
}

static void feed_all(struct world *world, struct sim_node *node);

void node_start(struct world *world, struct sim_node *node)
{
    node->up = true;
    struct consensus_config config = {
        .genesis = world->genesis, .timing = world->timing, .verify = sim_verify};
    memcpy(config.member, node->member, sizeof config.member);
    node->consensus = consensus_create(&config);
    node->last = node->last_tick = (struct consensus_status){0};
    memset(node->body_hash, 0, sizeof node->body_hash);
    memset(node->peer_height, 0, sizeof node->peer_height);
    node->feed_count = 0;
    node->work = false;
    if (guarded(node)) {
        if (node->life > 0 && world->chaos && sim_chance(world, 20))
            disk_rot(&node->disk);
        open_signer(world, node);
        if (!node->signer)
            return;
        count_resumed(world, node, signer_record(node->signer));
    }
    sim_trace(world, "n%zu up at height %zu", node->index, node->height);
    sim_later(world, TICK_MS + (int64_t)sim_below(world, 50), HAPPEN_TICK, node->index);
    node_advance(world, node);
    feed_all(world, node);
}

void node_crash(struct world *world, struct sim_node *node, bool power)
{
    sim_trace(world, "n%zu %s", node->index, power ? "loses power" : "is killed");
    signer_close(&node->signer);
    consensus_free(&node->consensus);
    if (guarded(node))
        disk_crash(&node->disk, power);
    node->up = false;
    node->life++;
    sim_later(world, 50 + (int64_t)sim_below(world, 3000), HAPPEN_RESTART, node->index);
}

/* ---- effects ---- */

/* Whether the node crashes right here. */
static bool crash_here(struct world *world, struct sim_node *node, uint64_t *counter)
{
    if (world->crash_one_in == 0 || sim_below(world, (uint64_t)world->crash_one_in) != 0)
        return false;
    ++*counter;
    node_crash(world, node, sim_chance(world, 60));
    return true;
}

static void do_persist(struct world *world, struct sim_node *node, const struct effect *effect)
{
    if (!guarded(node))
        return;
    if (!hash_is_zero(&effect->persist.body))
        ledger_store_body(node, &effect->persist.body);
    if (crash_here(world, node, &world->counters->crash_body))
        return;
    node->disk.crash_wanted =
        world->crash_one_in > 0 && sim_below(world, (uint64_t)world->crash_one_in) == 0;
    bool inside = node->disk.crash_wanted;
    int error = signer_persist(node->signer, effect->persist.record);
    if (error == 0) {
        node->disk.crash_wanted = false; /* nothing new to write */
        return;
    }
    if (error != ERR_IO && error != ERR_DISK_FULL)
        sim_fail(world, "n%zu: persist refused: %s", node->index, error_code(error));
    world->counters->crash_in_persist += inside;
    node_crash(world, node, sim_chance(world, 60)); /* a failed persist stops the node */
}

static void count_send(struct world *world, const struct sim_node *node,
                       const struct message *message)
{
    struct counters *counters = world->counters;
    if (message->kind == MESSAGE_PROPOSAL) {
        counters->values_again += message->proposal.valid_round != ROUND_NONE;
        return;
    }
    const struct vote *vote = &message->vote;
    if (hash_is_zero(&vote->block))
        ++*(vote->type == VOTE_PREVOTE ? &counters->prevotes_nil : &counters->precommits_nil);
    for (size_t i = 0; i < 8; i++)
        counters->prevotes_again +=
            vote->type == VOTE_PREVOTE && node->seen[i].height == vote->height &&
            node->seen[i].round == vote->round && node->seen[i].valid_round != ROUND_NONE &&
            hash_equal(&node->seen[i].block, &vote->block);
}

static void feed_own(struct world *world, struct sim_node *node, const struct message *message)
{
    ENSURE(node->feed_count < sizeof node->feed / sizeof node->feed[0]);
    node->feed[node->feed_count++] =
        (struct event){.kind = EVENT_MESSAGE,
                       .now_ms = sim_clock(world, node),
                       .message = {.message = *message, .verified = true}};
}

static void do_send(struct world *world, struct sim_node *node, const struct effect *effect)
{
    struct message message = effect->send;
    if (node->conduct == CONDUCT_SILENT) {
        world->counters->silent++;
        return;
    }
    if (!guarded(node)) {
        byzantine_send(world, node, &message);
        return;
    }
    int error = signer_sign(node->signer, &message);
    if (error != 0) {
        sim_fail(world, "n%zu: sign refused: %s", node->index, error_code(error));
        return;
    }
    count_send(world, node, &message);
    judge_released(world, node, &message);
    peer_announce(world, node, &message);
    feed_own(world, node, &message);
}

static void answer_later(struct world *world, struct sim_node *node, const struct hash *block)
{
    struct occurrence *what =
        sim_later(world, (int64_t)sim_below(world, 15), HAPPEN_VERDICT, node->index);
    what->block = *block;
    what->height = node->height + 1;
}

static void do_execute(struct world *world, struct sim_node *node, const struct effect *effect)
{
    const struct hash *block = &effect->execute.block;
    if (ledger_find_body(node, block)) {
        answer_later(world, node, block);
        return;
    }
    if (node->wanted_count == SIM_BODIES_MAX)
        memmove(node->wanted, node->wanted + 1, --node->wanted_count * sizeof node->wanted[0]);
    node->wanted[node->wanted_count++] = *block;
    peer_want_body(world, node, block);
}

void node_body_arrived(struct world *world, struct sim_node *node, const struct sim_body *body)
{
    if (!ledger_body_matches(body))
        return; /* another body under this header: not the block's fault */
    ledger_keep_body(node, body);
    struct hash hash;
    header_hash(&hash, &body->header);
    for (size_t i = 0; i < node->wanted_count; i++) {
        if (!hash_equal(&node->wanted[i], &hash))
            continue;
        node->wanted[i] = node->wanted[--node->wanted_count];
        world->counters->bodies_fetched++;
        answer_later(world, node, &hash);
        return;
    }
}

static void do_build(struct world *world, struct sim_node *node, const struct effect *effect)
{
    struct occurrence *what =
        sim_later(world, (int64_t)sim_below(world, 15), HAPPEN_BUILT, node->index);
    what->height = effect->build.height;
    what->round = effect->build.round;
    what->time_ms = effect->build.time_ms;
}

static void do_decide(struct world *world, struct sim_node *node, const struct effect *effect)
{
    const struct sim_body *body = ledger_find_body(node, &effect->decide.block);
    ENSURE(body);
    struct sim_body copy = *body;
    ledger_commit(world, node, &copy, effect->decide.certificate);
    node_advance(world, node);
}

static void do_timer(struct world *world, struct sim_node *node, const struct effect *effect)
{
    struct occurrence *what = sim_later(world, effect->timer.delay_ms, HAPPEN_TIMER, node->index);
    what->timeout = (struct event_timeout){
        .kind = effect->timer.kind, .height = effect->timer.height, .round = effect->timer.round};
    what->generation = ++node->timer_generation[effect->timer.kind];
}

static uint64_t *crash_counter(struct world *world, enum effect_kind kind)
{
    struct counters *counters = world->counters;
    switch (kind) {
    case EFFECT_PERSIST:
        return &counters->crash_persist;
    case EFFECT_SEND:
        return &counters->crash_send;
    case EFFECT_EXECUTE:
        return &counters->crash_execute;
    case EFFECT_BUILD:
        return &counters->crash_build;
    case EFFECT_DECIDE:
        return &counters->crash_decide;
    case EFFECT_TIMER:
        return &counters->crash_timer;
    case EFFECT_EVIDENCE:
    case EFFECT_DIVERGED:
    default:
        return &counters->crash_after;
    }
}

static void do_effect(struct world *world, struct sim_node *node, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PERSIST:
        do_persist(world, node, effect);
        break;
    case EFFECT_SEND:
        do_send(world, node, effect);
        break;
    case EFFECT_EXECUTE:
        do_execute(world, node, effect);
        break;
    case EFFECT_BUILD:
        do_build(world, node, effect);
        break;
    case EFFECT_DECIDE:
        do_decide(world, node, effect);
        break;
    case EFFECT_EVIDENCE:
        world->counters->evidence++;
        judge_evidence(world, node, &effect->evidence);
        break;
    case EFFECT_DIVERGED:
        sim_fail(world, "n%zu: a quorum decided what is invalid here", node->index);
        break;
    case EFFECT_TIMER:
        do_timer(world, node, effect);
        break;
    }
}

/* ---- steps ---- */

static void count_step(struct world *world, const struct sim_node *node, const struct event *event,
                       int error)
{
    struct counters *counters = world->counters;
    const struct consensus_status *was = &node->last;
    struct consensus_status is = consensus_status(node->consensus);
    bool same_height = was->height == is.height;
    if (same_height && is.round > was->round && event->kind == EVENT_MESSAGE)
        counters->round_skips++;
    if (same_height && is.round > was->round && is.locked_round != ROUND_NONE)
        counters->locks_carried++;
    if (same_height && is.locked_round > was->locked_round)
        counters->locks++;
    if (event->kind == EVENT_TIMEOUT && error == OK) {
        counters->propose_timeouts += event->timeout.kind == TIMER_PROPOSE;
        counters->prevote_timeouts += event->timeout.kind == TIMER_PREVOTE;
        counters->precommit_timeouts += event->timeout.kind == TIMER_PRECOMMIT;
        counters->idle_blocks += event->timeout.kind == TIMER_IDLE;
    }
    if (event->kind == EVENT_WORK && was->step == STEP_NEW && is.step != STEP_NEW)
        counters->work_blocks++;
    if (event->kind != EVENT_MESSAGE)
        return;
    counters->refused_signature += error == ERR_SIGNATURE;
    counters->refused_round += error == ERR_CONSENSUS_ROUND;
    counters->refused_set += error == ERR_CERT_SIGNER;
    counters->refused_duplicate += error == ERR_DUPLICATE;
    const struct message *message = &event->message.message;
    counters->early_messages += error == OK && message_height(message) == is.height + 1;
    /* A fresh proposal for this round, and the answer was nil at once: not timely (or invalid). */
    if (error == OK && message->kind == MESSAGE_PROPOSAL && same_height &&
        was->step == STEP_PROPOSE && is.step > STEP_PROPOSE && is.locked_round == ROUND_NONE &&
        message->proposal.valid_round == ROUND_NONE && !event->message.verified)
        counters->untimely++;
}

static void trace_step(struct world *world, const struct sim_node *node, const struct event *event,
                       int error, const struct effects *effects)
{
    static const char *const event_name[] = {"?",       "start", "message", "built",
                                             "verdict", "work",  "timeout"};
    static const char effect_letter[] = "?PSXBDEVT";
    char letters[EFFECTS_MAX + 1];
    for (size_t i = 0; i < effects->count; i++)
        letters[i] = effect_letter[effects->item[i].kind];
    letters[effects->count] = '\0';
    struct consensus_status is = consensus_status(node->consensus);
    char block[2 * HASH_BYTES + 1] = "";
    const char *detail = "";
    char about[96] = "";
    if (event->kind == EVENT_MESSAGE) {
        const struct message *message = &event->message.message;
        bool vote = message->kind == MESSAGE_VOTE;
        hash_to_hex(block, vote ? &message->vote.block : &message->proposal.block);
        detail = !vote ? "proposal" : message->vote.type == VOTE_PREVOTE ? "prevote" : "precommit";
        snprintf(about, sizeof about, "%s %llu/%u %.8s %s", detail,
                 (unsigned long long)message_height(message), message_round(message), block,
                 vote ? message->vote.validator + 16 : "");
    } else if (event->kind == EVENT_TIMEOUT) {
        snprintf(about, sizeof about, "%d %llu/%u", event->timeout.kind,
                 (unsigned long long)event->timeout.height, event->timeout.round);
    }
    sim_trace(world, "n%zu %s %s -> %s [%s] %llu/%u s%d lock %lld valid %lld", node->index,
              event_name[event->kind], about, error_code(error), letters,
              (unsigned long long)is.height, is.round, is.step, (long long)is.locked_round,
              (long long)is.valid_round);
}

static void step(struct world *world, struct sim_node *node, const struct event *event)
{
    struct effects effects;
    int error = consensus_step(node->consensus, event, &effects);
    trace_step(world, node, event, error, &effects);
    count_step(world, node, event, error);
    node->last = consensus_status(node->consensus);
    unsigned life = node->life;
    node->resuming = event->kind == EVENT_START_HEIGHT;
    for (size_t i = 0; i < effects.count; i++) {
        const struct effect *effect = &effects.item[i];
        if (guarded(node) && crash_here(world, node, crash_counter(world, effect->kind)))
            return;
        do_effect(world, node, effect);
        if (node->life != life || world->failed)
            return;
    }
    if (effects.count > 0 && guarded(node))
        crash_here(world, node, &world->counters->crash_after);
}

static void feed_all(struct world *world, struct sim_node *node)
{
    unsigned life = node->life;
    while (node->life == life && node->up && node->feed_count > 0 && !world->failed) {
        struct event event = node->feed[0];
        memmove(node->feed, node->feed + 1, --node->feed_count * sizeof node->feed[0]);
        step(world, node, &event);
    }
}

void node_event(struct world *world, struct sim_node *node, const struct event *event)
{
    unsigned life = node->life;
    step(world, node, event);
    if (node->life == life)
        feed_all(world, node);
}

static void give_verdict(struct world *world, struct sim_node *node, const struct occurrence *what)
{
    const struct sim_body *body = ledger_find_body(node, &what->block);
    if (!body || what->height != node->height + 1)
        return; /* another height by now */
    struct event event = {.kind = EVENT_VERDICT, .now_ms = sim_clock(world, node)};
    event.verdict.block = what->block;
    event.verdict.header = body->header;
    event.verdict.valid = ledger_valid(world, node, body);
    node_event(world, node, &event);
}

static void give_built(struct world *world, struct sim_node *node, const struct occurrence *what)
{
    if (what->height != node->height + 1)
        return;
    struct sim_body body;
    ledger_build(&body, world, node, what->time_ms, sim_random(world));
    ledger_keep_body(node, &body);
    struct event event = {.kind = EVENT_BUILT, .now_ms = sim_clock(world, node)};
    event.built.height = what->height;
    event.built.round = what->round;
    event.built.header = body.header;
    node_event(world, node, &event);
}

void node_happen(struct world *world, const struct occurrence *what)
{
    struct sim_node *node = &world->node[what->node];
    if (what->life != node->life)
        return;
    if (what->kind == HAPPEN_RESTART) {
        node_start(world, node);
        return;
    }
    if (!node->up)
        return;
    if (what->kind == HAPPEN_TICK) {
        peer_tick(world, node);
        if (node->life == what->life)
            sim_later(world, TICK_MS, HAPPEN_TICK, node->index);
    } else if (what->kind == HAPPEN_VERDICT) {
        give_verdict(world, node, what);
    } else if (what->kind == HAPPEN_BUILT) {
        give_built(world, node, what);
    } else if (what->generation == node->timer_generation[what->timeout.kind]) {
        struct event event = {
            .kind = EVENT_TIMEOUT, .now_ms = sim_clock(world, node), .timeout = what->timeout};
        node_event(world, node, &event);
    }
}
