/* Numbers of the node as a document; names as in docs/spec/api.md. */
#include "node/status.h"

#include "base/doc.h"
#include "base/errors.h"

static void set_count(struct doc *object, const char *key, uint64_t value)
{
    doc_set_int(object, key, value < (uint64_t)DOC_INT_MAX ? (int64_t)value : DOC_INT_MAX);
}

static struct doc *peers_doc(const struct peers *peers)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < peers_count(peers); i++) {
        const struct peer *peer = peers_at(peers, i);
        if (!peer->member_now) {
            continue;
        }
        struct doc *item = doc_new_object();
        set_count(item, "blamed", peer->blamed);
        if (peer->blamed > 0) {
            doc_set_text(item, "blamed_for", peer->blamed_for);
        }
        set_count(item, "cut_off", peer->cut_off);
        set_count(item, "first_block", peer->up ? peer->offer.first_block : 0);
        set_count(item, "height", peer->told_status ? peer->status.height : 0);
        doc_set_bool(item, "holds_vote_key",
                     peer->told_status && (peer->status.flags & WIRE_STATUS_VOTE_KEY) != 0);
        doc_set_text(item, "member", peer->member);
        doc_set_bool(item, "up", peer->up);
        doc_set_bool(item, "validator", peer->validator);
        doc_push(list, item);
    }
    return list;
}

static struct doc *mempool_doc(const struct mempool *mempool)
{
    struct mempool_stats stats = mempool_stats(mempool);
    struct doc *object = doc_new_object();
    set_count(object, "bytes", stats.bytes);
    set_count(object, "txs", stats.txs);
    set_count(object, "waiters", stats.waiters);
    return object;
}

/* Of a node that is held. */
static struct doc *hold_doc(const struct engine_hold *hold)
{
    static const char *const reasons[] = {
        [ENGINE_ROLL_CALL] = "roll-call",         [ENGINE_BEHIND] = "behind",
        [ENGINE_ROLLED_BACK] = "rolled-back",     [ENGINE_NEW_RECORD] = "new-record",
        [ENGINE_LEDGER_BEHIND] = "ledger-behind", [ENGINE_ALONE] = "alone",
    };
    struct doc *object = doc_new_object();
    set_count(object, "answered", hold->answered);
    set_count(object, "quorum", hold->quorum);
    doc_set_text(object, "reason", reasons[hold->reason]);
    set_count(object, "until", hold->until);
    return object;
}

/* The keys held, and which of them decides the next height. */
static void set_vote_keys(struct doc *object, const struct engine *engine)
{
    struct vote_key keys[ENGINE_KEYS_MAX];
    char hex[2 * VOTE_KEY_BYTES + 1];
    struct doc *list = doc_new_array();
    int seat;
    size_t count = engine_keys(engine, keys, &seat);
    for (size_t i = 0; i < count; i++) {
        hex_encode(hex, view_of(keys[i].bytes, VOTE_KEY_BYTES));
        doc_push_text(list, hex);
        if ((int)i == seat) {
            doc_set_text(object, "vote_key", hex);
        }
    }
    doc_set(object, "vote_keys", list);
}

static struct doc *consensus_doc(const struct engine *engine, const struct validator_set *set)
{
    static const char *const steps[] = {"new", "propose", "prevote", "precommit", "decided"};
    struct consensus_status status = engine_status(engine);
    const struct engine_hold hold = engine_hold(engine);
    struct doc *object = doc_new_object();
    if (engine_forgotten_until(engine) > 0) {
        set_count(object, "forgotten_until", engine_forgotten_until(engine));
    }
    set_count(object, "height", status.height);
    doc_set_bool(object, "held", hold.reason != ENGINE_FREE);
    set_count(object, "held_until", hold.until);
    if (hold.reason != ENGINE_FREE) {
        doc_set(object, "hold", hold_doc(&hold));
    }
    if (status.proposer < set->count) {
        doc_set_text(object, "proposer", set->item[status.proposer].member);
    }
    set_count(object, "round", status.round);
    doc_set_bool(object, "running", engine_running(engine));
    doc_set_text(object, "step", steps[status.step]);
    doc_set_bool(object, "validator", engine_is_validator(engine));
    set_count(object, "validators", set->count);
    set_vote_keys(object, engine);
    return object;
}

static struct doc *sync_doc(const struct sync *sync, const struct restorer *restorer)
{
    struct doc *object = doc_new_object();
    doc_set_bool(object, "active", sync_behind(sync) || restorer_active(restorer));
    restorer_describe(object, restorer);
    set_count(object, "target", sync_target(sync));
    return object;
}

static struct doc *history_doc(const struct wire_offer *offer)
{
    struct doc *object = doc_new_object();
    set_count(object, "first_block", offer->first_block);
    set_count(object, "newest_snapshot", offer->count > 0 ? offer->height[offer->count - 1] : 0);
    return object;
}

static struct doc *verifier_doc(const struct verifier *verifier)
{
    struct verifier_stats stats = verifier_stats(verifier);
    struct doc *object = doc_new_object();
    set_count(object, "batches", stats.batches);
    set_count(object, "queued", stats.queued);
    set_count(object, "refused", stats.refused);
    set_count(object, "verified", stats.verified);
    return object;
}

static struct doc *traffic_doc(const struct peers *peers)
{
    struct peers_stats stats = peers_stats(peers);
    struct doc *object = doc_new_object();
    set_count(object, "accepted", stats.accepted);
    set_count(object, "bytes_in", stats.bytes_in);
    set_count(object, "bytes_out", stats.bytes_out);
    set_count(object, "dialled", stats.dials);
    set_count(object, "refused", stats.refused);
    return object;
}

static struct doc *counters_doc(const struct node_counters *counters)
{
    const struct {
        const char *name;
        const _Atomic uint64_t *counter;
    } all[] = {
        {"blocks_decided", &counters->blocks_decided},
        {"blocks_synced", &counters->blocks_synced},
        {"build_us", &counters->build_us},
        {"commit_us", &counters->commit_us},
        {"evidence_recorded", &counters->evidence_recorded},
        {"evidence_seen", &counters->evidence_seen},
        {"parts_refused", &counters->parts_refused},
        {"parts_served", &counters->parts_served},
        {"parts_taken", &counters->parts_taken},
        {"persist_us", &counters->persist_us},
        {"process_us", &counters->process_us},
        {"proposals_made", &counters->proposals_made},
        {"proposals_seen", &counters->proposals_seen},
        {"requests_delayed", &counters->requests_delayed},
        {"requests_dropped", &counters->requests_dropped},
        {"requests_served", &counters->requests_served},
        {"retransmissions", &counters->retransmissions},
        {"rollbacks_found", &counters->rollbacks_found},
        {"rounds_failed", &counters->rounds_failed},
        {"serve_us", &counters->serve_us},
        {"sync_refused", &counters->sync_refused},
        {"txs_committed", &counters->txs_committed},
        {"txs_fetched", &counters->txs_fetched},
        {"txs_gossiped", &counters->txs_gossiped},
        {"txs_refused", &counters->txs_refused},
        {"txs_submitted", &counters->txs_submitted},
    };
    struct doc *object = doc_new_object();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        set_count(object, all[i].name, count_read(all[i].counter));
    }
    return object;
}

/* NULL: no override was put into the home since the start. */
static struct doc *resume_doc(const struct resume *resume)
{
    static const char *const words[] = {
        [RESUME_WAITING] = "waiting",
        [RESUME_REFUSED] = "refused",
        [RESUME_LIFTED] = "lifted",
        [RESUME_COMMITTED] = "committed",
    };
    const struct resume_status status = resume_status(resume);
    if (status.state == RESUME_NONE) {
        return NULL;
    }
    struct doc *object = doc_new_object();
    if (status.error != 0) {
        doc_set_text(object, "code", error_code(status.error));
    }
    doc_set_text(object, "state", words[status.state]);
    if (!hash_is_zero(&status.txid)) {
        doc_set_hash(object, "txid", &status.txid);
    }
    return object;
}

struct doc *status_doc(const struct node_parts *parts, const struct engine *engine,
                       const struct sync *sync, const struct restorer *restorer,
                       const struct wire_offer *offer, const struct resume *resume)
{
    struct doc *status = doc_new_object();
    struct doc *override = resume_doc(resume);
    doc_set(status, "consensus", consensus_doc(engine, app_next_validators(parts->app)));
    doc_set(status, "counters", counters_doc(parts->counters));
    set_count(status, "height", app_height(parts->app));
    doc_set_text(status, "member", parts->member);
    doc_set(status, "mempool", mempool_doc(parts->mempool));
    doc_set(status, "peers", peers_doc(parts->peers));
    doc_set(status, "history", history_doc(offer));
    if (override != NULL) {
        doc_set(status, "resume", override);
    }
    doc_set(status, "sync", sync_doc(sync, restorer));
    doc_set(status, "traffic", traffic_doc(parts->peers));
    doc_set(status, "verifier", verifier_doc(parts->verifier));
    return status;
}
