/* See play.h. */
#include "play.h"

#include "rules_fixture.h"

#include "certify.h"

#include "chain/rules/possession.h"
#include "chain/store.h"

struct play {
    struct doc *genesis;
    struct hash genesis_hash;
    struct kv *kv;
    struct app *app;
    struct doc *acts;
    unsigned serial;
};

const char *play_seat(const char *word)
{
    static const struct {
        const char *word, *member;
    } seats[] = {{"中心", CENTER}, {"甲", ALPHA},        {"乙", BETA},
                 {"丙", GAMMA},    {"主管", SUPERVISOR}, {"新", NEWCOMER}};
    for (size_t i = 0; i < COUNT_OF(seats); i++) {
        if (strcmp(seats[i].word, word) == 0) {
            return seats[i].member;
        }
    }
    return NULL;
}

/* Why the transaction of a proposal is not in its block. */
struct refusal {
    int error;
    struct faults *faults;
};

static void note_refusal(void *context, const struct tx *tx, int error, const struct faults *faults)
{
    struct refusal *refusal = context;
    (void)tx;
    refusal->error = error;
    *refusal->faults = *faults;
}

/* A block of this transaction, or of none; if it is not valid there is no block. */
static int make_block(struct play *play, int64_t time_ms, struct tx *tx, struct faults *faults)
{
    struct refusal refusal = {0, faults};
    const struct validator_set *set = app_next_validators(play->app);
    uint64_t height = app_height(play->app) + 1;
    struct app_proposal proposal = {.time_ms = time_ms,
                                    .proposer = set->item[height % set->count].member,
                                    .candidates = &tx,
                                    .candidate_count = tx != NULL,
                                    .dropped = note_refusal,
                                    .context = &refusal};
    AUTO(block_free) struct block *block = NULL;
    struct app_commit commit;
    assert_int_equal(app_prepare(&block, play->app, &proposal), 0);
    if (refusal.error != 0) {
        return refusal.error;
    }
    assert_int_equal(block->tx_count, tx != NULL);
    struct certificate certificate = certify(play->app, block);
    assert_int_equal(app_commit(&commit, play->app, &block->hash, &certificate), 0);
    for (size_t i = 0; i < doc_count(commit.acts); i++) {
        doc_push(play->acts, doc_ref(doc_at(commit.acts, i)));
    }
    app_commit_free(&commit);
    return 0;
}

static void make_empty_block(struct play *play, int64_t time_ms)
{
    assert_int_equal(make_block(play, time_ms, NULL, NULL), 0);
}

static void forget_acts(struct play *play)
{
    doc_free(&play->acts);
    play->acts = doc_new_array();
}

struct play *play_open(const char *profile, int64_t start_ms)
{
    struct play *play = memory_alloc(sizeof *play);
    struct faults faults = {0};
    bool path = strchr(profile, '/') != NULL;
    play->genesis = fixture_genesis(path ? "putuo" : profile);
    struct doc *params = doc_copy(doc_get(play->genesis, "params"));
    doc_set_int(params, "outage_ms", PLAY_OUTAGE_MS);
    doc_set(play->genesis, "params", params);
    doc_set_int(play->genesis, "time_ms", start_ms);
    if (path) {
        char file[500];
        (void)snprintf(file, sizeof file, "%s%s", profile[0] == '/' ? "" : DIRCHAIN_SOURCE_DIR "/",
                       profile);
        doc_set(play->genesis, "profile", fixture_read(file));
    }
    doc_hash(&play->genesis_hash, "dirchain/genesis/1", play->genesis);
    play->kv = kv_open_memory();
    if (app_open(&play->app, &faults, play->kv, play->genesis, &play->genesis_hash) != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("genesis: %s", buf_text(&text));
    }
    play->acts = doc_new_array();
    make_empty_block(play, start_ms + 1000);
    return play;
}

void play_close(struct play **pointer)
{
    struct play *play = *pointer;
    app_close(&play->app);
    kv_close(&play->kv);
    doc_free(&play->genesis);
    doc_free(&play->acts);
    memory_free(play);
    *pointer = NULL;
}

int64_t play_now_ms(const struct play *play)
{
    return app_tip_time_ms(play->app);
}

uint64_t play_height(const struct play *play)
{
    return app_height(play->app);
}

void play_until(struct play *play, int64_t time_ms)
{
    forget_acts(play);
    while (app_tip_time_ms(play->app) < time_ms) {
        int64_t next_ms = app_tip_time_ms(play->app) + PLAY_STEP_MS;
        make_empty_block(play, next_ms < time_ms ? next_ms : time_ms);
    }
}

void play_standstill(struct play *play, int64_t until_ms)
{
    forget_acts(play);
    make_empty_block(play, until_ms);
}

int play_submit(struct play *play, char *txid, struct faults *faults, const char *kid,
                const char *type, const struct doc *body)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    char member[MEMBER_ID_CHARS + 1], nonce[32];
    struct public_key key;
    struct secret_key secret = fixture_secret_of(kid);
    (void)snprintf(member, sizeof member, "%s", kid);
    (void)snprintf(nonce, sizeof nonce, "nonce-%08u", play->serial++);
    int64_t time_ms = app_tip_time_ms(play->app) + 1000;
    struct tx_draft draft = {.genesis = &play->genesis_hash,
                             .member = member,
                             .key_name = kid + MEMBER_ID_CHARS + 1,
                             .type = type,
                             .nonce = nonce,
                             .expires_ms = time_ms + 60000,
                             .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    int error = tx_parse(&tx, faults, view_of_buf(&raw), &play->genesis_hash);
    if (error == 0) {
        error = app_signer_key(&key, play->app, member, draft.key_name);
    }
    if (error == 0) {
        error = tx_verify(tx, &key);
    }
    if (error != 0) {
        return error;
    }
    hash_to_hex(txid, &tx->id);
    forget_acts(play);
    return make_block(play, time_ms, tx, faults);
}

struct doc *play_record(struct play *play, const char *key)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct doc *record = NULL;
    assert_int_equal(store_view_open(&view, play->kv), 0);
    int error = store_read_state(&record, &view, key);
    assert_true(error == 0 || error == ERR_NOT_FOUND);
    return record;
}

const struct doc *play_acts(const struct play *play)
{
    return play->acts;
}

void play_public(char *text, const char *kid)
{
    (void)snprintf(text, PLAY_TEXT_BYTES, "%s", fixture_public(kid));
}

void play_proof(const struct play *play, char *text, const char *kid)
{
    struct hash digest;
    struct signature signature;
    char member[MEMBER_ID_CHARS + 1];
    AUTO(buf_free) struct buf proof = {0};
    struct secret_key secret = fixture_secret_of(kid);
    (void)snprintf(member, sizeof member, "%s", kid);
    possession_digest(&digest, &play->genesis_hash, member, kid + MEMBER_ID_CHARS + 1,
                      fixture_public(kid));
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    base64url_append(&proof, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(text, PLAY_TEXT_BYTES, "%s", buf_text(&proof));
}

struct doc *play_join(const char *member)
{
    struct doc *join = ledger_join(MEMBER_COUNT, member), *parties = doc_new_array();
    doc_push_text(parties, "upper");
    doc_set(join, "parties", parties);
    ledger_sign_join(join, MEMBER_COUNT);
    return join;
}
