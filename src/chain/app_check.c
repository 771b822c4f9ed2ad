/* Admission: what is worth keeping until a block holds it, judged by the tip. Execution judges
 * again. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

/* The next block's time is not known here, and on a chain that stood still it lies well after the
 * tip. An expiry may therefore seem too far away by so much; a wrong unit or year never passes. */
#define TIP_AGE_MAX_MS INT64_C(86400000)

static void keep_first(int *first, int error)
{
    if (*first == 0) {
        *first = error;
    }
}

static int check_time(const struct app *app, const struct tx *tx)
{
    if (tx->expires_ms <= app->tip_time_ms) {
        return ERR_TX_EXPIRED;
    }
    int64_t latest_ms = app->tip_time_ms + app->params.tx_lifetime_ms + TIP_AGE_MAX_MS;
    return tx->expires_ms > latest_ms ? ERR_TX_LIFETIME : 0;
}

static int check_replay(const struct app *app, const struct tx *tx)
{
    struct log_leaf leaf = {LOG_TX, tx->id};
    struct hash hash;
    log_leaf_hash(&hash, &leaf);
    return replay_has(app->replay, &hash, app->tip_time_ms - app->params.tx_lifetime_ms)
               ? ERR_TX_REPLAY
               : 0;
}

/* Applies the rule on the committed state as the next block would, and discards it. */
static int try_rule(struct app *app, struct faults *faults, const struct signer *signer,
                    const struct tx *tx)
{
    struct state_source source = committed_source(app->committed);
    AUTO(state_close) struct state *state = state_open(&source);
    AUTO(doc_free) struct doc *acts = doc_new_array();
    struct rule_context context = {
        .state = state,
        .faults = faults,
        .height = app->height + 1,
        .time_ms = app->tip_time_ms + 1,
        .test = app->params.test,
        .tx = tx,
        .body = tx->body,
        .member = signer->member,
        .key = signer->key,
        .acts = acts,
    };
    hash_to_hex(context.txid, &tx->id);
    state_begin(state);
    int error = rules_judge_delegate(&context);
    error = error != 0 ? error : tx->type->apply(&context);
    if (error == 0) {
        error = rule_bounds(&context, tx->type);
    }
    state_discard(state);
    return state_error(state) != 0 ? state_error(state) : error;
}

int app_check(struct app *app, struct faults *faults, const struct tx *tx, bool dry_run)
{
    const struct signer *signer;
    if (app->broken != 0) {
        return app->broken;
    }
    int error = signer_of(&signer, app, tx->member, tx->key_name);
    if (error != 0) {
        return error;
    }
    const int found[] = {
        signer_check(signer, tx->type, app->params.test),
        /* Not verified yet is fine: whoever asks may want the cheap answer first. */
        tx->verified && signer->error == 0 && !signer_verified(signer, tx) ? ERR_SIGNATURE : 0,
        check_time(app, tx),
        check_replay(app, tx),
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        if (found[i] != 0) {
            signer_tell(faults, signer, tx->type, found[i]);
            keep_first(&error, faults_add(faults, found[i], tx->type->clause, "%s", ""));
        }
    }
    if (error == 0 && dry_run) {
        error = try_rule(app, faults, signer, tx);
        faults_name_clause(faults, tx->type->clause);
    }
    return error;
}

int app_check_evidence(struct app *app, const struct evidence *evidence)
{
    if (app->broken != 0) {
        return app->broken;
    }
    struct state_source source = committed_source(app->committed);
    AUTO(state_close) struct state *state = state_open(&source);
    struct rule_context context = {.state = state, .height = app->height + 1};
    state_begin(state);
    int error = rules_record_evidence(&context, evidence);
    state_discard(state);
    if (error != 0) {
        return error;
    }
    return evidence->a.height == app->height + 2
               ? evidence_verify(evidence, &app->genesis_hash, &app->later)
               : evidence_judge(app, evidence);
}
