/* Where the nodes are looked at, and where they may be killed: each function here wraps one of
 * theirs at link time. The step of consensus has one such place for whatever wants its trace. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "consensus_trace.h"
#include "judge.h"
#include "node/bodies_slot.h"
#include "node/engine_internal.h"
#include "node/node_internal.h"

#include <string.h>

int __wrap_consensus_step(struct consensus *consensus, const struct event *event,
                          struct effects *effects);
int __real_consensus_step(struct consensus *consensus, const struct event *event,
                          struct effects *effects);
void __wrap_engine_carry_out(struct engine *engine, const struct effect *effect);
void __real_engine_carry_out(struct engine *engine, const struct effect *effect);
void __wrap_bodies_failed(struct bodies *bodies, const struct block *block, int error);
void __real_bodies_failed(struct bodies *bodies, const struct block *block, int error);
int __wrap_signer_sign(const struct signer *signer, struct message *message);
int __real_signer_sign(const struct signer *signer, struct message *message);
int __wrap_signer_persist(struct signer *signer, const struct safety_record *record);
int __real_signer_persist(struct signer *signer, const struct safety_record *record);
int __wrap_app_commit(struct app_commit *out, struct app *app, const struct hash *block_hash,
                      const struct certificate *certificate);
int __real_app_commit(struct app_commit *out, struct app *app, const struct hash *block_hash,
                      const struct certificate *certificate);
bool __wrap_link_send(struct link *link, struct view frames, enum link_importance importance);
bool __real_link_send(struct link *link, struct view frames, enum link_importance importance);

bool __wrap_engine_recognize(struct engine *engine, struct peer *peer,
                             const struct message *message);
bool __real_engine_recognize(struct engine *engine, struct peer *peer,
                             const struct message *message);
bool __wrap_engine_roll_over(struct engine *engine);
bool __real_engine_roll_over(struct engine *engine);
int __wrap_engine_roll_frame(struct engine *engine, struct peer *peer, const struct frame *frame);
int __real_engine_roll_frame(struct engine *engine, struct peer *peer, const struct frame *frame);
int __wrap_engine_resume(struct engine *engine);
int __real_engine_resume(struct engine *engine);
int __wrap_signer_hold(struct signer *signer, uint64_t height, enum hold_reason reason);
int __real_signer_hold(struct signer *signer, uint64_t height, enum hold_reason reason);

/* ---- killing ---- */

/* Whether the process ends right here. */
static bool dies_here(struct sim_host *host, uint64_t *counter)
{
    struct world *world = host->world;
    if (host->dead)
        return true;
    if (!sim_rarely(world, world->storm.crash_one_in))
        return false;
    ++*counter;
    host_kill(host, sim_has(world, FAULT_POWER) && sim_chance(world, 60));
    return true;
}

/* ---- steps ---- */

/* By the rule of docs/spec/consensus.md, Time, and the clock of the node. */
static bool is_untimely(const struct sim_host *host, const struct event *event)
{
    const struct chain_params *params = app_params(host->node->app);
    const struct event_message *in = &event->message;
    const struct proposal *proposal = &in->message.proposal;
    int64_t at_ms = in->received_ms > 0 ? in->received_ms : event->now_ms;
    int64_t age_ms = at_ms - proposal->header.time_ms;
    int64_t delay_ms = params->message_delay_ms * ((int64_t)proposal->round + 1);
    return age_ms < -params->precision_ms || age_ms > delay_ms + params->precision_ms;
}

static void count_step(struct sim_host *host, const struct event *event, int error,
                       const struct consensus_status *is)
{
    struct counters *counters = host->world->counters;
    const struct consensus_status *was = &host->last;
    bool same_height = was->height == is->height;
    bool later = same_height && is->round > was->round;
    counters->round_skips += later && event->kind == EVENT_MESSAGE;
    counters->locks_carried += later && is->locked_round != ROUND_NONE;
    counters->locks += same_height && is->locked_round > was->locked_round;
    if (event->kind == EVENT_TIMEOUT && error == OK) {
        counters->propose_timeouts += event->timeout.kind == TIMER_PROPOSE;
        counters->prevote_timeouts += event->timeout.kind == TIMER_PREVOTE;
        counters->precommit_timeouts += event->timeout.kind == TIMER_PRECOMMIT;
        counters->idle_blocks += event->timeout.kind == TIMER_IDLE;
    }
    counters->work_blocks +=
        event->kind == EVENT_WORK && was->step == STEP_NEW && is->step != STEP_NEW;
    if (event->kind != EVENT_MESSAGE)
        return;
    counters->refused_signature += error == ERR_SIGNATURE;
    counters->refused_round += error == ERR_CONSENSUS_ROUND;
    counters->refused_set += error == ERR_CERT_SIGNER;
    counters->refused_duplicate += error == ERR_DUPLICATE;
    const struct message *message = &event->message.message;
    counters->early_messages += error == OK && message_height(message) == is->height + 1;
    /* A fresh proposal for this round, and the answer was a prevote at once. */
    bool answered = error == OK && message->kind == MESSAGE_PROPOSAL && same_height &&
                    was->step == STEP_PROPOSE && is->step > STEP_PROPOSE &&
                    is->round == was->round && message_round(message) == is->round &&
                    message->proposal.valid_round == ROUND_NONE;
    counters->untimely += answered && is_untimely(host, event);
}

static void trace_step(const struct sim_host *host, const struct event *event, int error,
                       const struct effects *effects, const struct consensus_status *is)
{
    static const char *const event_name[] = {"?",       "start", "message", "built",
                                             "verdict", "work",  "timeout", "lost"};
    static const char effect_letter[] = "?PSXBDEVT";
    char letters[EFFECTS_MAX + 1], block[2 * HASH_BYTES + 1] = "", about[96] = "";
    if (!host->world->options->trace)
        return;
    for (size_t i = 0; i < effects->count; i++)
        letters[i] = effect_letter[effects->item[i].kind];
    letters[effects->count] = '\0';
    if (event->kind == EVENT_MESSAGE) {
        const struct message *message = &event->message.message;
        bool vote = message->kind == MESSAGE_VOTE;
        hash_to_hex(block, vote ? &message->vote.block : &message->proposal.block);
        (void)snprintf(about, sizeof about, "%s %llu/%u %.8s %s",
                       !vote                                ? "proposal"
                       : message->vote.type == VOTE_PREVOTE ? "prevote"
                                                            : "precommit",
                       (unsigned long long)message_height(message), message_round(message), block,
                       vote ? message->vote.validator : "");
    } else if (event->kind == EVENT_TIMEOUT) {
        (void)snprintf(about, sizeof about, "%d %llu/%u", (int)event->timeout.kind,
                       (unsigned long long)event->timeout.height, event->timeout.round);
    }
    sim_trace(host->world, "n%zu %s %s -> %s [%s] %llu/%u s%d lock %lld valid %lld", host->index,
              event_name[event->kind], about, error_code(error), letters,
              (unsigned long long)is->height, is->round, (int)is->step, (long long)is->locked_round,
              (long long)is->valid_round);
}

/* --trace-steps */
static void write_step(const struct sim_host *host, const struct consensus_status *was,
                       const struct event *event, int error, const struct effects *effects,
                       const struct consensus_status *is)
{
    char name[24];
    if (!consensus_trace_is_open())
        return;
    (void)snprintf(name, sizeof name, "n%zu", host->index);
    const struct trace_node node = {.name = name,
                                    .member = host->identity->member,
                                    .life = host->life,
                                    .honest = host_honest(host) && !host->put_back_at_times,
                                    .genesis = &host->world->founding->genesis_hash};
    consensus_trace_step(&node, was, event, error, effects, is);
}

/* The one way to the state machine. */
int __wrap_consensus_step(struct consensus *consensus, const struct event *event,
                          struct effects *effects)
{
    struct sim_host *host = sim_here;
    if (host->step_effects > 0 && !host->dead)
        (void)dies_here(host, &host->world->counters->crash_after);
    struct consensus_status was = consensus_status(consensus);
    int error = __real_consensus_step(consensus, event, effects);
    if (host->dead)
        return error;
    struct consensus_status is = consensus_status(consensus);
    write_step(host, &was, event, error, effects, &is);
    trace_step(host, event, error, effects, &is);
    count_step(host, event, error, &is);
    if (error == 0 && event->kind == EVENT_MESSAGE &&
        event->message.message.kind == MESSAGE_PROPOSAL)
        host->seen[host->seen_next++ % SIM_PROPOSALS_SEEN] = event->message.message.proposal;
    host->last = is;
    host->resuming = event->kind == EVENT_START_HEIGHT;
    host->step_effects = (unsigned)effects->count;
    return error;
}

static uint64_t *crash_counter(struct counters *counters, enum effect_kind kind)
{
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

void __wrap_engine_carry_out(struct engine *engine, const struct effect *effect)
{
    struct sim_host *host = sim_here;
    struct counters *counters = host->world->counters;
    if (dies_here(host, crash_counter(counters, effect->kind)))
        return;
    if (effect->kind == EFFECT_EXECUTE)
        counters->bodies_fetched += bodies_find(engine->bodies, &effect->execute.block) == NULL;
    counters->evidence += effect->kind == EFFECT_EVIDENCE;
    if (effect->kind == EFFECT_DIVERGED && host_honest(host))
        sim_fail(host->world, "n%zu: a quorum decided what is invalid here", host->index);
    __real_engine_carry_out(engine, effect);
}

/* A wrong list condemns those who gave it: never an honest one, who gives what it has executed. */
void __wrap_bodies_failed(struct bodies *bodies, const struct block *block, int error)
{
    struct world *world = sim_here->world;
    const struct slot *slot = slot_find(bodies, &block->hash);
    world->counters->bodies_wrong++;
    for (size_t i = 0; error != ERR_SIGNATURE && slot->tried != NULL && i < slot->source_count;
         i++) {
        const struct peer *peer = peers_find(bodies->parts->peers, slot->sources[i].peer);
        const struct sim_host *giver = peer != NULL ? judge_find_host(world, peer->member) : NULL;
        if (slot->sources[i].list == slot->tried && giver != NULL && host_honest(giver))
            sim_fail(world, "n%zu: a list of n%zu, honest, was refused: %s", sim_here->index,
                     giver->index, error_code(error));
    }
    __real_bodies_failed(bodies, block, error);
}

/* ---- what is signed ---- */

static void count_signed(struct sim_host *host, const struct message *message)
{
    struct counters *counters = host->world->counters;
    if (message->kind == MESSAGE_PROPOSAL) {
        counters->values_again += message->proposal.valid_round != ROUND_NONE;
        return;
    }
    const struct vote *vote = &message->vote;
    for (size_t i = 0; i < SIM_PROPOSALS_SEEN && vote->type == VOTE_PREVOTE; i++) {
        const struct proposal *seen = &host->seen[i];
        counters->prevotes_again += seen->height == vote->height && seen->round == vote->round &&
                                    seen->valid_round != ROUND_NONE &&
                                    hash_equal(&seen->block, &vote->block);
    }
    if (hash_is_zero(&vote->block))
        ++*(vote->type == VOTE_PREVOTE ? &counters->prevotes_nil : &counters->precommits_nil);
}

int __wrap_signer_sign(const struct signer *signer, struct message *message)
{
    struct sim_host *host = sim_here;
    int error = __real_signer_sign(signer, message);
    if (host->dead)
        return error;
    if (error != 0) {
        sim_fail(host->world, "n%zu: signing was refused: %s", host->index, error_code(error));
    } else if (host->node != NULL && host->node->error != 0) {
        sim_fail(host->world, "n%zu signs after a fault that stops it", host->index);
    } else {
        count_signed(host, message);
        judge_released(host, message);
    }
    return error;
}

int __wrap_signer_persist(struct signer *signer, const struct safety_record *record)
{
    struct sim_host *host = sim_here;
    if (dies_here(host, &host->world->counters->crash_body))
        return ERR_IO;
    int error = __real_signer_persist(signer, record);
    if (error == ERR_SAFETY_REGRESS && !host->dead)
        sim_fail(host->world, "n%zu: its record was refused", host->index);
    return error;
}

/* ---- liars have no scruples: they ask nobody what they signed, and hold nothing back ---- */

static bool has_scruples(void)
{
    return sim_here->conduct != CONDUCT_EQUIVOCATING;
}

bool __wrap_engine_roll_over(struct engine *engine)
{
    engine->roll_over |= !has_scruples();
    bool over = __real_engine_roll_over(engine);
    if (over && !sim_here->roll.over && engine->signer != NULL && has_scruples())
        judge_roll_over(sim_here);
    else if (!over && engine->signer != NULL && host_honest(sim_here))
        judge_roll_goes_on(sim_here);
    return over;
}

/* All who run with that identity. */
static bool is_honest(const struct world *world, const struct sim_identity *identity)
{
    bool honest = true;
    for (size_t i = 0; i < world->host_count; i++)
        honest = honest && (world->host[i].identity != identity || host_honest(&world->host[i]));
    return honest;
}

/* Not by the node's own reading: what stands in the frame it has taken. */
static void note_answer(struct sim_host *host, const struct peer *peer, struct view body)
{
    uint64_t height;
    struct reader reader;
    struct message message;
    const struct founding *founding = host->world->founding;
    if (wire_read_roll(&height, &reader, body) != 0)
        return;
    while (reader.rest.len > 0 && message_decode(&message, &reader) == 0)
        judge_told(host, &message);
    for (size_t i = 0; i < founding->members; i++) {
        if (strcmp(founding->member[i].member, peer->member) == 0) {
            host->roll.answered |= (uint32_t)1 << i;
            host->roll.tip[i] = is_honest(host->world, &founding->member[i]) ? height : 0;
        }
    }
}

int __wrap_engine_roll_frame(struct engine *engine, struct peer *peer, const struct frame *frame)
{
    struct sim_host *host = sim_here;
    bool counts = frame->kind == FRAME_ROLL && engine->signer != NULL && !peer->roll.answered &&
                  peer->roll.asked_ms != 0;
    struct sim_roll before = host->roll;
    if (counts) /* the node may end its roll call on it */
        note_answer(host, peer, frame->body);
    int error = __real_engine_roll_frame(engine, peer, frame);
    if (error != 0)
        host->roll = before;
    if (host->dead)
        home_forget(host);
    return error;
}

bool __wrap_engine_recognize(struct engine *engine, struct peer *peer,
                             const struct message *message)
{
    if (!has_scruples())
        return true;
    bool looked_at = __real_engine_recognize(engine, peer, message);
    if (looked_at && sim_here->copy != NULL && engine->signer != NULL && !sim_here->dead)
        judge_told(sim_here, message);
    return looked_at;
}

int __wrap_signer_hold(struct signer *signer, uint64_t height, enum hold_reason reason)
{
    struct sim_host *host = sim_here;
    if (!has_scruples())
        return 0;
    bool is_new = height > signer_record(signer)->hold_height;
    int error = __real_signer_hold(signer, height, reason);
    if (error != 0 || host->dead || !host_honest(host))
        return error;
    judge_held(host, height, reason);
    if (is_new)
        ++*(reason == HOLD_ROLLED_BACK ? &host->world->counters->held_back
                                       : &host->world->counters->held_new);
    return error;
}

int __wrap_engine_resume(struct engine *engine)
{
    struct sim_host *host = sim_here;
    if (!host->dead)
        office_lifted(host);
    return __real_engine_resume(engine); /* which goes on with the height */
}

/* ---- what is committed ---- */

int __wrap_app_commit(struct app_commit *out, struct app *app, const struct hash *block_hash,
                      const struct certificate *certificate)
{
    struct sim_host *host = sim_here;
    if (host == NULL)
        return __real_app_commit(out, app, block_hash, certificate);
    struct world *world = host->world;
    struct validator_set set = *app_next_validators(app);
    bool dies = !host->dead && sim_rarely(world, world->storm.crash_one_in);
    if (dies) /* between the parts of the write, each of which is atomic, or after the last */
        kv_memory_fail_writes(host->kv, ERR_IO, 1 + (unsigned)sim_below(world, 3));
    int error = __real_app_commit(out, app, block_hash, certificate);
    if (!host->dead && error == 0)
        judge_committed(host, out, certificate, &set);
    if (dies) {
        world->counters->crash_in_commit += error != 0;
        host_kill(host, sim_has(world, FAULT_POWER) && sim_chance(world, 60));
    }
    return error;
}

/* ---- what is sent ---- */

/* What may be dropped is, now and then. */
bool __wrap_link_send(struct link *link, struct view frames, enum link_importance importance)
{
    struct world *world = sim_here->world;
    if (importance == LINK_DROPPABLE && world->storm.drop_percent > 0 &&
        sim_chance(world, world->storm.drop_percent)) {
        world->counters->dropped++;
        return false;
    }
    return __real_link_send(link, frames, importance);
}

/* ---- starts ---- */

void watch_up(struct sim_host *host)
{
    struct counters *counters = host->world->counters;
    host->last = (struct consensus_status){0};
    host->step_effects = 0;
    host->height = host_height(host);
    const struct engine *engine = host->node->engine;
    if (host->life == 0 || engine->signer == NULL)
        return;
    const struct safety_record *record = signer_record(engine->signer);
    if (record->height != host->height + 1)
        return;
    counters->resumed++;
    const struct engine_key *key = engine_key_in(engine, app_next_validators(host->node->app));
    counters->resumed_next += key != NULL && memcmp(&key->vote_key, &host->identity->vote_next,
                                                    sizeof key->vote_key) == 0;
    counters->resumed_locked += record->locked_round != ROUND_NONE;
}
