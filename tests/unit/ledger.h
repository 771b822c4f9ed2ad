/* A ledger of five agencies for tests: genesis from the ceremony, keys from small numbers, blocks
 * certified by the validators' keys. Header only; include it once a program, after or without a
 * registry of test types (ledger_types.h). */
#ifndef DIRCHAIN_TESTS_UNIT_LEDGER_H
#define DIRCHAIN_TESTS_UNIT_LEDGER_H

#include "ceremony.h"

#include "base/civil.h"
#include "base/file.h"
#include "chain/app.h"
#include "chain/rules/rotation.h"
#include "chain/store.h"
#include "genesis/genesis.h"

#define LEDGER_TIME_MS INT64_C(1770000000000) /* 2026-02-02, a Monday */
#ifndef LEDGER_VALIDATORS
#define LEDGER_VALIDATORS 4 /* agencies 1 to 4; the center observes */
#endif
#define KEY_CHIEF 1
#define KEY_COMPILE 2
#define KEY_ADMIN 3
#define KEY_VOTE 7
#define KEY_VOTE_NEXT 8 /* after ledger_rotate_tx */

struct ledger {
    struct doc *genesis;
    struct hash genesis_hash;
    struct kv *kv; /* owned */
    struct app *app;
    unsigned nonce;
};

static inline struct doc *ledger_read_json(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    struct doc *doc = NULL;
    assert_int_equal(file_read(&text, path, 1 << 20), 0);
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), 1 << 20), 0);
    return doc;
}

/* By a profile of samples/profiles; `params` may be NULL: defaults. */
static inline struct doc *ledger_genesis_by(const char *profile_name, const struct doc *params,
                                            bool test)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/samples/profiles/%s.json", DIRCHAIN_SOURCE_DIR,
                   profile_name);
    AUTO(doc_free) struct doc *profile = ledger_read_json(path);
    AUTO(doc_free)
    struct doc *notice = ledger_read_json(DIRCHAIN_SOURCE_DIR "/samples/calendar/2026.json");
    AUTO(doc_free) struct doc *calendars = doc_new_array();
    AUTO(doc_free) struct doc *joins = doc_new_array();
    AUTO(doc_free) struct doc *validators = doc_new_array();
    AUTO(doc_free) struct doc *no_params = doc_new_object();
    AUTO(ceremony_key_free)
    struct keyfile admin = ceremony_key(KEYFILE_OFFICER, ceremony_number(0, KEY_ADMIN));
    struct doc *calendar = NULL, *genesis = NULL;
    struct faults faults = {0};
    assert_int_equal(civil_calendar_from_notice(&calendar, &faults, notice), 0);
    doc_push(calendars, calendar);
    for (size_t i = 0; i < AGENCY_COUNT; i++) {
        doc_push(joins, ceremony_join(i));
        if (i >= 1 && i <= LEDGER_VALIDATORS)
            doc_push_text(validators, agencies[i]);
    }
    struct genesis_plan plan = {.network = "test-network",
                                .test = test,
                                .time_ms = LEDGER_TIME_MS,
                                .center = CENTER,
                                .params = params == NULL ? no_params : params,
                                .profile = profile,
                                .calendars = calendars,
                                .joins = joins,
                                .validators = validators};
    if (genesis_make(&genesis, &faults, &plan, &admin) != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("genesis: %s", buf_text(&text));
    }
    return genesis;
}

static inline struct doc *ledger_genesis(const struct doc *params, bool test)
{
    return ledger_genesis_by("putuo", params, test);
}

static inline void ledger_open_app(struct ledger *ledger)
{
    struct faults faults = {0};
    assert_int_equal(
        app_open(&ledger->app, &faults, ledger->kv, ledger->genesis, &ledger->genesis_hash), 0);
}

/* Takes the kv over. */
static inline struct ledger ledger_open(struct kv *kv, const struct doc *params)
{
    struct ledger ledger = {.kv = kv, .genesis = ledger_genesis(params, true)};
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    ledger_open_app(&ledger);
    return ledger;
}

static inline void ledger_reopen(struct ledger *ledger)
{
    app_close(&ledger->app);
    ledger_open_app(ledger);
}

static inline void ledger_close(struct ledger *ledger)
{
    app_close(&ledger->app);
    doc_free(&ledger->genesis);
    if (ledger->kv != NULL)
        kv_close(&ledger->kv);
}

static inline struct secret_key ledger_secret(size_t agency, unsigned key)
{
    struct secret_key secret;
    memset(secret.bytes, ceremony_number(agency, key), SECRET_KEY_BYTES);
    return secret;
}

static inline const char *ledger_key_name(unsigned key)
{
    return key == KEY_CHIEF ? "chief" : key == KEY_ADMIN ? "admin" : "compile";
}

/* A transaction of an agency, signed by one of its keys, parsed and verified. Takes the body. */
static inline struct tx *ledger_tx_expiring(struct ledger *ledger, size_t agency, unsigned key,
                                            const char *type, struct doc *body, int64_t expires_ms)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(doc_free) struct doc *owned = body;
    struct secret_key secret = ledger_secret(agency, key);
    struct public_key public;
    char nonce[32];
    snprintf(nonce, sizeof nonce, "nonce-%010u", ledger->nonce++);
    const struct tx_draft draft = {.genesis = &ledger->genesis_hash,
                                   .member = agencies[agency],
                                   .key_name = ledger_key_name(key),
                                   .type = type,
                                   .nonce = nonce,
                                   .expires_ms = expires_ms,
                                   .body = owned};
    struct faults faults = {0};
    struct tx *tx = NULL;
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    if (tx_parse(&tx, &faults, view_of_buf(&raw), &ledger->genesis_hash) != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("%s: %s", type, buf_text(&text));
    }
    assert_int_equal(sign_public_key(&public, &secret), 0);
    assert_int_equal(tx_verify(tx, &public), 0);
    return tx;
}

static inline struct tx *ledger_tx(struct ledger *ledger, size_t agency, unsigned key,
                                   const char *type, struct doc *body)
{
    return ledger_tx_expiring(ledger, agency, key, type, body,
                              app_tip_time_ms(ledger->app) + 600000);
}

/* Body of "validator.change": `how` is "add" or "remove". */
static inline struct doc *ledger_change_body(const char *how, size_t agency)
{
    struct doc *body = doc_new_object(), *list = doc_new_array();
    doc_push_text(list, agencies[agency]);
    doc_set(body, how, list);
    doc_set_text(body, "reason", "机构调整");
    return body;
}

/* The center makes the change. */
static inline struct tx *ledger_change_tx(struct ledger *ledger, const char *how, size_t agency)
{
    return ledger_tx(ledger, 0, KEY_ADMIN, "validator.change", ledger_change_body(how, agency));
}

/* "validator.rotate" of an agency: from its first vote key to KEY_VOTE_NEXT. */
static inline struct tx *ledger_rotate_tx(struct ledger *ledger, size_t agency)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *member = NULL;
    char hex[2 * VOTE_KEY_BYTES + 1], state_key[64];
    struct secret_key secret = ledger_secret(agency, KEY_VOTE_NEXT);
    struct vote_key key;
    struct signature signature;
    struct hash digest;
    struct store_view view;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex, view_of(key.bytes, sizeof key.bytes));
    rotation_digest(&digest, &ledger->genesis_hash, agencies[agency], hex);
    assert_int_equal(schnorr_sign(&signature, &secret, &digest), 0);
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(state_key, sizeof state_key, "member/%s", agencies[agency]);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(store_read_state(&member, &view, state_key), 0);
    store_view_close(&view);
    struct doc *body = doc_new_object();
    doc_set_text(body, "vote_key", hex);
    doc_set_text(body, "vote_signature", buf_text(&text));
    doc_set_text(body, "acts_on", doc_get_text(member, "version"));
    doc_set_text(body, "reason", "定期轮换");
    return ledger_tx(ledger, agency, KEY_CHIEF, "validator.rotate", body);
}

/* The secret of the key that a seat has now. */
static inline struct secret_key ledger_seat_secret(const struct validator *seat, size_t agency)
{
    struct secret_key secret = ledger_secret(agency, KEY_VOTE);
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    return memcmp(key.bytes, seat->key.bytes, VOTE_KEY_BYTES) == 0
               ? secret
               : ledger_secret(agency, KEY_VOTE_NEXT);
}

/* Precommits of the first validators, as many as a quorum. */
static inline struct certificate ledger_certify(const struct ledger *ledger,
                                                const struct block *block)
{
    const struct validator_set *set = app_next_validators(ledger->app);
    struct certificate certificate = {.height = block->header.height,
                                      .block = block->hash,
                                      .count = validators_quorum(set->count)};
    for (size_t i = 0; i < certificate.count; i++) {
        size_t agency = 0;
        while (strcmp(agencies[agency], set->item[i].member) != 0)
            agency++;
        struct vote vote = {.type = VOTE_PRECOMMIT, .height = certificate.height};
        struct secret_key secret = ledger_seat_secret(&set->item[i], agency);
        struct hash digest;
        vote.block = block->hash;
        memcpy(vote.validator, agencies[agency], sizeof vote.validator);
        vote_digest(&digest, &ledger->genesis_hash, &vote);
        memcpy(certificate.signer[i].member, agencies[agency], MEMBER_ID_CHARS + 1);
        assert_int_equal(schnorr_sign(&certificate.signer[i].signature, &secret, &digest), 0);
    }
    return certificate;
}

/* Two votes of one validator at one place: prevotes or precommits for two made-up blocks. */
static inline struct evidence ledger_equivocation_by(const struct ledger *ledger, size_t agency,
                                                     unsigned key, enum vote_type type,
                                                     uint64_t height, uint32_t round)
{
    struct vote vote = {.type = type, .height = height, .round = round};
    struct secret_key secret = ledger_secret(agency, key);
    struct evidence evidence;
    struct vote *votes[] = {&evidence.a, &evidence.b};
    memcpy(vote.validator, agencies[agency], MEMBER_ID_CHARS + 1);
    for (size_t i = 0; i < COUNT_OF(votes); i++) {
        struct hash digest;
        *votes[i] = vote;
        votes[i]->block.bytes[0] = (uint8_t)(i + 1);
        vote_digest(&digest, &ledger->genesis_hash, votes[i]);
        assert_int_equal(schnorr_sign(&votes[i]->signature, &secret, &digest), 0);
    }
    return evidence;
}

static inline struct evidence ledger_equivocation(const struct ledger *ledger, size_t agency,
                                                  enum vote_type type, uint64_t height,
                                                  uint32_t round)
{
    return ledger_equivocation_by(ledger, agency, KEY_VOTE, type, height, round);
}

/* What app_prepare left out. */
struct ledger_dropped {
    size_t count;
    const struct tx *tx[64];
    int error[64];
};

static inline void ledger_note_dropped(void *context, const struct tx *tx, int error,
                                       const struct faults *faults)
{
    struct ledger_dropped *dropped = context;
    assert_true(dropped->count < COUNT_OF(dropped->tx));
    assert_true(error == 0 ? faults == NULL : faults_first(faults) == error);
    for (size_t i = 0; faults != NULL && i < faults->count; i++)
        assert_true(faults->item[i].clause[0] != '\0'); /* every refusal names its clause */
    dropped->tx[dropped->count] = tx;
    dropped->error[dropped->count++] = error;
}

/* Whose turn it is. */
static inline struct block *ledger_prepare_at(struct ledger *ledger, int64_t time_ms,
                                              struct tx *const *txs, size_t count,
                                              struct ledger_dropped *dropped)
{
    struct block *block = NULL;
    const struct validator_set *set = app_next_validators(ledger->app);
    uint64_t height = app_height(ledger->app) + 1;
    struct app_proposal proposal = {.time_ms = time_ms,
                                    .proposer = set->item[height % set->count].member,
                                    .candidates = txs,
                                    .candidate_count = count,
                                    .dropped = dropped == NULL ? NULL : ledger_note_dropped,
                                    .context = dropped};
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    return block;
}

static inline struct block *ledger_prepare(struct ledger *ledger, struct tx *const *txs,
                                           size_t count, struct ledger_dropped *dropped)
{
    return ledger_prepare_at(ledger, app_tip_time_ms(ledger->app) + 1000, txs, count, dropped);
}

static inline int ledger_commit(struct ledger *ledger, const struct block *block)
{
    struct app_commit commit;
    struct certificate certificate = ledger_certify(ledger, block);
    int error = app_commit(&commit, ledger->app, &block->hash, &certificate);
    app_commit_free(&commit);
    return error;
}

/* Prepares a block of exactly these transactions and commits it. Takes the transactions. */
static inline void ledger_append(struct ledger *ledger, struct tx **txs, size_t count)
{
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(ledger, txs, count, &dropped);
    if (dropped.count > 0)
        fail_msg("dropped: %s", error_code(dropped.error[0]));
    assert_int_equal(ledger_commit(ledger, block), 0);
    for (size_t i = 0; i < count; i++)
        tx_free(&txs[i]);
}

/* The same bytes as another node gets them: decoded anew, transactions verified. */
static inline struct block *ledger_transport(const struct ledger *ledger, const struct block *block)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct block *copy = NULL;
    block_encode(&bytes, block);
    assert_int_equal(block_decode(&copy, NULL, view_of_buf(&bytes), &ledger->genesis_hash), 0);
    for (size_t i = 0; i < copy->tx_count; i++)
        assert_int_equal(tx_verify(copy->txs[i], &block->txs[i]->verified_key), 0);
    return copy;
}

#endif
