/* One scenario from start to end: who hears whom, what happens next, and the healing. */
#include "twins.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "consensus_trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define START_MS INT64_C(1767225600000)
#define REPAIR_MS 1000    /* random scenarios: how often nodes show each other all */
#define HEALING_ROUNDS 8  /* more than the judge allows */
#define HEALING_MS 120000 /* and if rounds do not even end */
#define REPAIRS_MAX 32    /* until nothing new is shown */
#define SLOT_SHORT_MS 100 /* within which messages of one round are on their way */
#define SLOT_LONG_MS 4000 /* which sees rounds end */
#define ALL_TIMERS ((1U << TIMER_KINDS) - 1)

static_assert(TWINS_INSTANCES_MAX <= 32, "instances fit a mask");
static_assert(TWINS_BLOCKS_MAX <= 64, "blocks fit a mask");

/* ---- small things ---- */

void twins_fail(struct twins *twins, const char *format, ...)
{
    if (twins->failed)
        return;
    twins->failed = true;
    va_list args;
    va_start(args, format);
    vsnprintf(twins->failure, sizeof twins->failure, format, args);
    va_end(args);
}

bool twins_correct(const struct twins *twins, const struct instance *instance)
{
    return !(twins->scenario->twins & 1U << instance->validator);
}

static bool has(const struct twins *twins, unsigned flags)
{
    return (twins->scenario->network & flags) != 0;
}

size_t twins_index(const struct twins *twins, const struct instance *instance)
{
    return (size_t)(instance - twins->instance);
}

/* splitmix64 */
uint64_t twins_below(struct twins *twins, uint64_t bound)
{
    uint64_t z = twins->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

size_t twins_block(struct twins *twins, const struct hash *hash)
{
    size_t i = 0;
    while (i < twins->block_count && !hash_equal(&twins->block[i].hash, hash))
        i++;
    ENSURE(i < twins->block_count); /* nobody can name a block that was not built */
    return i;
}

/* ---- what is on its way ---- */

static int64_t delay_ms(struct twins *twins)
{
    if (!has(twins, TWINS_TIMED))
        return 0;
    if (!twins->healed && twins_below(twins, 10) == 0)
        return (int64_t)twins_below(twins, 3000);
    return (int64_t)twins_below(twins, 30);
}

void twins_later(struct twins *twins, enum item_kind kind, size_t to, size_t subject,
                 uint32_t round)
{
    ENSURE(twins->item_count < TWINS_ITEMS_MAX);
    twins->item[twins->item_count++] = (struct item){.kind = kind,
                                                     .to = to,
                                                     .subject = subject,
                                                     .round = round,
                                                     .due_ms = twins->now_ms + delay_ms(twins),
                                                     .order = ++twins->order};
}

static bool hears(const struct twins *twins, size_t from, size_t to)
{
    return twins->healed || twins->set[from] == twins->set[to] ||
           (has(twins, TWINS_ONE_WAY) && twins->set[to] == 0);
}

static void spread(struct twins *twins, size_t message)
{
    struct message_sent *sent = &twins->message[message];
    for (size_t i = 0; i < twins->active_count; i++) {
        size_t to = twins->active[i];
        if (to == sent->from)
            continue;
        if (hears(twins, sent->from, to))
            twins_later(twins, ITEM_MESSAGE, to, message, 0);
        else
            sent->late |= 1U << to;
    }
}

void twins_broadcast(struct twins *twins, size_t message)
{
    struct message_sent *sent = &twins->message[message];
    bool split = has(twins, TWINS_SPLIT | TWINS_PHASED);
    sent->waits = split && !twins->healed && sent->message.kind == MESSAGE_VOTE &&
                  sent->message.vote.type == VOTE_PRECOMMIT;
    if (!sent->waits)
        spread(twins, message);
}

static void spread_waiting(struct twins *twins)
{
    for (size_t i = 0; i < twins->message_count; i++) {
        if (!twins->message[i].waits)
            continue;
        twins->message[i].waits = false;
        spread(twins, i);
    }
}

/* From whoever in the set has it; else it stays wanted. */
void twins_fetch_body(struct twins *twins, struct instance *instance, size_t block)
{
    size_t self = twins_index(twins, instance);
    struct block_made *made = &twins->block[block];
    instance->wants |= UINT64_C(1) << block;
    for (size_t i = 0; i < twins->active_count; i++) {
        size_t other = twins->active[i];
        if (!(made->holders & 1U << other) || !hears(twins, other, self))
            continue;
        made->holders |= 1U << self;
        instance->wants &= ~(UINT64_C(1) << block);
        twins_later(twins, ITEM_VERDICT, self, block, 0);
        return;
    }
}

static void fetch_wanted(struct twins *twins)
{
    for (size_t i = 0; i < twins->active_count; i++) {
        struct instance *instance = &twins->instance[twins->active[i]];
        for (size_t block = 0; instance->wants >> block; block++) {
            if (instance->wants >> block & 1)
                twins_fetch_body(twins, instance, block);
            if (block + 1 == TWINS_BLOCKS_MAX)
                break;
        }
    }
}

/* ---- repair of loss ---- */

/* The message that these bytes are; twins can sign the same, then one that `to` did not get. */
static size_t which(struct twins *twins, const struct instance *to, const struct message *shown)
{
    uint32_t self = 1U << twins_index(twins, to);
    uint32_t round = message_round(shown);
    int kind = shown->kind == MESSAGE_PROPOSAL ? 0 : (int)shown->vote.type;
    size_t best = twins->message_count;
    ENSURE(round < TWINS_ROUNDS_MAX);
    for (size_t i = 0; i < twins->active_count; i++) {
        const struct instance *from = &twins->instance[twins->active[i]];
        if (from->said[round][kind] == 0)
            continue;
        size_t number = from->said[round][kind] - 1U;
        const struct message *said = &twins->message[number].message;
        bool same = kind == 0 ? hash_equal(&said->proposal.block, &shown->proposal.block)
                              : hash_equal(&said->vote.block, &shown->vote.block) &&
                                    strcmp(said->vote.validator, shown->vote.validator) == 0;
        if (same && (best == twins->message_count || twins->message[best].delivered & self))
            best = number;
    }
    if (best == twins->message_count)
        twins_fail(twins, "a message is shown that nobody signed");
    return best;
}

/* True if it was news. A correct validator's message need not come twice; a twin's may have been
 * evidence at first, and count when others are seen to stand behind it. */
static bool show_one(struct twins *twins, struct instance *to, const struct message *shown)
{
    size_t number = which(twins, to, shown);
    if (twins->failed)
        return false;
    const struct message_sent *sent = &twins->message[number];
    bool known = sent->delivered & 1U << twins_index(twins, to);
    if (known && twins_correct(twins, &twins->instance[sent->from]))
        return false;
    return host_message(twins, to, number);
}

/* Everyone shows all that they hear what they hold. True if something was new to somebody. */
static bool repair_once(struct twins *twins)
{
    bool any = false;
    for (size_t i = 0; i < twins->active_count; i++) {
        for (size_t j = 0; j < twins->active_count; j++) {
            struct instance *from = &twins->instance[twins->active[i]];
            struct instance *to = &twins->instance[twins->active[j]];
            if (i == j || !hears(twins, twins->active[i], twins->active[j]))
                continue;
            struct consensus_cursor cursor = {0};
            struct message shown;
            while (!twins->failed && consensus_next_message(&shown, &cursor, from->consensus))
                any |= show_one(twins, to, &shown);
        }
    }
    return any && !twins->failed;
}

static void repair(struct twins *twins)
{
    for (size_t i = 0; i < REPAIRS_MAX && repair_once(twins); i++)
        continue;
}

/* ---- what happens next ---- */

static bool all_decided(const struct twins *twins)
{
    for (size_t i = 0; i < twins->active_count; i++) {
        const struct instance *instance = &twins->instance[twins->active[i]];
        if (twins_correct(twins, instance) && !instance->decided)
            return false;
    }
    return true;
}

static size_t next_item(const struct twins *twins)
{
    size_t best = 0;
    for (size_t i = 1; i < twins->item_count; i++) {
        const struct item *a = &twins->item[i], *b = &twins->item[best];
        if (a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->order < b->order))
            best = i;
    }
    return best;
}

/* The timer that runs out first, of the kinds in `kinds`; false if none is set. */
static bool next_timer(struct instance **instance, enum timer_kind *kind, struct twins *twins,
                       unsigned kinds)
{
    bool found = false;
    int64_t first_ms = 0;
    for (size_t i = 0; i < twins->active_count; i++) {
        struct instance *one = &twins->instance[twins->active[i]];
        for (enum timer_kind k = TIMER_IDLE; k < TIMER_KINDS; k++) {
            if (!(kinds & 1U << k) || !one->timer[k].set ||
                (found && one->timer[k].deadline_ms >= first_ms))
                continue;
            found = true;
            first_ms = one->timer[k].deadline_ms;
            *instance = one;
            *kind = k;
        }
    }
    return found;
}

static void move_clock(struct twins *twins, int64_t to_ms)
{
    if (to_ms > twins->now_ms)
        twins->now_ms = to_ms;
}

/* What is due first, up to a time. False if there is nothing. */
static bool happen(struct twins *twins, int64_t until_ms, unsigned kinds)
{
    struct instance *instance = NULL;
    enum timer_kind kind = TIMER_IDLE;
    fetch_wanted(twins);
    bool timer = next_timer(&instance, &kind, twins, kinds);
    size_t i = next_item(twins);
    if (twins->item_count > 0 &&
        (!timer || twins->item[i].due_ms <= instance->timer[kind].deadline_ms ||
         twins->item[i].due_ms <= twins->now_ms)) {
        struct item item = twins->item[i];
        if (item.due_ms > until_ms)
            return false;
        twins->item[i] = twins->item[--twins->item_count];
        move_clock(twins, item.due_ms);
        host_item(twins, &item);
        return !twins->failed;
    }
    if (!timer || instance->timer[kind].deadline_ms > until_ms)
        return false;
    move_clock(twins, instance->timer[kind].deadline_ms);
    host_timeout(twins, instance, kind);
    return !twins->failed;
}

static void run(struct twins *twins, int64_t until_ms, unsigned kinds)
{
    while (!all_decided(twins) && happen(twins, until_ms, kinds))
        continue;
}

/* ---- slots and healing ---- */

static void divide(struct twins *twins, size_t slot)
{
    for (size_t i = 0; i < twins->active_count; i++)
        twins->set[twins->active[i]] = twins->scenario->set[slot][i];
}

/* The rounds end that a quorum of precommits was seen in, in the order in which they began to. */
static void end_rounds(struct twins *twins)
{
    struct instance *instance;
    enum timer_kind kind;
    while (!twins->failed && next_timer(&instance, &kind, twins, 1U << TIMER_PRECOMMIT)) {
        move_clock(twins, instance->timer[kind].deadline_ms);
        host_timeout(twins, instance, kind);
    }
}

static void play_slot(struct twins *twins, size_t slot)
{
    divide(twins, slot);
    if (slot == 0) {
        for (size_t i = 0; i < twins->active_count; i++)
            host_start(twins, &twins->instance[twins->active[i]]);
    } else if (has(twins, TWINS_LATE)) {
        spread_waiting(twins);
    } else {
        repair(twins);
        spread_waiting(twins);
    }
    if (!has(twins, TWINS_TIMED)) {
        run(twins, INT64_MAX, 0);
        if (has(twins, TWINS_PHASED) && slot % 2 == 1)
            return;
        end_rounds(twins);
        run(twins, INT64_MAX, 1U << TIMER_PROPOSE | 1U << TIMER_PREVOTE);
    } else {
        uint64_t longest_ms = twins_below(twins, 3) > 0 ? SLOT_SHORT_MS : SLOT_LONG_MS;
        int64_t end_ms = twins->now_ms + 1 + (int64_t)twins_below(twins, longest_ms);
        run(twins, end_ms, ALL_TIMERS);
        if (!all_decided(twins))
            move_clock(twins, end_ms);
    }
}

static uint32_t latest_round(const struct twins *twins)
{
    uint32_t latest = 0;
    for (size_t i = 0; i < twins->active_count; i++) {
        const struct consensus_status *last = &twins->instance[twins->active[i]].last;
        if (last->round > latest)
            latest = last->round;
    }
    return latest;
}

static void deliver_late(struct twins *twins)
{
    for (size_t i = 0; i < twins->message_count; i++) {
        for (size_t j = 0; j < twins->active_count; j++) {
            if (twins->message[i].late & 1U << twins->active[j])
                twins_later(twins, ITEM_MESSAGE, twins->active[j], i, 0);
        }
    }
}

/* A healed network decides by itself: messages that were held back arrive, what was lost is
 * repaired, timers run. The judge says how many rounds it may take. */
static void heal(struct twins *twins)
{
    twins->healed = true;
    if (has(twins, TWINS_LATE))
        deliver_late(twins);
    spread_waiting(twins);
    uint32_t last = latest_round(twins) + HEALING_ROUNDS;
    int64_t end_ms = twins->now_ms + HEALING_MS;
    while (!twins->failed && !all_decided(twins) && latest_round(twins) < last &&
           twins->now_ms < end_ms) {
        repair(twins);
        int64_t until_ms = twins->now_ms + REPAIR_MS;
        run(twins, until_ms, ALL_TIMERS);
        if (!all_decided(twins))
            move_clock(twins, until_ms);
    }
}

static void begin(struct twins *twins, const struct scenario *scenario)
{
    twins->scenario = scenario;
    twins->random = scenario->seed;
    twins->healed = twins->failed = false;
    twins->message_count = twins->block_count = twins->item_count = 0;
    twins->now_ms += 10000;
    size_t n = twins->validators;
    do
        twins->height++;
    while (twins->height % n != scenario->height % n);
    twins->active_count = n;
    for (size_t i = 0; i < n; i++) {
        twins->active[i] = i;
        if (scenario->twins >> i & 1)
            twins->active[twins->active_count++] = n + i;
    }
}

bool twins_play(size_t *last_slot, struct twins *twins, const struct scenario *scenario)
{
    ENSURE(scenario->validators == twins->validators);
    consensus_trace_world(scenario->seed, &twins->timing);
    begin(twins, scenario);
    size_t slot = 0;
    while (slot < scenario->slots && !twins->failed) {
        play_slot(twins, slot);
        if (all_decided(twins))
            break;
        slot++;
    }
    *last_slot = slot;
    uint32_t round = latest_round(twins);
    if (slot == scenario->slots)
        heal(twins);
    if (!twins->failed)
        judge_end(twins, round, slot < scenario->slots);
    twins->counts->scenarios++;
    return !twins->failed;
}

/* ---- the bench ---- */

struct twins *twins_create(size_t validators, bool real_signatures, struct twins_counts *counts)
{
    ENSURE(validators >= 1 && validators <= TWINS_VALIDATORS_MAX);
    struct twins *twins = memory_alloc(sizeof *twins);
    twins->validators = validators;
    twins->real_signatures = real_signatures;
    twins->counts = counts;
    twins->timing = consensus_timing_default();
    twins->now_ms = START_MS;
    twins->genesis = hash_tagged("twins/genesis", view_of(&validators, sizeof validators));
    twins->members.count = validators;
    for (size_t i = 0; i < validators; i++) {
        struct hash secret = hash_tagged("twins/key", view_of(&i, sizeof i));
        memcpy(twins->secret[i].bytes, secret.bytes, SECRET_KEY_BYTES);
        struct validator *self = &twins->members.item[i];
        snprintf(self->member, sizeof self->member, "9100000000000000%02u", (unsigned)i % 100);
        ENSURE(sign_vote_key(&self->key, &twins->secret[i]) == 0);
    }
    for (size_t i = 0; i < 2 * validators; i++)
        host_make(twins, i);
    return twins;
}

void twins_free(struct twins **twins)
{
    for (size_t i = 0; *twins && i < 2 * (*twins)->validators; i++)
        host_free(&(*twins)->instance[i]);
    memory_free(*twins);
    *twins = NULL;
}
