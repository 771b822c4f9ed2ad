/* The application: preparing, judging and committing blocks, with the real rules of membership and
 * small ones of the test. */
#include "ledger.h"
#include "ledger_keys.h"
#include "ledger_types.h"

#include "chain/log_tree.h"
#include "chain/store_layout.h"

#include <inttypes.h>

static struct ledger open_memory(void)
{
    return ledger_open(kv_open_memory(), NULL);
}

static struct tx *put_tx(struct ledger *ledger, size_t agency, const char *key, int64_t value)
{
    return ledger_tx(ledger, agency, KEY_COMPILE, "test.put", test_body(key, value));
}

/* The committed value of test/<key>, -1 if there is none. */
static int64_t value_of(const struct ledger *ledger, const char *key)
{
    struct store_view view;
    char state_key[64];
    AUTO(doc_free) struct doc *doc = NULL;
    snprintf(state_key, sizeof state_key, "test/%s", key);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    int error = store_read_state(&doc, &view, state_key);
    store_view_close(&view);
    assert_true(error == 0 || error == ERR_NOT_FOUND);
    return doc_get_int(doc, "value", -1);
}

static void expect_fault(const struct faults *faults, int error, const char *field)
{
    if (!ceremony_has_fault(faults, error, field)) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, faults);
        fail_msg("no fault %s at %s in:\n%s", error_code(error), field, buf_text(&text));
    }
}

static int process(struct ledger *ledger, struct faults *faults, struct block *block)
{
    *faults = (struct faults){0};
    return app_process(ledger->app, faults, block);
}

/* ---- blocks ---- */

static void blocks_follow_one_another(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    assert_int_equal(app_height(ledger.app), 0);
    assert_null(app_tip(ledger.app));
    assert_int_equal(app_tip_time_ms(ledger.app), LEDGER_TIME_MS);
    assert_true(hash_equal(app_tip_hash(ledger.app), &ledger.genesis_hash));
    ledger_append(&ledger, NULL, 0);
    struct hash first = *app_tip_hash(ledger.app);
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 2)};
    ledger_append(&ledger, txs, 2);
    const struct header *tip = app_tip(ledger.app);
    assert_int_equal(tip->height, 2);
    assert_true(hash_equal(&tip->previous, &first));
    assert_int_equal(tip->log_size, 2);
    assert_true(hash_equal(&tip->validators, &tip->next_validators));
    assert_int_equal(value_of(&ledger, "a"), 1);
    assert_int_equal(value_of(&ledger, "b"), 2);
    ledger_reopen(&ledger);
    assert_int_equal(app_height(ledger.app), 2);
    assert_int_equal(app_tip_time_ms(ledger.app), LEDGER_TIME_MS + 2000);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(app_height(ledger.app), 3);
}

static void what_commit_tells(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *before[] = {put_tx(&ledger, 1, "x", 1)};
    ledger_append(&ledger, before, 1);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "act", true);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
    struct certificate certificate = ledger_certify(&ledger, block);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), 0);
    assert_true(hash_equal(&commit.hash, &block->hash));
    assert_int_equal(commit.header.height, 2);
    assert_int_equal(commit.first_log_index, 1);
    assert_int_equal(commit.header.log_size, 3); /* the act, the transaction */
    assert_int_equal(doc_count(commit.acts), 1);
    assert_true(doc_text_is(doc_at(commit.acts, 0), "effect", "noted"));
    assert_int_equal(doc_get_int(doc_at(commit.acts, 0), "height", 0), 2);
    assert_ptr_equal(commit.block->txs[0], tx);
    assert_false(commit.validators_changed);
    app_commit_free(&commit);
    tx_free(&tx);
}

/* Every way to be wrong about one field, each refused with its error at its field. */
static void wrong_header_fields_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *first[] = {put_tx(&ledger, 1, "a", 1)};
    ledger_append(&ledger, first, 1);
    struct tx *tx = put_tx(&ledger, 1, "b", 1);
    AUTO(block_free) struct block *good = ledger_prepare(&ledger, &tx, 1, NULL);
    enum {
        VERSION,
        GENESIS,
        HEIGHT,
        HEIGHT_LOW,
        TIME,
        PREVIOUS,
        LOG_SIZE,
        LOG_ROOT,
        STATE_ROOT,
        VALIDATORS,
        NEXT,
        PROPOSER,
        CASES
    };
    static const struct {
        int error;
        const char *field;
    } expected[CASES] = {
        [VERSION] = {ERR_BLOCK_FORM, "header"},
        [GENESIS] = {ERR_BLOCK_LINK, "header.genesis"},
        [HEIGHT] = {ERR_BLOCK_LINK, "header.height"},
        [HEIGHT_LOW] = {ERR_BLOCK_LINK, "header.height"},
        [TIME] = {ERR_BLOCK_LINK, "header.time_ms"},
        [PREVIOUS] = {ERR_BLOCK_LINK, "header.previous"},
        [LOG_SIZE] = {ERR_BLOCK_EXECUTION, "header.log_size"},
        [LOG_ROOT] = {ERR_BLOCK_EXECUTION, "header.log_root"},
        [STATE_ROOT] = {ERR_BLOCK_EXECUTION, "header.state_root"},
        [VALIDATORS] = {ERR_VALIDATORS, "header.validators"},
        [NEXT] = {ERR_BLOCK_EXECUTION, "header.next_validators"},
        [PROPOSER] = {ERR_VALIDATORS, "header.proposer"},
    };
    for (int i = 0; i < CASES; i++) {
        AUTO(block_free) struct block *bad = ledger_transport(&ledger, good);
        struct header *header = &bad->header;
        switch (i) {
        case VERSION:
            header->version++;
            break;
        case GENESIS:
            header->genesis.bytes[0] ^= 1;
            break;
        case HEIGHT:
            header->height++;
            break;
        case HEIGHT_LOW:
            header->height--;
            break;
        case TIME:
            header->time_ms = app_tip_time_ms(ledger.app);
            break;
        case PREVIOUS:
            header->previous.bytes[31] ^= 1;
            break;
        case LOG_SIZE:
            header->log_size++;
            break;
        case LOG_ROOT:
            header->log_root.bytes[7] ^= 0x80;
            break;
        case STATE_ROOT:
            header->state_root.bytes[0] ^= 1;
            break;
        case VALIDATORS:
            header->validators.bytes[1] ^= 1;
            break;
        case NEXT:
            header->next_validators.bytes[1] ^= 1;
            break;
        default:
            memcpy(header->proposer, CENTER, MEMBER_ID_CHARS + 1);
        }
        header_hash(&bad->hash, header);
        struct faults faults;
        int error = process(&ledger, &faults, bad);
        if (error != expected[i].error)
            fail_msg("case %d: %s", i, error_code(error));
        assert_false(app_error_is_environment(error));
        expect_fault(&faults, error, expected[i].field);
        struct certificate certificate = ledger_certify(&ledger, bad);
        struct app_commit commit;
        assert_int_equal(app_commit(&commit, ledger.app, &bad->hash, &certificate), ERR_NOT_FOUND);
    }
    /* A hash that is not the header's never gets as far as a cached result. */
    AUTO(block_free) struct block *lied = ledger_transport(&ledger, good);
    struct faults faults;
    lied->header.time_ms++;
    assert_int_equal(process(&ledger, &faults, lied), ERR_BLOCK_FORM);
    tx_free(&tx);
}

static void the_same_hash_with_another_body_is_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1)};
    struct faults faults;
    AUTO(block_free) struct block *good = ledger_prepare(&ledger, txs, 2, NULL);
    AUTO(block_free) struct block *same = ledger_transport(&ledger, good);
    assert_int_equal(process(&ledger, &faults, same), 0);
    struct tx *swap = same->txs[0];
    same->txs[0] = same->txs[1];
    same->txs[1] = swap;
    assert_int_equal(process(&ledger, &faults, same), ERR_BLOCK_EXECUTION);
    AUTO(block_free) struct block *shorter = ledger_transport(&ledger, good);
    tx_free(&shorter->txs[--shorter->tx_count]);
    assert_int_equal(process(&ledger, &faults, shorter), ERR_BLOCK_EXECUTION);
    AUTO(block_free) struct block *unverified = ledger_transport(&ledger, good);
    unverified->txs[1]->verified = false;
    assert_int_equal(process(&ledger, &faults, unverified), ERR_SIGNATURE);
    expect_fault(&faults, ERR_SIGNATURE, "txs[1]");
    /* And none of them replaced what was executed. */
    assert_int_equal(ledger_commit(&ledger, good), 0);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

static void blocks_of_one_height_live_side_by_side(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct block *blocks[EXECUTIONS_MAX + 2];
    struct tx *txs[EXECUTIONS_MAX + 2];
    struct faults faults;
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        char key[24];
        snprintf(key, sizeof key, "k%zu", i);
        txs[i] = put_tx(&ledger, 1, key, 1);
        blocks[i] = ledger_prepare(&ledger, &txs[i], 1, NULL);
        for (size_t j = 0; j < i; j++)
            assert_false(hash_equal(&blocks[i]->hash, &blocks[j]->hash));
    }
    /* The oldest made room; executed again, it is as good as before. */
    struct certificate certificate = ledger_certify(&ledger, blocks[0]);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &blocks[0]->hash, &certificate),
                     ERR_NOT_FOUND);
    assert_int_equal(process(&ledger, &faults, blocks[0]), 0);
    assert_int_equal(ledger_commit(&ledger, blocks[0]), 0);
    assert_int_equal(value_of(&ledger, "k0"), 1);
    assert_int_equal(value_of(&ledger, "k5"), -1);
    /* The others were of this height. */
    assert_int_equal(process(&ledger, &faults, blocks[5]), ERR_BLOCK_LINK);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        tx_free(&txs[i]);
        block_free(&blocks[i]);
    }
}

static void a_certificate_for_another_block_commits_nothing(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, NULL, 0, NULL);
    struct certificate certificate = ledger_certify(&ledger, block);
    struct app_commit commit;
    certificate.block.bytes[0] ^= 1;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), ERR_CERT_BLOCK);
    certificate.block.bytes[0] ^= 1;
    certificate.height = 2;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), ERR_CERT_BLOCK);
    certificate.height = 1;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), 0);
    app_commit_free(&commit);
}

static void proposals_out_of_place_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct app_proposal proposal = {.time_ms = LEDGER_TIME_MS, .proposer = agencies[1]};
    struct block *block;
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), ERR_BLOCK_LINK);
    proposal.time_ms++;
    proposal.proposer = CENTER; /* an observer */
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), ERR_VALIDATORS);
    proposal.proposer = agencies[1];
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), 0);
    block_free(&block);
}

/* ---- transactions ---- */

/* Adds a transaction to a block of our own, as a proposer might who does not judge. */
static void force_tx(struct block *block, struct tx *tx)
{
    block->txs = memory_resize(block->txs, (block->tx_count + 1) * sizeof *block->txs);
    block->txs[block->tx_count++] = tx_ref(tx);
    block->header.log_size++;
    header_hash(&block->hash, &block->header);
}

/* What execution says to one transaction alone: in preparing and in judging the same. */
static int judge_at(struct ledger *ledger, struct tx *tx, int64_t time_ms)
{
    struct ledger_dropped dropped = {0};
    AUTO(block_free)
    struct block *block = ledger_prepare_at(ledger, time_ms, &tx, 1, &dropped);
    assert_int_equal(block->tx_count + dropped.count, 1);
    AUTO(block_free) struct block *forced = ledger_transport(ledger, block);
    if (forced->tx_count == 0)
        force_tx(forced, tx);
    struct faults faults;
    int error = process(ledger, &faults, forced);
    assert_int_equal(error, dropped.count == 0 ? 0 : dropped.error[0]);
    if (error != 0)
        expect_fault(&faults, error, "txs[0]");
    return error;
}

static int judge(struct ledger *ledger, struct tx *tx)
{
    return judge_at(ledger, tx, app_tip_time_ms(ledger->app) + 1000);
}

static void lifetimes_are_exact(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const int64_t now = LEDGER_TIME_MS + 5000;
    const int64_t lifetime = app_params(ledger.app)->tx_lifetime_ms;
    static const int64_t offsets[] = {-1, 0, 1};
    static const int expired[] = {ERR_TX_EXPIRED, ERR_TX_EXPIRED, 0};
    static const int too_long[] = {0, 0, ERR_TX_LIFETIME};
    for (int i = 0; i < 3; i++) {
        struct tx *early = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put",
                                              test_body("a", 1), now + offsets[i]);
        struct tx *late = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1),
                                             now + lifetime + offsets[i]);
        assert_int_equal(judge_at(&ledger, early, now), expired[i]);
        assert_int_equal(judge_at(&ledger, late, now), too_long[i]);
        tx_free(&early);
        tx_free(&late);
    }
}

static void a_transaction_counts_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    struct tx *twice[] = {tx, tx};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, twice, 2, &dropped);
    assert_int_equal(block->tx_count, 1);
    assert_int_equal(dropped.count, 1);
    assert_int_equal(dropped.error[0], ERR_TX_REPLAY);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
    assert_int_equal(app_check(ledger.app, NULL, tx, false), ERR_TX_REPLAY);
    ledger_reopen(&ledger);
    assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
    /* Until the very end of its life, many blocks later. */
    for (int i = 0; i < 5; i++)
        ledger_append(&ledger, NULL, 0);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms - 1), ERR_TX_REPLAY);
    ledger_reopen(&ledger);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms - 1), ERR_TX_REPLAY);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms), ERR_TX_EXPIRED);
    tx_free(&tx);
}

/* Nor is it forgotten for what stands before it in the log of its block. */
static void a_transaction_behind_evidence_and_acts_counts_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct evidence evidence = ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "act", true);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    struct app_proposal proposal = {.time_ms = LEDGER_TIME_MS + 1000,
                                    .proposer = agencies[1],
                                    .candidates = &tx,
                                    .candidate_count = 1,
                                    .evidence = &evidence,
                                    .evidence_count = 1};
    AUTO(block_free) struct block *block = NULL;
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), 0);
    assert_int_equal(block->header.log_size, 3);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
        ledger_reopen(&ledger);
    }
    tx_free(&tx);
}

/* The end of the window to the millisecond, also as it is read back at start: a transaction that
 * lives as long as it may is known until the very moment it expires. */
static void the_replay_window_is_exact(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const int64_t lifetime = app_params(ledger.app)->tx_lifetime_ms;
    const int64_t end = LEDGER_TIME_MS + 1000 + lifetime; /* of what the first block may hold */
    struct tx *tx = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1), end);
    struct tx *first[] = {tx_ref(tx)};
    ledger_append(&ledger, first, 1);
    assert_int_equal(judge_at(&ledger, tx, end - 1), ERR_TX_REPLAY);
    AUTO(block_free) struct block *last = ledger_prepare_at(&ledger, end - 1, NULL, 0, NULL);
    assert_int_equal(ledger_commit(&ledger, last), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(app_check(ledger.app, NULL, tx, false), ERR_TX_REPLAY);
        assert_int_equal(judge_at(&ledger, tx, end), ERR_TX_EXPIRED);
        ledger_reopen(&ledger);
    }
    tx_free(&tx);
}

static void only_the_named_key_signs(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    assert_int_equal(judge(&ledger, tx), 0);
    tx->verified_key.bytes[5] ^= 1;
    assert_int_equal(judge(&ledger, tx), ERR_SIGNATURE);
    tx->verified_key.bytes[5] ^= 1;
    memcpy(tx->key_name, "chief", 6); /* as if it were another key of the member */
    assert_int_equal(judge(&ledger, tx), ERR_TX_ROLE);
    memcpy(tx->key_name, "nobody", 7);
    assert_int_equal(judge(&ledger, tx), ERR_TX_KEY);
    memcpy(tx->member, "91350100M000100Y43", MEMBER_ID_CHARS);
    assert_int_equal(judge(&ledger, tx), ERR_TX_MEMBER);
    tx_free(&tx);
    struct tx *unverified = put_tx(&ledger, 1, "b", 1);
    unverified->verified = false;
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &unverified, 1, &dropped);
    assert_int_equal(block->tx_count, 0);
    assert_int_equal(dropped.error[0], ERR_SIGNATURE);
    tx_free(&unverified);
}

static void roles_and_parties_are_enforced(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *chief = ledger_tx(&ledger, 1, KEY_CHIEF, "test.put", test_body("a", 1));
    assert_int_equal(judge(&ledger, chief), ERR_TX_ROLE);
    struct tx *center = ledger_tx(&ledger, 0, KEY_ADMIN, "test.center", test_body("a", 1));
    assert_int_equal(judge(&ledger, center), 0);
    struct tx *other = ledger_tx(&ledger, 1, KEY_COMPILE, "test.center", test_body("a", 1));
    assert_int_equal(judge(&ledger, other), ERR_TX_ROLE);
    tx_free(&chief);
    tx_free(&center);
    tx_free(&other);
}

static struct tx *suspend_tx(struct ledger *ledger, size_t agency)
{
    char version[2 * HASH_BYTES + 1], key[64];
    snprintf(key, sizeof key, "member/%s", agencies[agency]);
    version_of(version, ledger, key);
    struct doc *body = doc_new_object();
    doc_set_text(body, "member", agencies[agency]);
    doc_set_text(body, "acts_on", version);
    doc_set_text(body, "reason", "安全风险");
    return ledger_tx(ledger, 0, KEY_ADMIN, "member.suspend", body);
}

static void suspension_acts_from_the_next_block(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *suspended = put_tx(&ledger, 4, "later", 1);
    struct tx *txs[] = {suspend_tx(&ledger, 4), put_tx(&ledger, 4, "now", 1)};
    struct public_key key;
    ledger_append(&ledger, txs, 2); /* behind the suspension, in its block: still good */
    assert_int_equal(value_of(&ledger, "now"), 1);
    assert_int_equal(judge(&ledger, suspended), ERR_TX_SUSPENDED);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[4], "compile"), ERR_TX_SUSPENDED);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "compile"), 0);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "none"), ERR_TX_KEY);
    assert_int_equal(app_signer_key(&key, ledger.app, "91350100M000100Y43", "x"), ERR_TX_MEMBER);
    for (int i = 0; i < 5000; i++) { /* more than are kept, and each is another one */
        char name[16];
        snprintf(name, sizeof name, "k%d", i);
        assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], name), ERR_TX_KEY);
    }
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "compile"), 0);
    ledger_reopen(&ledger);
    assert_int_equal(judge(&ledger, suspended), ERR_TX_SUSPENDED);
    tx_free(&suspended);
}

/* A transaction by the key "second" of agency 1, whose secret is this number. */
static struct tx *second_tx(struct ledger *ledger, uint8_t number, const char *key)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(doc_free) struct doc *body = test_body(key, 1);
    struct secret_key secret;
    struct public_key public;
    struct tx *tx = NULL;
    memset(secret.bytes, number, SECRET_KEY_BYTES);
    const struct tx_draft draft = {.genesis = &ledger->genesis_hash,
                                   .member = agencies[1],
                                   .key_name = "second",
                                   .type = "test.put",
                                   .expires_ms = app_tip_time_ms(ledger->app) + 60000,
                                   .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &ledger->genesis_hash), 0);
    assert_int_equal(sign_public_key(&public, &secret), 0);
    assert_int_equal(tx_verify(tx, &public), 0);
    return tx;
}

static void key_changes_act_from_the_next_block(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *by_second = second_tx(&ledger, 200, "a");
    struct tx *add = key_add_tx(&ledger, 1, "second", "compile", 200);
    struct tx *both[] = {add, by_second};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, both, 2, &dropped);
    assert_int_equal(dropped.count, 1);
    assert_ptr_equal(dropped.tx[0], by_second);
    assert_int_equal(dropped.error[0], ERR_TX_KEY);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge(&ledger, by_second), 0);
    struct tx *by_stranger = second_tx(&ledger, 201, "a");
    assert_int_equal(judge(&ledger, by_stranger), ERR_SIGNATURE);
    tx_free(&by_stranger);

    struct tx *after = second_tx(&ledger, 200, "b");
    struct tx *txs[] = {key_retire_tx(&ledger, 1, "second"), by_second};
    ledger_append(&ledger, txs, 2);
    assert_int_equal(judge(&ledger, after), ERR_TX_KEY);
    tx_free(&after);
    tx_free(&add);
}

static void bounds_of_a_type_are_enforced(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    static const struct {
        const char *what;
        int64_t most; /* beside the one that every transaction reads and writes */
    } cases[] = {{"reads", 7}, {"writes", 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int64_t count = cases[i].most - 1; count <= cases[i].most + 1; count++) {
            int expected = count <= cases[i].most ? 0 : ERR_TX_BOUNDS;
            struct doc *body = test_body("a", 1);
            doc_set_int(body, cases[i].what, count);
            struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
            assert_int_equal(judge(&ledger, tx), expected);
            assert_int_equal(app_check(ledger.app, NULL, tx, true), expected);
            tx_free(&tx);
        }
    }
}

/* A record that nobody could read again must not come about, nor keep a block from being made. */
static void giant_records_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    AUTO(buf_free) struct buf text = {0};
    for (int i = 0; i < 52000; i++)
        buf_append_u8(&text, i % 2 == 0 ? '"' : 'x'); /* canonical: 78 kB and quotes */
    for (int64_t grow = 6; grow <= 7; grow++) {
        struct doc *body = test_body("giant", grow);
        doc_set_text(body, "text", buf_text(&text));
        doc_set_int(body, "grow", grow);
        struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
        assert_int_equal(judge(&ledger, tx), grow == 6 ? 0 : ERR_TOO_LARGE);
        assert_int_equal(app_check(ledger.app, NULL, tx, true), grow == 6 ? 0 : ERR_TOO_LARGE);
        tx_free(&tx);
    }
}

static void test_types_need_a_test_chain(void **state)
{
    (void)state;
    struct ledger ledger = {.kv = kv_open_memory(), .genesis = ledger_genesis(NULL, false)};
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    ledger_open_app(&ledger);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.only", test_body("a", 1));
    assert_int_equal(judge(&ledger, tx), ERR_TEST_ONLY);
    tx_free(&tx);
    ledger_close(&ledger);
    ledger = open_memory();
    tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.only", test_body("a", 1));
    assert_int_equal(judge(&ledger, tx), 0);
    tx_free(&tx);
    ledger_close(&ledger);
}

static void a_failed_rule_leaves_no_trace(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct doc *body = test_body("a", 7);
    doc_set_bool(body, "act", true);
    doc_set_bool(body, "fail", true);
    struct tx *bad = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    struct tx *good = put_tx(&ledger, 1, "b", 1);
    struct tx *txs[] = {bad, good};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *with = ledger_prepare(&ledger, txs, 2, &dropped);
    AUTO(block_free) struct block *without = ledger_prepare(&ledger, &good, 1, NULL);
    assert_int_equal(dropped.count, 1);
    assert_int_equal(dropped.error[0], ERR_STATUS);
    assert_true(hash_equal(&with->hash, &without->hash));
    tx_free(&bad);
    tx_free(&good);
}

static void later_transactions_see_earlier_ones(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *first = put_tx(&ledger, 1, "a", 1);
    char version[2 * HASH_BYTES + 1];
    hash_to_hex(version, &first->id);
    struct doc *body = test_body("a", 2);
    doc_set_text(body, "acts_on", version);
    struct tx *second = ledger_tx(&ledger, 2, KEY_COMPILE, "test.put", body);
    assert_int_equal(judge(&ledger, second), ERR_VERSION_STALE);
    struct tx *txs[] = {first, second};
    ledger_append(&ledger, txs, 2);
    assert_int_equal(value_of(&ledger, "a"), 2);
}

/* ---- limits ---- */

static struct ledger open_limited(const char *param, int64_t value)
{
    AUTO(doc_free) struct doc *params = doc_new_object();
    doc_set_int(params, param, value);
    return ledger_open(kv_open_memory(), params);
}

/* Ten candidates of which the block takes only `expected`; the others are told that it was full,
 * and a block that takes one more is refused. */
static void expect_room(struct ledger *ledger, const struct doc *template, size_t expected,
                        const char *field)
{
    struct tx *txs[10];
    struct ledger_dropped dropped = {0};
    for (int i = 0; i < 10; i++) {
        char key[24];
        struct doc *body = doc_copy(template);
        snprintf(key, sizeof key, "k%d", i);
        doc_set_text(body, "key", key);
        txs[i] = ledger_tx(ledger, 1, KEY_COMPILE, "test.put", body);
    }
    AUTO(block_free) struct block *block = ledger_prepare(ledger, txs, 10, &dropped);
    assert_int_equal(block->tx_count, expected);
    assert_int_equal(dropped.count, 10 - expected);
    for (size_t i = 0; i < dropped.count; i++)
        assert_int_equal(dropped.error[i], 0);
    AUTO(block_free) struct block *over = ledger_transport(ledger, block);
    force_tx(over, txs[expected]);
    struct faults faults;
    assert_int_equal(process(ledger, &faults, over), ERR_QUOTA);
    expect_fault(&faults, ERR_QUOTA, field);
    for (int i = 0; i < 10; i++)
        tx_free(&txs[i]);
}

static void blocks_are_limited(void **state)
{
    (void)state;
    static const struct {
        const char *param;
        int64_t value;
        size_t text; /* ballast in each */
        size_t expected;
        const char *field;
    } cases[] = {
        {"block_txs_max", 3, 0, 3, "txs[3]"},
        {"member_txs_max", 4, 0, 4, "txs[4]"},
        {"block_cost_max", 599, 0, 5, "txs[5]"},
        {"block_bytes_max", 376832, 100000, 2, "txs[2]"}, /* 134 kB each */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(ledger_close)
        struct ledger ledger = open_limited(cases[i].param, cases[i].value);
        AUTO(doc_free) struct doc *body = test_body("", 1);
        AUTO(buf_free) struct buf text = {0};
        for (size_t j = 0; j < cases[i].text; j++)
            buf_append_u8(&text, 'x');
        doc_set_text(body, "text", buf_text(&text));
        expect_room(&ledger, body, cases[i].expected, cases[i].field);
    }
}

/* ---- admission ---- */

static void admission_tells_all_faults(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct faults faults = {0};
    struct tx *good = put_tx(&ledger, 1, "a", 1);
    assert_int_equal(app_check(ledger.app, &faults, good, true), 0);
    struct tx *old =
        ledger_tx_expiring(&ledger, 1, KEY_CHIEF, "test.put", test_body("a", 1), LEDGER_TIME_MS);
    assert_int_equal(app_check(ledger.app, &faults, old, false), ERR_TX_ROLE);
    expect_fault(&faults, ERR_TX_EXPIRED, "");
    struct tx *far = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1),
                                        LEDGER_TIME_MS + 90 * DAY_MS);
    assert_int_equal(app_check(ledger.app, NULL, far, false), ERR_TX_LIFETIME);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "fail", true);
    struct tx *failing = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    assert_int_equal(app_check(ledger.app, NULL, failing, false), 0);
    assert_int_equal(app_check(ledger.app, &faults, failing, true), ERR_STATUS);
    expect_fault(&faults, ERR_STATUS, "fail");
    good->verified_key.bytes[3] ^= 1;
    assert_int_equal(app_check(ledger.app, NULL, good, false), ERR_SIGNATURE);
    /* Trying left nothing behind. */
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, NULL, 0, NULL);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(value_of(&ledger, "a"), -1);
    tx_free(&good);
    tx_free(&old);
    tx_free(&far);
    tx_free(&failing);
}

/* ---- evidence ---- */

static struct evidence equivocation(const struct ledger *ledger, size_t agency, uint64_t height)
{
    return ledger_equivocation(ledger, agency, VOTE_PREVOTE, height, 0);
}

static struct block *prepare_evidence(struct ledger *ledger, const struct evidence *evidence,
                                      size_t count)
{
    struct block *block = NULL;
    struct app_proposal proposal = {.time_ms = app_tip_time_ms(ledger->app) + 1000,
                                    .proposer = agencies[1],
                                    .evidence = evidence,
                                    .evidence_count = count};
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    return block;
}

/* The verdict on a block that carries this evidence whatever it is worth. */
static int judge_evidence(struct ledger *ledger, const struct evidence *evidence)
{
    struct faults faults;
    AUTO(block_free) struct block *empty = prepare_evidence(ledger, NULL, 0);
    AUTO(block_free) struct block *block = ledger_transport(ledger, empty);
    block->evidence = memory_alloc(sizeof *block->evidence);
    block->evidence[0] = *evidence;
    block->evidence_count = 1;
    block->header.log_size++;
    header_hash(&block->hash, &block->header);
    int error = process(ledger, &faults, block);
    if (error != ERR_BLOCK_EXECUTION)
        expect_fault(&faults, error, "evidence[0]");
    return error;
}

static void evidence_is_recorded_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_limited("evidence_max_age", 3);
    ledger_append(&ledger, NULL, 0);
    ledger_append(&ledger, NULL, 0);
    struct evidence good = equivocation(&ledger, 2, 1);
    struct evidence forged = good;
    forged.b.signature.bytes[9] ^= 1;
    struct evidence foreign = equivocation(&ledger, 0, 1); /* the center does not vote */
    struct evidence future = equivocation(&ledger, 2, 4);
    struct evidence current = equivocation(&ledger, 3, 3);
    struct evidence all[] = {forged, good, foreign, good, future, current};
    AUTO(block_free) struct block *block = prepare_evidence(&ledger, all, COUNT_OF(all));
    assert_int_equal(block->evidence_count, 2);
    assert_int_equal(block->header.log_size, 2);
    assert_int_equal(judge_evidence(&ledger, &forged), ERR_SIGNATURE);
    assert_int_equal(judge_evidence(&ledger, &foreign), ERR_CERT_SIGNER);
    assert_int_equal(judge_evidence(&ledger, &future), ERR_FIELD_RANGE);
    AUTO(block_free) struct block *copy = ledger_transport(&ledger, block);
    struct faults faults;
    assert_int_equal(process(&ledger, &faults, copy), 0);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge_evidence(&ledger, &good), ERR_DUPLICATE);
    ledger_reopen(&ledger);
    assert_int_equal(judge_evidence(&ledger, &good), ERR_DUPLICATE);
    /* At height 4, what happened at 1 is three heights old: the last chance. */
    struct evidence last = equivocation(&ledger, 4, 1);
    AUTO(block_free) struct block *in_time = prepare_evidence(&ledger, &last, 1);
    assert_int_equal(in_time->evidence_count, 1);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(judge_evidence(&ledger, &last), ERR_FIELD_RANGE);
}

/* Every act is one of its own: another round, another type of vote, another validator. */
static void each_act_is_recorded(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const struct evidence all[] = {
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PRECOMMIT, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 1),
        ledger_equivocation(&ledger, 3, VOTE_PREVOTE, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0),
    };
    AUTO(block_free) struct block *block = prepare_evidence(&ledger, all, COUNT_OF(all));
    assert_int_equal(block->evidence_count, COUNT_OF(all) - 1);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        assert_int_equal(app_check_evidence(ledger.app, &all[i]), ERR_DUPLICATE);
    struct evidence next = ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 2, 0);
    assert_int_equal(judge_evidence(&ledger, &next),
                     ERR_BLOCK_EXECUTION); /* holds, was not asked */
}

/* ---- validators ---- */

static struct tx *leave_tx(struct ledger *ledger, size_t agency)
{
    struct doc *body = doc_new_object();
    struct doc *leaving = doc_new_array();
    doc_push_text(leaving, agencies[agency]);
    doc_set(body, "remove", leaving);
    doc_set_text(body, "reason", "维护");
    return ledger_tx(ledger, 0, KEY_ADMIN, "validator.change", body);
}

/* Who left is held to what it did while it voted, and to nothing after. */
static void evidence_is_judged_by_the_set_of_its_height(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {leave_tx(&ledger, 4)};
    ledger_append(&ledger, txs, 1); /* acts from height 3 */
    for (int i = 0; i < 3; i++)
        ledger_append(&ledger, NULL, 0);
    static const int expected[] = {0, 0, ERR_CERT_SIGNER, ERR_CERT_SIGNER, ERR_CERT_SIGNER};
    for (uint64_t height = 1; height <= COUNT_OF(expected); height++) {
        struct evidence evidence = equivocation(&ledger, 4, height);
        AUTO(block_free) struct block *block = prepare_evidence(&ledger, &evidence, 1);
        assert_int_equal(block->evidence_count, expected[height - 1] == 0);
        assert_int_equal(app_check_evidence(ledger.app, &evidence), expected[height - 1]);
    }
}

static void validator_changes_act_two_heights_later(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {leave_tx(&ledger, 4)};
    ledger_append(&ledger, txs, 1); /* block 1; acts from 3 */
    assert_int_equal(app_next_validators(ledger.app)->count, 4);
    AUTO(block_free) struct block *second = ledger_prepare(&ledger, NULL, 0, NULL);
    assert_false(hash_equal(&second->header.validators, &second->header.next_validators));
    struct certificate certificate = ledger_certify(&ledger, second);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &second->hash, &certificate), 0);
    assert_true(commit.validators_changed);
    app_commit_free(&commit);
    assert_int_equal(app_next_validators(ledger.app)->count, 3);
    ledger_append(&ledger, NULL, 0);
    ledger_reopen(&ledger);
    ledger_append(&ledger, NULL, 0);
    static const size_t counts[] = {4, 4, 3, 3, 3};
    for (uint64_t height = 1; height <= 5; height++) {
        struct validator_set set;
        assert_int_equal(app_validators_at(&set, ledger.app, height), 0);
        assert_int_equal(set.count, counts[height - 1]);
    }
    struct validator_set set;
    assert_int_equal(app_validators_at(&set, ledger.app, 0), ERR_NOT_FOUND);
    assert_int_equal(app_validators_at(&set, ledger.app, 6), ERR_NOT_FOUND);
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
    store_view_close(&view);
}

/* ---- sync ---- */

static void synced_blocks_need_their_certificate(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger source = open_memory();
    AUTO(ledger_close) struct ledger target = open_memory();
    for (int i = 0; i < 3; i++) {
        struct tx *tx = put_tx(&source, 1, "a", i);
        AUTO(block_free) struct block *block = ledger_prepare(&source, &tx, 1, NULL);
        struct certificate good = ledger_certify(&source, block);
        assert_int_equal(ledger_commit(&source, block), 0);
        AUTO(block_free) struct block *copy = ledger_transport(&source, block);
        struct app_commit commit = {0};
        struct faults faults = {0};
        struct certificate bad = good;
        bad.count--;
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad),
                         ERR_CERT_QUORUM);
        bad = good;
        bad.signer[2] = bad.signer[1];
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad),
                         ERR_CERT_SIGNER);
        bad = good;
        bad.signer[1].signature.bytes[0] ^= 1;
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad), ERR_SIGNATURE);
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &good), 0);
        app_commit_free(&commit);
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &good),
                         ERR_BLOCK_LINK);
        tx_free(&tx);
    }
    assert_true(hash_equal(app_tip_hash(source.app), app_tip_hash(target.app)));
}

/* ---- bodies before decision ---- */

static void bodies_are_kept_until_their_height_is_decided(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 1, "b", 1)};
    AUTO(block_free) struct block *one = ledger_prepare(&ledger, &txs[0], 1, NULL);
    AUTO(block_free) struct block *two = ledger_prepare(&ledger, &txs[1], 1, NULL);
    assert_int_equal(app_store_body(ledger.app, one), 0);
    assert_int_equal(app_store_body(ledger.app, two), 0);
    struct block *loaded = NULL;
    assert_int_equal(app_load_body(&loaded, ledger.app, &one->hash), 0);
    assert_ptr_equal(loaded, one); /* executed, so the very same with its verified transactions */
    block_free(&loaded);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv); /* they were synced */
    ledger_open_app(&ledger);
    assert_int_equal(app_load_body(&loaded, ledger.app, &two->hash), 0);
    assert_true(hash_equal(&loaded->hash, &two->hash));
    assert_true(hash_equal(&loaded->txs[0]->id, &txs[1]->id));
    assert_false(loaded->txs[0]->verified);
    struct faults faults;
    assert_int_equal(process(&ledger, &faults, loaded), ERR_SIGNATURE);
    assert_int_equal(tx_verify(loaded->txs[0], &txs[1]->verified_key), 0);
    assert_int_equal(process(&ledger, &faults, loaded), 0);
    assert_int_equal(ledger_commit(&ledger, loaded), 0);
    block_free(&loaded);
    assert_int_equal(app_load_body(&loaded, ledger.app, &one->hash), ERR_NOT_FOUND);
    assert_int_equal(app_load_body(&loaded, ledger.app, &two->hash), ERR_NOT_FOUND);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

/* Records of a table that belong to a height. */
static size_t count_records(struct ledger *ledger, enum kv_table table, uint64_t height)
{
    struct store_key prefix = store_key_height(table, height);
    struct kv_iterator *iterator =
        kv_iterate(ledger->kv, NULL, store_key_view(&prefix), store_key_view(&prefix));
    struct view key, value;
    size_t count = 0;
    while (kv_iterator_next(iterator, &key, &value)) {
        count++;
    }
    assert_int_equal(kv_iterator_error(iterator), 0);
    kv_iterator_free(&iterator);
    return count;
}

/* The first body of a height lies where the committed block will have its transactions. Whatever is
 * decided then, and whether or not the node restarts in between, what is read is what was decided,
 * and nothing of the other is left. */
static void another_body_than_the_stored_one_is_decided(void **state)
{
    (void)state;
    for (int restart = 0; restart < 2; restart++) {
        for (int decided = 0; decided < 3; decided++) {
            AUTO(ledger_close) struct ledger ledger = open_memory();
            struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1),
                                put_tx(&ledger, 3, "c", 1)};
            AUTO(block_free) struct block *first = ledger_prepare(&ledger, txs, 3, NULL);
            AUTO(block_free) struct block *second = ledger_prepare(&ledger, &txs[1], 1, NULL);
            AUTO(block_free) struct block *third = ledger_prepare(&ledger, &txs[2], 0, NULL);
            struct block *all[] = {first, second, third};
            assert_int_equal(app_store_body(ledger.app, first), 0);
            assert_int_equal(app_store_body(ledger.app, second), 0);
            assert_int_equal(app_store_body(ledger.app, first), 0);
            if (restart == 1) {
                app_close(&ledger.app);
                kv_memory_crash(ledger.kv);
                ledger_open_app(&ledger);
                struct block *loaded = NULL;
                assert_int_equal(app_load_body(&loaded, ledger.app, &first->hash), 0);
                assert_int_equal(loaded->tx_count, 3);
                block_free(&loaded);
                assert_int_equal(app_load_body(&loaded, ledger.app, &second->hash), 0);
                assert_int_equal(loaded->tx_count, 1);
                block_free(&loaded);
            }
            struct faults faults = {0};
            assert_int_equal(app_process(ledger.app, &faults, all[decided]), 0);
            assert_int_equal(ledger_commit(&ledger, all[decided]), 0);
            AUTO(buf_free) struct buf expected = {0};
            AUTO(buf_free) struct buf stored = {0};
            struct store_view view;
            uint64_t bad_height;
            block_encode(&expected, all[decided]);
            assert_int_equal(store_view_open(&view, ledger.kv), 0);
            assert_int_equal(store_read_block_bytes(&stored, &view, 1), 0);
            assert_true(view_equal(view_of_buf(&stored), view_of_buf(&expected)));
            assert_int_equal(count_records(&ledger, KV_TX, 1), all[decided]->tx_count);
            assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
            store_view_close(&view);
            ledger_reopen(&ledger);
            for (size_t i = 0; i < COUNT_OF(txs); i++)
                tx_free(&txs[i]);
        }
    }
}

/* A header's hash does not fix the bytes of signatures: what is committed has those that were
 * verified and executed, whatever body with that hash was stored before. */
static void what_is_committed_is_what_was_executed(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
    AUTO(block_free) struct block *garbled = ledger_transport(&ledger, block);
    AUTO(buf_free) struct buf expected = {0};
    AUTO(buf_free) struct buf stored = {0};
    struct store_view view;
    struct buf *raw = &garbled->txs[0]->raw;
    raw->data[raw->len - 10] = raw->data[raw->len - 10] == 'A' ? 'B' : 'A';
    assert_true(hash_equal(&garbled->hash, &block->hash));
    assert_int_equal(app_store_body(ledger.app, garbled), 0);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    block_encode(&expected, block);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_block_bytes(&stored, &view, 1), 0);
    store_view_close(&view);
    assert_true(view_equal(view_of_buf(&stored), view_of_buf(&expected)));
    tx_free(&tx);
}

/* A record that holds together and is of another block is no body of the one asked for. */
static void a_body_in_another_ones_place_is_corrupt(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    AUTO(block_free) struct block *asked = ledger_prepare(&ledger, NULL, 0, NULL);
    AUTO(block_free) struct block *other = ledger_prepare(&ledger, &tx, 1, NULL);
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_body(1, &asked->hash);
    struct kv_batch *batch = kv_batch_new();
    block_encode(&bytes, other);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
    assert_int_equal(kv_write(ledger.kv, batch, true), 0);
    kv_batch_free(&batch);
    ledger_reopen(&ledger); /* what was executed is forgotten */
    struct block *loaded = NULL;
    assert_int_equal(app_load_body(&loaded, ledger.app, &asked->hash), ERR_CORRUPT);
    assert_null(loaded);
    assert_int_equal(app_load_body(&loaded, ledger.app, &other->hash), ERR_NOT_FOUND);
    tx_free(&tx);
}

/* One that was displaced is deleted, too, with the next block. */
static void no_body_stays_in_the_store(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    for (uint64_t height = 1; height <= 4; height++) {
        char key[24];
        snprintf(key, sizeof key, "k%d", (int)height);
        struct tx *tx = put_tx(&ledger, 1, key, 1);
        AUTO(block_free) struct block *first = ledger_prepare(&ledger, NULL, 0, NULL);
        AUTO(block_free) struct block *second = ledger_prepare(&ledger, &tx, 1, NULL);
        if (height < 4) {
            assert_int_equal(app_store_body(ledger.app, first), 0);
        }
        assert_int_equal(app_store_body(ledger.app, second), 0);
        assert_int_equal(ledger_commit(&ledger, second), 0);
        assert_int_equal(count_records(&ledger, KV_BODY, height - 1), 0);
        assert_int_equal(count_records(&ledger, KV_BODY, height), height < 4 ? 1 : 0);
        tx_free(&tx);
    }
}

/* The commit takes the place of a body that was stored first, and the machine stops before the
 * index says so: both bodies are there as before, since either may still be asked for. */
static void a_crash_while_a_body_is_displaced_loses_neither(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1)};
    AUTO(block_free) struct block *first = ledger_prepare(&ledger, txs, 2, NULL);
    AUTO(block_free) struct block *second = ledger_prepare(&ledger, &txs[1], 1, NULL);
    struct block *all[] = {first, second};
    assert_int_equal(app_store_body(ledger.app, first), 0);
    assert_int_equal(app_store_body(ledger.app, second), 0);
    kv_memory_fail_writes(ledger.kv, ERR_IO, 2); /* 1: the history, 2: the index */
    assert_int_equal(ledger_commit(&ledger, second), ERR_IO);
    kv_memory_fail_writes(ledger.kv, 0, 0);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), 0);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        AUTO(block_free) struct block *loaded = NULL;
        assert_int_equal(app_load_body(&loaded, ledger.app, &all[i]->hash), 0);
        assert_int_equal(loaded->tx_count, all[i]->tx_count);
    }
    struct faults faults = {0};
    assert_int_equal(app_process(ledger.app, &faults, second), 0);
    assert_int_equal(ledger_commit(&ledger, second), 0);
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
    store_view_close(&view);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_follow_one_another),
        cmocka_unit_test(what_commit_tells),
        cmocka_unit_test(wrong_header_fields_are_refused),
        cmocka_unit_test(the_same_hash_with_another_body_is_refused),
        cmocka_unit_test(blocks_of_one_height_live_side_by_side),
        cmocka_unit_test(a_certificate_for_another_block_commits_nothing),
        cmocka_unit_test(proposals_out_of_place_are_refused),
        cmocka_unit_test(lifetimes_are_exact),
        cmocka_unit_test(a_transaction_counts_once),
        cmocka_unit_test(a_transaction_behind_evidence_and_acts_counts_once),
        cmocka_unit_test(the_replay_window_is_exact),
        cmocka_unit_test(only_the_named_key_signs),
        cmocka_unit_test(roles_and_parties_are_enforced),
        cmocka_unit_test(suspension_acts_from_the_next_block),
        cmocka_unit_test(key_changes_act_from_the_next_block),
        cmocka_unit_test(bounds_of_a_type_are_enforced),
        cmocka_unit_test(giant_records_are_refused),
        cmocka_unit_test(test_types_need_a_test_chain),
        cmocka_unit_test(a_failed_rule_leaves_no_trace),
        cmocka_unit_test(later_transactions_see_earlier_ones),
        cmocka_unit_test(blocks_are_limited),
        cmocka_unit_test(admission_tells_all_faults),
        cmocka_unit_test(evidence_is_recorded_once),
        cmocka_unit_test(each_act_is_recorded),
        cmocka_unit_test(evidence_is_judged_by_the_set_of_its_height),
        cmocka_unit_test(validator_changes_act_two_heights_later),
        cmocka_unit_test(synced_blocks_need_their_certificate),
        cmocka_unit_test(bodies_are_kept_until_their_height_is_decided),
        cmocka_unit_test(another_body_than_the_stored_one_is_decided),
        cmocka_unit_test(what_is_committed_is_what_was_executed),
        cmocka_unit_test(a_body_in_another_ones_place_is_corrupt),
        cmocka_unit_test(no_body_stays_in_the_store),
        cmocka_unit_test(a_crash_while_a_body_is_displaced_loses_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
