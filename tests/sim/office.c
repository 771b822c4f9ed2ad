/* Those who run nodes. They take copies of a home and put an old one back, which is the one mistake
 * that no disk can show; they change vote keys; and where a node holds its votes back, a member's
 * chief may take it upon himself to lift that: at once now and then, and where the chain stands for
 * it, in the end always. What was lifted must be on the ledger. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/rules/rotation.h"
#include "chain/store.h"
#include "node/node_internal.h"
#include "node/engine_internal.h"

#include <string.h>

#define COPY_ONE_IN 120   /* steps of chaos */
#define COPIED_PERCENT 30 /* else put back, if there is a copy */
#define ROTATE_ONE_IN 2   /* seeds in which a vote key changes */
#define CARRY_ON_ONE_IN 25
#define AGAIN_MS 4000   /* a change of a key that was not heard of is tried again */
#define STANDS_MS 10000 /* without a block: then somebody looks why */
#define LIFT_ONE_IN 60  /* steps of a hold for which nobody waits */
#define OVERRIDES_MAX 64

struct override {
    struct hash id;
    size_t host;
    unsigned life;
    int64_t expires_ms;
    uint64_t lifted_at; /* the chain's height then, and one; 0: it has lifted nothing */
    bool recorded;
};

struct office {
    bool late; /* the newcomer has come */
    uint64_t seated_at;
    struct sim_host *rotating; /* NULL: nobody */
    int64_t asked_ms;          /* for the change of its key */
    uint64_t top;              /* of the chain, when it last moved */
    int64_t moved_ms;
    size_t count;
    struct override override[OVERRIDES_MAX];
};

/* ---- copies ---- */

static void copy_or_put_back(struct sim_host *host)
{
    struct world *world = host->world;
    if (!host->put_back_at_times || !sim_rarely(world, COPY_ONE_IN))
        return;
    bool copies = host->copy == NULL || sim_chance(world, COPIED_PERCENT);
    chaos_kill(host, false);
    if (copies)
        home_copy(host);
    else
        home_put_back(host);
}

/* ---- keys ---- */

static bool read_version(char out[2 * HASH_BYTES + 1], const struct sim_host *host)
{
    AUTO(doc_free) struct doc *record = NULL;
    struct store_view view;
    char key[64];
    (void)snprintf(key, sizeof key, "member/%s", host->identity->member);
    if (store_view_open(&view, host->kv) != 0)
        return false;
    int error = store_read_state(&record, &view, key);
    store_view_close(&view);
    const char *version = error == 0 ? doc_get_text(record, "version") : NULL;
    (void)snprintf(out, 2 * HASH_BYTES + 1, "%s", version != NULL ? version : "");
    return version != NULL;
}

static void hand_in_rotation(struct sim_host *host)
{
    struct world *world = host->world;
    const struct sim_identity *identity = host->identity;
    char version[2 * HASH_BYTES + 1], key[2 * VOTE_KEY_BYTES + 1];
    AUTO(buf_free) struct buf raw = {0}, signature_text = {0};
    struct signature signature;
    struct hash digest;
    if (!read_version(version, host))
        return;
    hex_encode(key, view_of(identity->vote_next.bytes, VOTE_KEY_BYTES));
    rotation_digest(&digest, &world->founding->genesis_hash, identity->member, key);
    ENSURE(schnorr_sign(&signature, &identity->secret[SIM_KEY_NEXT], &digest) == 0);
    base64url_append(&signature_text, view_of(signature.bytes, SIGNATURE_BYTES));
    struct doc *body = doc_new_object();
    doc_set_text(body, "vote_key", key);
    doc_set_text(body, "vote_signature", buf_text(&signature_text));
    doc_set_text(body, "acts_on", version);
    doc_set_text(body, "reason", "定期更换");
    const struct sim_draft draft = {.by = identity,
                                    .key = SIM_KEY_CHIEF,
                                    .key_name = "chief",
                                    .type = "validator.rotate",
                                    .body = body,
                                    .expires_ms = load_expiry_ms(world)};
    load_sign(&raw, world, &draft);
    (void)load_hand_in(&host->rotated_at, world, view_of_buf(&raw));
    world->office->asked_ms = world->now_ms;
}

/* First the node gets both keys, then the ledger is told, then the old key goes. */
static void rotate(struct sim_host *host)
{
    struct world *world = host->world;
    const struct office *office = world->office;
    if (!sim_rarely(world, CARRY_ON_ONE_IN))
        return;
    if (host->keys == SIM_HAS_FIRST) {
        chaos_kill(host, false);
        host->keys = SIM_HAS_BOTH;
    } else if (host->keys == SIM_HAS_BOTH && host->rotated_at == 0) {
        if (host->up && world->now_ms - office->asked_ms > AGAIN_MS)
            hand_in_rotation(host);
    } else if (host->keys == SIM_HAS_BOTH && host_height(host) > host->rotated_at + 4) {
        world->counters->rotations++;
        chaos_kill(host, false);
        host->keys = SIM_HAS_NEXT;
    }
}

/* ---- overrides ---- */

static bool is_held(const struct sim_host *host)
{
    if (!host->up || host->node == NULL || !host_honest(host))
        return false;
    enum hold reason = engine_hold(host->node->engine).reason;
    return reason == ENGINE_ROLLED_BACK || reason == ENGINE_NEW_RECORD;
}

/* For what nobody has: it alone had committed it when its ledger rotted away. One whose disk kept
 * everything has no reason to wait. */
static bool waits_in_vain(const struct sim_host *host)
{
    const struct world *world = host->world;
    if (!host->up || host->node == NULL)
        return false;
    struct engine_hold hold = engine_hold(host->node->engine);
    bool somebody_has = false;
    for (size_t i = 0; i < world->host_count; i++)
        somebody_has = somebody_has || world->host[i].height >= hold.until;
    return hold.reason == ENGINE_LEDGER_BEHIND && host->replaced_at == hold.until + 1 &&
           !somebody_has;
}

static bool has_body(const struct sim_host *host, const struct hash *hash)
{
    AUTO(block_free) struct block *stored = NULL;
    return bodies_find(host->node->engine->bodies, hash) != NULL ||
           app_load_body(&stored, host->node->app, hash) == 0;
}

/* Locked on a block whose body rotted away with its ledger at that height, while others lost it
 * with their power before they had to keep it: nobody honest has it, and a liar need not give it.
 */
static bool is_locked_in_vain(const struct sim_host *host)
{
    const struct world *world = host->world;
    if (!host->up || host->node == NULL || !host->node->engine->running)
        return false;
    const struct consensus_status status = consensus_status(host->node->engine->core);
    if (status.height != host_height(host) + 1 || status.locked_round == ROUND_NONE ||
        host->replaced_at != status.height)
        return false;
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *other = &world->host[i];
        if (host_honest(other) &&
            (!other->up || other->node == NULL || has_body(other, &status.locked_block)))
            return false;
    }
    return true;
}

bool office_lost_for_good(const struct world *world)
{
    size_t lost = 0, seats = world->founding->validators;
    for (size_t i = 0; i < seats; i++) {
        const struct sim_host *host = &world->host[i];
        lost += !host_honest(host) || waits_in_vain(host) || is_locked_in_vain(host);
    }
    return !world->members_change && lost > (seats - 1) / 3;
}

static void give_override(struct sim_host *host)
{
    struct world *world = host->world;
    struct office *office = world->office;
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    if (office->count == OVERRIDES_MAX)
        return;
    struct doc *body = doc_new_object();
    doc_set_int(body, "height", (int64_t)host_height(host) + 1);
    doc_set_int(body, "held_until", (int64_t)engine_hold(host->node->engine).until);
    doc_set_text(body, "reason", "数据目录已还原，经核实");
    const struct sim_draft draft = {.by = host->identity,
                                    .key = SIM_KEY_CHIEF,
                                    .key_name = "chief",
                                    .type = "validator.resume",
                                    .body = body,
                                    .expires_ms = load_expiry_ms(world)};
    load_sign(&raw, world, &draft);
    ENSURE(tx_parse(&tx, NULL, view_of_buf(&raw), &world->founding->genesis_hash) == 0);
    home_put_file(host, RESUME_FILE, view_of_buf(&raw));
    office->override[office->count++] = (struct override){
        .id = tx->id, .host = host->index, .life = host->life, .expires_ms = draft.expires_ms};
    world->counters->overrides++;
    sim_trace(world, "n%zu an override is given", host->index);
}

static void look_at_holds(struct world *world)
{
    struct office *office = world->office;
    if (office->top != judge_top(world)) {
        office->top = judge_top(world);
        office->moved_ms = world->now_ms;
    }
    bool stands = world->now_ms - office->moved_ms > STANDS_MS;
    bool hasty = world->chaos && !world->options->late_newcomer;
    for (size_t i = 0; i < world->host_count; i++) {
        struct sim_host *host = &world->host[i];
        if (!is_held(host) || home_has_file(host, RESUME_FILE) ||
            !(stands || (hasty && sim_rarely(world, LIFT_ONE_IN))))
            continue;
        world->counters->standstills += stands;
        give_override(host);
    }
}

void office_lifted(struct sim_host *host)
{
    struct office *office = host->world->office;
    host->world->counters->lifted++;
    judge_lifted(host);
    judge_held_no_more(host);
    for (size_t i = office->count; i-- > 0;) {
        struct override *override = &office->override[i];
        if (override->host == host->index) {
            override->lifted_at = judge_top(host->world) + 1;
            return;
        }
    }
    sim_fail(host->world, "n%zu lifts a hold that nobody gave an override for", host->index);
}

void office_committed(struct world *world, const struct block *block)
{
    struct office *office = world->office;
    for (size_t i = 0; i < block->tx_count; i++) {
        for (size_t k = 0; k < office->count; k++) {
            if (hash_equal(&office->override[k].id, &block->txs[i]->id)) {
                office->override[k].recorded = true;
                world->counters->lifted_recorded++;
            }
        }
    }
}

/* The ledger takes no override of who has lost its seat meanwhile. */
static bool lost_its_seat(const struct sim_host *host)
{
    const struct resume_status status = resume_status(host->node->resume);
    return host->world->members_change && status.state == RESUME_REFUSED &&
           status.error == ERR_STATUS;
}

/* What was lifted some blocks ago is on the ledger, unless it expired in a storm or its node went
 * down meanwhile. */
void office_end(struct world *world)
{
    const struct office *office = world->office;
    for (size_t i = 0; i < office->count; i++) {
        const struct override *override = &office->override[i];
        const struct sim_host *host = &world->host[override->host];
        bool long_ago = override->lifted_at > 0 && override->lifted_at + 4 < judge_top(world);
        bool lasts = override->expires_ms > SIM_WALL_MS + world->now_ms;
        if (long_ago && lasts && host->life == override->life && !override->recorded &&
            host->node != NULL && !lost_its_seat(host))
            sim_fail(world, "n%zu lifted a hold, and no block says so", host->index);
    }
}

/* ---- a newcomer that comes late ---- */

/* The candidate has got a seat, and a block was decided with it, before its node runs for the first
 * time; then another validator falls silent. The others are one vote short, and the newcomer, whose
 * record is new and whose seat is not, holds that vote back: the chain stands until somebody lifts
 * that. What the preflight cannot know is whether a node that is not there has voted before. */
static void come_late(struct world *world)
{
    size_t candidate = world->founding->validators + 1;
    struct sim_host *host = &world->host[candidate], *other = &world->host[1];
    const struct validator_set *set = other->up ? app_next_validators(other->node->app) : NULL;
    int seat = set != NULL ? validators_find(set, host->identity->member) : -1;
    if (world->office->late || seat < 0)
        return;
    if (world->office->seated_at == 0)
        world->office->seated_at = host_height(other) + 1;
    if (host_height(other) <= world->office->seated_at)
        return;
    world->office->late = true;
    world->host[0].conduct = CONDUCT_SILENT;
    (void)sim_later(world, 0, HAPPEN_START, host);
}

/* ---- life ---- */

void office_begin(struct world *world)
{
    world->office = memory_alloc(sizeof *world->office);
    size_t chosen = sim_below(world, world->founding->validators);
    bool rotates = sim_has(world, FAULT_ROTATE) && sim_rarely(world, ROTATE_ONE_IN);
    if (rotates && host_honest(&world->host[chosen]))
        world->office->rotating = &world->host[chosen];
}

void office_act(struct world *world)
{
    struct office *office = world->office;
    if (world->chaos && world->opened) {
        for (size_t i = 0; i < world->host_count; i++)
            copy_or_put_back(&world->host[i]);
        if (office->rotating != NULL)
            rotate(office->rotating);
    }
    if (world->options->late_newcomer)
        come_late(world);
    look_at_holds(world);
}

void office_free(struct world *world)
{
    memory_free(world->office);
}
