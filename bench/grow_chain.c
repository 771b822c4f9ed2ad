/* A long chain in short time: the ledger that a network would have after so many blocks, made by
 * one process that holds the keys of all its validators. Blocks, execution, signatures and
 * certificates are those of the product; only the talking is left out.
 *
 *   grow_chain --genesis FILE --ledger DIR --blocks N --home DIR [--home DIR]... [--every K]
 *              [--interval-ms N] [--fork-at HEIGHT --salt TEXT] [--round R]
 *
 * A home holds keys/vote.key, keys/compile.key and passphrase, as scripts/lib/network.sh makes
 * them; the homes are the validators. Every K-th block has a duty.publish of the agencies in turn;
 * the others are empty, as those of an idle chain. Two runs give the same blocks, but from HEIGHT
 * on duties and certificates are those of the salt and the round: so a forked chain is made. */
#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "base/memory.h"
#include "chain/app.h"
#include "chain/tx.h"
#include "consensus/signer.h"
#include "genesis/genesis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOMES_MAX 16
#define TX_VALID_MS 600000

struct home {
    const char *folder;
    char member[MEMBER_ID_CHARS + 1];
    struct secret_key vote, compile;
    struct public_key public;
};

struct grow {
    const char *genesis_path, *ledger_path, *salt;
    uint64_t blocks, every, interval_ms, fork_at, round;
    struct home homes[HOMES_MAX];
    size_t home_count;
    struct hash genesis_hash;
    int64_t genesis_ms;
    struct app *app;
};

static _Noreturn void fail(int error, const char *what)
{
    fprintf(stderr, "grow_chain: %s: %s [%s]\n", what, error_english(error), error_code(error));
    exit(1);
}

static void must(int error, const char *what)
{
    if (error != 0)
        fail(error, what);
}

/* ---- keys ---- */

static void open_key(struct secret_key *out, char member[MEMBER_ID_CHARS + 1], const char *folder,
                     const char *name)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    AUTO(keyfile_close) struct keyfile key = {0};
    buf_append_format(&path, "%s/passphrase", folder);
    must(passphrase_read_file(&passphrase, buf_text(&path)), buf_text(&path));
    buf_clear(&path);
    buf_append_format(&path, "%s/keys/%s.key", folder, name);
    must(keyfile_open(&key, buf_text(&path), &passphrase), buf_text(&path));
    keyfile_secret_key(out, &key);
    memcpy(member, key.label, MEMBER_ID_CHARS);
    member[MEMBER_ID_CHARS] = 0;
}

static void add_home(struct grow *grow, const char *folder)
{
    struct home *home = &grow->homes[grow->home_count++];
    home->folder = folder;
    open_key(&home->vote, home->member, folder, "vote");
    open_key(&home->compile, home->member, folder, "compile");
    must(sign_public_key(&home->public, &home->compile), folder);
}

static const struct home *find_home(const struct grow *grow, const char *member)
{
    for (size_t i = 0; i < grow->home_count; i++)
        if (strcmp(grow->homes[i].member, member) == 0)
            return &grow->homes[i];
    fail(ERR_KEY_MEMBER, member);
}

/* ---- blocks ---- */

static struct tx *make_tx(const struct grow *grow, uint64_t height, int64_t time_ms)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(buf_free) struct buf raw = {0};
    const struct home *home = &grow->homes[height / grow->every % grow->home_count];
    const char *salt = height >= grow->fork_at ? grow->salt : "";
    struct tx *tx = NULL;
    char nonce[48];
    (void)snprintf(nonce, sizeof nonce, "grown-%s-%012" PRIu64, salt, height);
    doc_set_format(body, "code", "GROWN%s-%" PRIu64, salt, height);
    doc_set_text(body, "name", "公共数据资源管理");
    doc_set_text(body, "category", "公共服务");
    doc_set_text(body, "implementer", "示例单位");
    doc_set_text(body, "basis", "《示例条例》第一条：为测量而设，无其他用途。");
    const struct tx_draft draft = {.genesis = &grow->genesis_hash,
                                   .member = home->member,
                                   .key_name = "compile",
                                   .type = "duty.publish",
                                   .nonce = nonce,
                                   .expires_ms = time_ms + TX_VALID_MS,
                                   .body = body};
    must(tx_sign(&raw, &draft, &home->compile), "signing");
    must(tx_parse(&tx, NULL, view_of_buf(&raw), &grow->genesis_hash), "transaction");
    must(tx_verify(tx, &home->public), "transaction");
    return tx;
}

/* Precommits of a quorum; it rotates, so that every validator signs. */
static void certify(struct certificate *out, const struct grow *grow, const struct block *block)
{
    const struct validator_set *set = app_next_validators(grow->app);
    struct vote vote = {.type = VOTE_PRECOMMIT,
                        .height = block->header.height,
                        .round = block->header.height >= grow->fork_at ? (uint32_t)grow->round : 0,
                        .block = block->hash};
    struct hash digest;
    size_t quorum = validators_quorum(set->count), absent = block->header.height % set->count;
    *out = (struct certificate){.height = vote.height, .round = vote.round, .block = block->hash};
    vote_digest(&digest, &grow->genesis_hash, &vote);
    for (size_t i = 0; i < set->count; i++) {
        size_t after = (i + set->count - absent) % set->count; /* places after the first absent */
        if (after < set->count - quorum)
            continue;
        struct certificate_signer *signer = &out->signer[out->count++];
        memcpy(signer->member, set->item[i].member, sizeof signer->member);
        must(schnorr_sign(&signer->signature, &find_home(grow, signer->member)->vote, &digest),
             "voting");
    }
    ENSURE(out->count == quorum);
}

static void grow_block(struct grow *grow)
{
    uint64_t height = app_height(grow->app) + 1;
    const struct validator_set *set = app_next_validators(grow->app);
    int64_t time_ms = grow->genesis_ms + (int64_t)(height * grow->interval_ms);
    struct tx *tx = height % grow->every == 0 ? make_tx(grow, height, time_ms) : NULL;
    const struct app_proposal proposal = {.time_ms = time_ms,
                                          .proposer =
                                              set->item[validators_proposer(set, height, 0)].member,
                                          .candidates = &tx,
                                          .candidate_count = tx != NULL};
    AUTO(block_free) struct block *block = NULL;
    AUTO(memory_release) struct certificate *certificate = memory_alloc(sizeof *certificate);
    struct app_commit commit;
    must(app_prepare(&block, grow->app, &proposal), "preparing");
    if (block->tx_count != proposal.candidate_count)
        fail(ERR_BLOCK_EXECUTION, "the transaction was left out");
    certify(certificate, grow, block);
    must(app_commit(&commit, grow->app, &block->hash, certificate), "committing");
    app_commit_free(&commit);
    if (tx != NULL)
        tx_free(&tx);
    if (height % 1000 == 0)
        fprintf(stderr, "\r%" PRIu64 " / %" PRIu64, height, grow->blocks);
}

/* ---- safety records ---- */

static void leave_record(const struct grow *grow, const struct home *home)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(memory_release) struct safety_record *record = memory_alloc(sizeof *record);
    struct safety *safety = NULL;
    struct signer *signer = NULL;
    struct vote_key key;
    buf_append_format(&path, "%s/data", home->folder);
    must(file_make_directory(buf_text(&path), 0700), buf_text(&path));
    buf_append_text(&path, "/safety");
    must(sign_vote_key(&key, &home->vote), home->folder);
    int error = safety_create_file(buf_text(&path), &grow->genesis_hash, &key, false);
    if (error == ERR_EXISTS)
        return;
    must(error, buf_text(&path));
    must(safety_open_file(&safety, buf_text(&path), &grow->genesis_hash, &key), buf_text(&path));
    must(signer_open(&signer, &safety, &grow->genesis_hash, home->member, &home->vote, NULL),
         buf_text(&path));
    safety_record_init(record);
    record->height = app_height(grow->app);
    record->step = STEP_PRECOMMIT;
    record->locked_round = record->valid_round = 0;
    record->locked_block = record->valid_block = *app_tip_hash(grow->app);
    record->has_precommit = true;
    record->precommit = (struct vote){
        .type = VOTE_PRECOMMIT, .height = record->height, .block = *app_tip_hash(grow->app)};
    memcpy(record->precommit.validator, home->member, sizeof home->member);
    must(signer_persist(signer, record), "the safety record");
    signer_close(&signer);
}

/* ---- options ---- */

static uint64_t number_of(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text == 0 || *end != 0)
        fail(ERR_USAGE, text);
    return value;
}

static void read_options(struct grow *grow, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(name, "--genesis") == 0)
            grow->genesis_path = value;
        else if (strcmp(name, "--ledger") == 0)
            grow->ledger_path = value;
        else if (strcmp(name, "--blocks") == 0)
            grow->blocks = number_of(value);
        else if (strcmp(name, "--every") == 0)
            grow->every = number_of(value);
        else if (strcmp(name, "--interval-ms") == 0)
            grow->interval_ms = number_of(value);
        else if (strcmp(name, "--fork-at") == 0)
            grow->fork_at = number_of(value);
        else if (strcmp(name, "--salt") == 0)
            grow->salt = value;
        else if (strcmp(name, "--round") == 0)
            grow->round = number_of(value);
        else if (strcmp(name, "--home") == 0 && grow->home_count < HOMES_MAX)
            add_home(grow, value);
        else
            fail(ERR_USAGE, name);
    }
    if (grow->genesis_path == NULL || grow->ledger_path == NULL || grow->home_count == 0 ||
        grow->every == 0 || grow->interval_ms == 0 || grow->round > ROUND_MAX)
        fail(ERR_USAGE, "--genesis, --ledger, --home, --every, --interval-ms, --round");
}

int main(int argc, char **argv)
{
    struct grow grow = {
        .salt = "", .every = 10, .interval_ms = 1000, .fork_at = UINT64_MAX, .blocks = 1000};
    struct faults faults = {0};
    struct doc *genesis = NULL;
    struct kv *kv = NULL;
    read_options(&grow, argc, argv);
    must(genesis_load(&genesis, &grow.genesis_hash, &faults, grow.genesis_path), grow.genesis_path);
    grow.genesis_ms = doc_get_int(genesis, "time_ms", 0);
    must(kv_open_leveldb(&kv, grow.ledger_path), grow.ledger_path);
    must(app_open(&grow.app, &faults, kv, genesis, &grow.genesis_hash), grow.ledger_path);
    while (app_height(grow.app) < grow.blocks)
        grow_block(&grow);
    for (size_t i = 0; i < grow.home_count && app_height(grow.app) > 0; i++)
        leave_record(&grow, &grow.homes[i]);
    fprintf(stderr, "\r");
    printf("height %" PRIu64 ", time_ms %" PRId64 "\n", app_height(grow.app),
           app_tip_time_ms(grow.app));
    app_close(&grow.app);
    kv_close(&kv);
    doc_free(&genesis);
    return 0;
}
