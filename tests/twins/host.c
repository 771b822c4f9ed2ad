/* The host of one instance: carries out effects in their order, feeds its own messages back after
 * the whole list. Nothing crashes here; what crashes do is for the simulator. */
#include "twins.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "consensus_trace.h"

#include <stdio.h>
#include <string.h>

#define OWN_MAX 64 /* messages one instance signs before anything else happens to it */

static int disk_read(void *context, void *out, size_t len, uint64_t offset)
{
    struct instance *instance = context;
    memcpy(out, instance->disk + offset, len);
    return OK;
}

static int disk_write(void *context, struct view data, uint64_t offset)
{
    struct instance *instance = context;
    ENSURE(offset + data.len <= SAFETY_FILE_BYTES);
    memcpy(instance->disk + offset, data.data, data.len);
    return OK;
}

static int disk_sync(void *context)
{
    (void)context;
    return OK;
}

/* In place of a signature: what was signed, and the secret that only its holder knows. */
static int mark_sign(struct signature *out, const struct secret_key *secret,
                     const struct hash *digest)
{
    memcpy(out->bytes, digest->bytes, HASH_BYTES);
    memcpy(out->bytes + HASH_BYTES, secret->bytes, SECRET_KEY_BYTES);
    return OK;
}

/* Messages reach a host only from who signed them, so the digest is all there is to check. */
static bool mark_verify(const struct vote_key *key, const struct hash *digest,
                        const struct signature *signature)
{
    (void)key;
    return memcmp(signature->bytes, digest->bytes, HASH_BYTES) == 0;
}

void host_make(struct twins *twins, size_t index)
{
    struct instance *instance = &twins->instance[index];
    instance->validator = index % twins->validators;
    const struct validator *self = &twins->members.item[instance->validator];
    const struct safety_disk disk = {
        .context = instance, .read = disk_read, .write = disk_write, .sync = disk_sync};
    struct safety *safety = NULL;
    ENSURE(safety_create(&disk, &twins->genesis, &self->key, false) == OK);
    ENSURE(safety_open(&safety, &disk, &twins->genesis, &self->key) == OK);
    ENSURE(signer_open(&instance->signer, &safety, &twins->genesis, self->member,
                       &twins->secret[instance->validator],
                       twins->real_signatures ? NULL : mark_sign) == OK);
    struct consensus_config config = {.genesis = twins->genesis,
                                      .timing = twins->timing,
                                      .verify = twins->real_signatures ? NULL : mark_verify};
    memcpy(config.member, self->member, sizeof config.member);
    instance->consensus = consensus_create(&config);
}

void host_free(struct instance *instance)
{
    signer_close(&instance->signer);
    consensus_free(&instance->consensus);
}

/* ---- effects ---- */

static void do_persist(struct twins *twins, struct instance *instance, const struct effect *effect)
{
    const struct hash *body = &effect->persist.body;
    if (!hash_is_zero(body) &&
        !(twins->block[twins_block(twins, body)].holders & 1U << twins_index(twins, instance)))
        twins_fail(twins, "a body is to be stored that is not at hand");
    int error = signer_persist(instance->signer, effect->persist.record);
    if (error != OK)
        twins_fail(twins, "the signer refuses a record: %s", error_code(error));
}

static size_t do_send(struct twins *twins, struct instance *instance, const struct effect *effect)
{
    ENSURE(twins->message_count < TWINS_MESSAGES_MAX);
    size_t number = twins->message_count;
    struct message_sent *sent = &twins->message[number];
    *sent = (struct message_sent){.message = effect->send, .from = twins_index(twins, instance)};
    int error = signer_sign(instance->signer, &sent->message);
    if (error != OK) {
        twins_fail(twins, "the signer refuses a message: %s", error_code(error));
        return number;
    }
    twins->message_count++;
    judge_signed(twins, instance, number);
    twins_broadcast(twins, number);
    return number;
}

static void do_build(struct twins *twins, struct instance *instance, const struct effect *effect)
{
    ENSURE(twins->block_count < TWINS_BLOCKS_MAX);
    size_t number = twins->block_count++;
    struct block_made *made = &twins->block[number];
    *made = (struct block_made){.holders = 1U << twins_index(twins, instance)};
    struct header *header = &made->header;
    header->version = HEADER_VERSION;
    header->genesis = twins->genesis;
    header->height = effect->build.height;
    header->time_ms = effect->build.time_ms;
    header->previous = twins->genesis;
    header->log_size = number + 1; /* twins make different blocks at one time */
    memcpy(header->proposer, twins->members.item[instance->validator].member,
           sizeof header->proposer);
    header_hash(&made->hash, header);
    twins_later(twins, ITEM_BUILT, twins_index(twins, instance), number, effect->build.round);
}

static void do_timer(struct twins *twins, struct instance *instance, const struct effect *effect)
{
    enum timer_kind kind = effect->timer.kind;
    instance->timer[kind].set = true;
    instance->timer[kind].deadline_ms = twins->now_ms + effect->timer.delay_ms;
    instance->timer[kind].timeout = (struct event_timeout){
        .kind = kind, .height = effect->timer.height, .round = effect->timer.round};
}

/* One effect; the number of the message it sent plus one, or 0. */
static size_t do_effect(struct twins *twins, struct instance *instance, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PERSIST:
        do_persist(twins, instance, effect);
        break;
    case EFFECT_SEND:
        return do_send(twins, instance, effect) + 1;
    case EFFECT_EXECUTE:
        twins_fetch_body(twins, instance, twins_block(twins, &effect->execute.block));
        break;
    case EFFECT_BUILD:
        do_build(twins, instance, effect);
        break;
    case EFFECT_DECIDE:
        judge_decided(twins, instance, effect->decide.certificate);
        break;
    case EFFECT_EVIDENCE:
        judge_evidence(twins, instance, &effect->evidence);
        break;
    case EFFECT_DIVERGED:
        twins_fail(twins, "a quorum decided what is invalid here");
        break;
    case EFFECT_TIMER:
        do_timer(twins, instance, effect);
        break;
    }
    return 0;
}

/* ---- events ---- */

static void count_step(struct twins *twins, struct instance *instance)
{
    struct consensus_status was = instance->last, is = consensus_status(instance->consensus);
    instance->last = is;
    twins->counts->steps++;
    if (!twins_correct(twins, instance) || was.height != is.height)
        return;
    twins->counts->locks_carried += is.round > was.round && is.locked_round != ROUND_NONE;
    twins->counts->unlocked +=
        was.locked_round != ROUND_NONE && !hash_equal(&was.locked_block, &is.locked_block);
}

/* --trace-steps */
static void write_step(const struct twins *twins, const struct instance *instance,
                       const struct consensus_status *was, const struct event *event, int error,
                       const struct effects *effects)
{
    char name[24];
    if (!consensus_trace_is_open())
        return;
    (void)snprintf(name, sizeof name, "v%zu/%zu", twins->validators, twins_index(twins, instance));
    const struct trace_node node = {.name = name,
                                    .member = twins->members.item[instance->validator].member,
                                    .honest = twins_correct(twins, instance),
                                    .genesis = &twins->genesis};
    consensus_trace_step(&node, was, event, error, effects, &instance->last);
}

static int step(struct twins *twins, struct instance *instance, const struct event *event,
                size_t own[OWN_MAX], size_t *own_count)
{
    struct effects effects;
    struct consensus_status was = consensus_status(instance->consensus);
    int error = consensus_step(instance->consensus, event, &effects);
    count_step(twins, instance);
    write_step(twins, instance, &was, event, error, &effects);
    for (size_t i = 0; i < effects.count && !twins->failed; i++) {
        size_t sent = do_effect(twins, instance, &effects.item[i]);
        if (sent > 0 && !twins->failed) {
            ENSURE(*own_count < OWN_MAX);
            own[(*own_count)++] = sent - 1;
        }
    }
    return error;
}

static struct event message_event(const struct twins *twins, size_t message, bool verified)
{
    return (struct event){
        .kind = EVENT_MESSAGE,
        .now_ms = twins->now_ms,
        .message = {.message = twins->message[message].message, .verified = verified}};
}

static int take(struct twins *twins, struct instance *instance, const struct event *event)
{
    size_t own[OWN_MAX], own_count = 0;
    int error = step(twins, instance, event, own, &own_count);
    for (size_t i = 0; i < own_count && !twins->failed; i++) {
        struct event said = message_event(twins, own[i], true);
        step(twins, instance, &said, own, &own_count);
        twins->message[own[i]].delivered |= 1U << twins_index(twins, instance);
    }
    return error;
}

void host_start(struct twins *twins, struct instance *instance)
{
    memset(instance->timer, 0, sizeof instance->timer);
    memset(instance->said, 0, sizeof instance->said);
    memset(instance->accused, 0, sizeof instance->accused);
    instance->wants = 0;
    instance->decided = false;
    struct event event = {.kind = EVENT_START_HEIGHT, .now_ms = twins->now_ms};
    event.start = (struct event_start_height){.height = twins->height,
                                              .set = &twins->members,
                                              .previous = twins->genesis,
                                              .previous_time_ms = twins->now_ms - 1000,
                                              .work = true,
                                              .resume = signer_record(instance->signer)};
    if (take(twins, instance, &event) != OK)
        twins_fail(twins, "a height does not start");
}

bool host_message(struct twins *twins, struct instance *instance, size_t message)
{
    struct message_sent *sent = &twins->message[message];
    uint32_t self = 1U << twins_index(twins, instance);
    if (sent->message.kind == MESSAGE_PROPOSAL) /* its body comes along */
        twins->block[twins_block(twins, &sent->message.proposal.block)].holders |= self;
    struct event event = message_event(twins, message, !twins->real_signatures);
    int error = take(twins, instance, &event);
    if (error == OK || error == ERR_DUPLICATE)
        sent->delivered |= self;
    else if (error != ERR_CONSENSUS_ROUND)
        twins_fail(twins, "a correct message is refused: %s", error_code(error));
    return error == OK;
}

void host_item(struct twins *twins, const struct item *item)
{
    struct instance *instance = &twins->instance[item->to];
    struct event event = {.now_ms = twins->now_ms};
    if (item->kind == ITEM_MESSAGE) {
        host_message(twins, instance, item->subject);
        return;
    }
    const struct block_made *block = &twins->block[item->subject];
    if (item->kind == ITEM_BUILT) {
        event.kind = EVENT_BUILT;
        event.built = (struct event_built){
            .height = twins->height, .round = item->round, .header = block->header};
    } else {
        event.kind = EVENT_VERDICT;
        event.verdict =
            (struct event_verdict){.block = block->hash, .valid = true, .header = block->header};
    }
    take(twins, instance, &event); /* outdated by now: refused, as it may be */
}

void host_timeout(struct twins *twins, struct instance *instance, enum timer_kind kind)
{
    instance->timer[kind].set = false;
    struct event event = {
        .kind = EVENT_TIMEOUT, .now_ms = twins->now_ms, .timeout = instance->timer[kind].timeout};
    take(twins, instance, &event);
}
