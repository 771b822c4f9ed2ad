/* Execution of a block on an overlay: a pure function of (state, block).
 *
 *   begin → evidence … → proposer noted, removals that waited, sweep of what is due →
 *   transactions … → finish
 *
 * Everything that decides is in the state before the block, the parameters in force, the replay
 * window and the block itself. Each step either takes effect whole or leaves no trace: its state
 * changes are discarded, its automatic acts are dropped with them.
 *
 * The log gets evidence, then acts, then transactions, whatever order they came about in. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define SEEN_SLOTS (4 * BLOCK_TXS_MAX)
static_assert((SEEN_SLOTS & (SEEN_SLOTS - 1)) == 0, "open addressing needs a power of two");

struct signer_use {
    struct key_item item;
    int64_t txs; /* in this block */
    char member[MEMBER_ID_CHARS + 1];
};

void run_begin(struct run *run, struct app *app, int64_t time_ms)
{
    struct state_source source = committed_source(app->committed);
    *run = (struct run){.app = app};
    run->out = memory_alloc(sizeof *run->out);
    run->out->state = state_open(&source);
    run->out->acts = doc_new_array();
    run->context = (struct rule_context){
        .state = run->out->state,
        .height = app->height + 1,
        .time_ms = time_ms,
        .test = app->params.test,
        .acts = doc_new_array(),
    };
    run->tx_leaves = memory_alloc((size_t)app->params.block_txs_max * sizeof *run->tx_leaves);
    run->seen = memory_alloc(SEEN_SLOTS * sizeof *run->seen);
    run->bytes = HEADER_BYTES + 2 + 4;
}

void run_end(struct run *run)
{
    execution_free(&run->out);
    doc_free(&run->context.acts);
    key_table_clear(&run->members, memory_free);
    memory_free(run->tx_leaves);
    memory_free(run->seen);
}

/* ---- steps ---- */

static void step_begin(struct run *run, struct faults *faults)
{
    run->context.faults = faults;
    run->context.error = 0;
    run->context.profile_ms = 0;
    run->context.subject[0] = 0;
    run->context.term_reads = 0;
    state_begin(run->context.state);
}

/* Ends a step that was begun: kept with its acts, or discarded with them. The environment's error,
 * if there was one, outranks what the rule made of it. */
static int step_end(struct run *run, int error)
{
    struct rule_context *context = &run->context;
    if (state_error(context->state) != 0) {
        error = state_error(context->state);
    }
    if (error == 0) {
        state_keep(context->state);
    } else {
        state_discard(context->state);
    }
    if (doc_count(context->acts) > 0) {
        for (size_t i = 0; error == 0 && i < doc_count(context->acts); i++) {
            doc_push(run->out->acts, doc_ref(doc_at(context->acts, i)));
        }
        doc_free(&context->acts);
        context->acts = doc_new_array();
    }
    context->error = 0;
    return error;
}

int evidence_judge(struct app *app, const struct evidence *evidence)
{
    uint64_t height = evidence->a.height, next = app->height + 1;
    struct validator_set set;
    if (height > next || next - height > (uint64_t)app->params.evidence_max_age) {
        return ERR_FIELD_RANGE;
    }
    int error = app_validators_at(&set, app, height);
    return error != 0 ? error : evidence_verify(evidence, &app->genesis_hash, &set);
}

int run_evidence(struct run *run, struct faults *faults, const struct evidence *evidence)
{
    int error =
        run->evidence_count == BLOCK_EVIDENCE_MAX ? ERR_QUOTA : evidence_judge(run->app, evidence);
    if (error != 0) {
        return faults_add(faults, error, NULL, "%s", "");
    }
    step_begin(run, faults);
    error = rules_record_evidence(&run->context, evidence);
    error = error != 0 ? error : rules_answer_evidence(&run->context, evidence);
    error = step_end(run, error);
    if (error == 0) {
        struct log_leaf leaf = {.kind = LOG_EVIDENCE};
        evidence_hash(&leaf.digest, evidence);
        log_leaf_hash(&run->evidence_leaves[run->evidence_count++], &leaf);
        run->bytes += EVIDENCE_BYTES;
    }
    return error;
}

int run_sweep(struct run *run, struct faults *faults, const char *proposer)
{
    step_begin(run, faults);
    rules_note_proposer(&run->context, proposer);
    int error = rules_sweep_removals(&run->context);
    return step_end(run,
                    error != 0 ? error : rules_sweep_due(&run->context, run->app->tip_time_ms));
}

/* ---- transactions ---- */

static struct signer_use *use_of(struct run *run, const char *member)
{
    uint64_t hash = key_hash(member, strlen(member));
    struct signer_use *use = key_table_find(&run->members, member, hash);
    if (use == NULL) {
        use = memory_alloc(sizeof *use);
        memcpy(use->member, member, strlen(member) + 1);
        use->item = (struct key_item){.key = use->member, .hash = hash};
        key_table_insert(&run->members, use);
    }
    return use;
}

/* Where a txid stands in `seen`, or would. */
static struct tx **seen_slot(const struct run *run, const struct tx *tx)
{
    size_t i = (size_t)key_hash((const char *)tx->id.bytes, HASH_BYTES) & (SEEN_SLOTS - 1);
    while (run->seen[i] != NULL && !hash_equal(&run->seen[i]->id, &tx->id)) {
        i = (i + 1) & (SEEN_SLOTS - 1);
    }
    return &run->seen[i];
}

static bool has_room(const struct run *run, const struct signer_use *use, const struct tx *tx)
{
    const struct chain_params *params = &run->app->params;
    return (int64_t)run->tx_count < params->block_txs_max &&
           run->bytes + 4 + (int64_t)tx->raw.len <= params->block_bytes_max &&
           run->cost + tx->type->cost <= params->block_cost_max &&
           use->txs < params->member_txs_max;
}

/* Everything but the rule itself: standing, signature, time, replay. */
static int tx_judge(const struct run *run, const struct signer *signer, const struct tx *tx,
                    const struct hash *leaf)
{
    const struct chain_params *params = &run->app->params;
    int64_t now_ms = run->context.time_ms;
    int error = signer_check(signer, tx->type, params->test);
    if (error != 0) {
        return error;
    }
    /* "At block time T a transaction is valid iff T < expires ≤ T + tx_lifetime and its txid is in
     * no block with time > T − tx_lifetime." */
    if (tx->expires_ms <= now_ms) {
        return ERR_TX_EXPIRED;
    }
    if (tx->expires_ms > now_ms + params->tx_lifetime_ms) {
        return ERR_TX_LIFETIME;
    }
    if (*seen_slot(run, tx) != NULL ||
        replay_has(run->app->replay, leaf, now_ms - params->tx_lifetime_ms)) {
        return ERR_TX_REPLAY;
    }
    return signer_verified(signer, tx) ? 0 : ERR_SIGNATURE;
}

int rule_bounds(struct rule_context *context, const struct tx_type *type)
{
    unsigned extra = doc_get(context->key, "delegation") != NULL ? DELEGATE_READS_MAX : 0;
    if (rule_reads(context) > type->reads_max + extra ||
        state_writes(context->state) > type->writes_max) {
        return faults_add(context->faults, ERR_TX_BOUNDS, NULL, "%s", "");
    }
    if (!state_writes_fit(context->state)) {
        return faults_add(context->faults, ERR_TOO_LARGE, NULL, "%s", "");
    }
    return 0;
}

static int tx_apply(struct run *run, struct faults *faults, const struct signer *signer,
                    const struct tx *tx)
{
    struct rule_context *context = &run->context;
    context->tx = tx;
    context->body = tx->body;
    context->member = signer->member;
    context->key = signer->key;
    hash_to_hex(context->txid, &tx->id);
    step_begin(run, faults);
    int error = rules_judge_delegate(context);
    error = error != 0 ? error : tx->type->apply(context);
    if (error == 0) {
        error = rule_bounds(context, tx->type);
    }
    context->tx = NULL;
    context->body = context->member = context->key = NULL;
    return step_end(run, error);
}

int run_tx(struct run *run, bool *full, struct faults *faults, struct tx *tx)
{
    const struct signer *signer;
    struct log_leaf leaf = {LOG_TX, tx->id};
    struct hash leaf_hash;
    struct signer_use *use = use_of(run, tx->member);
    int error = signer_of(&signer, run->app, tx->member, tx->key_name);
    *full = error == 0 && !has_room(run, use, tx);
    if (error == 0 && *full) {
        error = ERR_QUOTA;
    }
    if (error == 0) {
        log_leaf_hash(&leaf_hash, &leaf);
        error = tx_judge(run, signer, tx, &leaf_hash);
    }
    if (error != 0) {
        signer_tell(faults, signer, tx->type, error);
        return faults_add(faults, error, tx->type->clause, "%s", "");
    }
    error = tx_apply(run, faults, signer, tx);
    faults_name_clause(faults, tx->type->clause);
    if (error == 0) {
        *seen_slot(run, tx) = tx;
        run->tx_leaves[run->tx_count++] = leaf_hash;
        run->bytes += 4 + (int64_t)tx->raw.len;
        run->cost += tx->type->cost;
        use->txs++;
    }
    return error;
}

/* ---- results ---- */

static void finish_log(struct run *run)
{
    struct execution *out = run->out;
    size_t acts = doc_count(out->acts);
    out->leaf_count = run->evidence_count + acts + run->tx_count;
    out->leaves = memory_alloc((out->leaf_count + 1) * sizeof *out->leaves);
    struct hash *leaves = out->leaves;
    memcpy(leaves, run->evidence_leaves, run->evidence_count * sizeof *leaves);
    leaves += run->evidence_count;
    for (size_t i = 0; i < acts; i++) {
        struct log_leaf leaf = {.kind = LOG_ACT};
        doc_hash(&leaf.digest, RULE_ACT_TAG, doc_at(out->acts, i));
        log_leaf_hash(leaves++, &leaf);
    }
    memcpy(leaves, run->tx_leaves, run->tx_count * sizeof *leaves);
    out->frontier = run->app->frontier;
    for (size_t i = 0; i < out->leaf_count; i++) {
        log_frontier_append(&out->frontier, &out->leaves[i]);
    }
}

struct collected {
    struct execution *out;
    size_t capacity;
    struct buf values; /* canonical forms, one after the other */
};

static void collect_change(void *context, const char *key, const struct doc *value)
{
    struct collected *collected = context;
    struct execution *out = collected->out;
    if (out->change_count == collected->capacity) {
        collected->capacity = collected->capacity == 0 ? 1024 : collected->capacity * 2;
        out->changes = memory_resize(out->changes, collected->capacity * sizeof *out->changes);
    }
    size_t before = collected->values.len;
    if (value != NULL) {
        doc_append_canonical(&collected->values, value);
    }
    size_t bytes = collected->values.len - before;
    out->changes[out->change_count++] = (struct execution_change){key, value, bytes};
}

static int finish_state(struct run *run)
{
    struct execution *out = run->out;
    struct collected collected = {.out = out};
    state_each_change(out->state, collect_change, &collected);
    int error = state_error(out->state);
    if (error == 0) {
        struct state_change *changes = memory_alloc((out->change_count + 1) * sizeof *changes);
        const uint8_t *value = collected.values.data;
        for (size_t i = 0; i < out->change_count; i++) {
            const struct execution_change *change = &out->changes[i];
            changes[i].key = view_of_text(change->key);
            changes[i].value = view_of(change->value == NULL ? NULL : value, change->bytes);
            value += change->bytes;
        }
        error = state_tree_update(&out->update, run->app->tree, run->app->height,
                                  run->app->height + 1, changes, out->change_count);
        memory_free(changes);
    }
    buf_free(&collected.values);
    return error;
}

int run_finish(struct run *run, struct header *header)
{
    struct app *app = run->app;
    struct execution *out = run->out;
    finish_log(run);
    int error = rules_validators(&out->next_validators, out->state, app->height + 2);
    error = error != 0 ? error : rules_validators(&out->later, out->state, app->height + 3);
    if (error == 0) {
        error = finish_state(run);
    }
    if (error != 0) {
        return error;
    }
    header->version = HEADER_VERSION;
    header->genesis = app->genesis_hash;
    header->height = app->height + 1;
    header->previous = app->tip_hash;
    header->log_size = out->frontier.size;
    log_frontier_root(&header->log_root, &out->frontier);
    header->state_root = *state_update_root(out->update);
    header->validators = app->validators_hash;
    validators_hash(&header->next_validators, &out->next_validators);
    return 0;
}
