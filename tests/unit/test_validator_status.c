/* dirchain validator status over the real API of a real ledger: the change that is to come, double
 * votes on record, and what became of the seats of those who voted twice. And what validator change
 * makes of a newcomer, as the asked node tells of it. */
#include "app_ledger.h"
#include "scratch.h"

#include "api/api.h"
#include "node/cli/cli.h"
#include "node/cli/cli_text.h"

#include <inttypes.h>
#include <unistd.h>

#define OFFENDER 3
#define EVIDENCE 23 /* more than are shown unasked */

/* ---- a ledger, its API, and the tool in front of it ---- */

static struct ledger open_by(const char *profile)
{
    struct ledger ledger = {.kv = kv_open_memory(),
                            .genesis = ledger_genesis_by(profile, NULL, true)};
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    ledger_open_app(&ledger);
    ledger_append(&ledger, NULL, 0);
    return ledger;
}

static void append_one(struct ledger *ledger, struct tx *tx)
{
    ledger_append(ledger, &tx, 1);
}

/* Double prevotes at height 1, one for each round, into blocks. */
static void append_double_votes(struct ledger *ledger, uint32_t count)
{
    for (uint32_t round = 0; round < count; round++) {
        struct evidence evidence = ledger_equivocation(ledger, OFFENDER, VOTE_PREVOTE, 1, round);
        AUTO(block_free) struct block *block = prepare_evidence(ledger, &evidence, 1);
        assert_int_equal(block->evidence_count, 1);
        assert_int_equal(ledger_commit(ledger, block), 0);
    }
}

static struct doc *told; /* by the node of itself; NULL: nothing */

static struct doc *tell_status(void *context)
{
    (void)context;
    return told == NULL ? doc_new_object() : doc_ref(told);
}

static int64_t now_ms(void *context)
{
    (void)context;
    return LEDGER_TIME_MS;
}

/* What the tool prints, and what it ends with. */
static int try_tool(struct buf *out, uint16_t port, const char *const *words)
{
    char url[64];
    char *arguments[16] = {(char *)"dirchain"};
    int count = 1, kept = dup(STDOUT_FILENO);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
    while (*words != NULL) {
        arguments[count++] = (char *)(uintptr_t)*words++;
    }
    arguments[count++] = (char *)"--node";
    arguments[count++] = url;
    const char *path = scratch_path("said");
    (void)fflush(stdout);
    assert_non_null(freopen(path, "w", stdout));
    int status = cli_main(count, arguments);
    (void)fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    (void)close(kept);
    assert_int_equal(file_read(out, path, 1 << 20), 0);
    return status;
}

static void run_tool(struct buf *out, uint16_t port, const char *const *words)
{
    assert_int_equal(try_tool(out, port, words), 0);
}

static void await_lists(uint16_t port, uint64_t height)
{
    static const char *const explorer[] = {"explorer", "status", "--json", NULL};
    for (int i = 0; i < 500; i++) {
        AUTO(buf_free) struct buf text = {0};
        AUTO(doc_free) struct doc *far = NULL;
        run_tool(&text, port, explorer);
        assert_int_equal(doc_parse(&far, view_of_buf(&text), 1 << 20), 0);
        if (doc_get_int(far, "read_model_height", 0) == (int64_t)height) {
            return;
        }
        usleep(10000);
    }
    fail_msg("the lists do not reach height %" PRIu64, height);
}

static void check_widths(const char *text)
{
    while (*text != 0) {
        AUTO(buf_free) struct buf line = {0};
        size_t len = strcspn(text, "\n");
        buf_append(&line, text, len);
        if (cli_text_width(buf_text(&line)) > CLI_COLUMNS) {
            fail_msg("%zu columns: %s", cli_text_width(buf_text(&line)), buf_text(&line));
        }
        text += len + (text[len] == '\n');
    }
}

/* The API of a member's node. */
static struct api *start_api(struct ledger *ledger, const char *member)
{
    struct api_config config = {.listen_host = "127.0.0.1", .test = true};
    const struct api_backend backend = {.kv = ledger->kv,
                                        .genesis = ledger->genesis,
                                        .genesis_hash = ledger->genesis_hash,
                                        .member = member,
                                        .status = tell_status,
                                        .now_ms = now_ms};
    struct faults faults = {0};
    struct api *api = NULL;
    assert_true((size_t)snprintf(config.data_directory, sizeof config.data_directory, "%s",
                                 scratch_directory) < sizeof config.data_directory);
    assert_int_equal(api_start(&api, &faults, &config, &backend, NULL), 0);
    return api;
}

/* `validator status` of the ledger as it is now, with --limit if there is one. */
static void status_of(struct buf *out, struct ledger *ledger, const char *limit)
{
    const char *words[] = {"validator", "status", limit == NULL ? NULL : "--limit", limit, NULL};
    struct api *api = start_api(ledger, agencies[1]);
    await_lists(api_port(api), app_height(ledger->app));
    run_tool(out, api_port(api), words);
    api_stop(&api);
    check_widths(buf_text(out));
}

static void expect(struct buf *said, const char *sentence)
{
    if (strstr(buf_text(said), sentence) == NULL) {
        fail_msg("no \"%s\" in\n%s", sentence, buf_text(said));
    }
}

static void expect_not(struct buf *said, const char *sentence)
{
    if (strstr(buf_text(said), sentence) != NULL) {
        fail_msg("\"%s\" in\n%s", sentence, buf_text(said));
    }
}

static size_t count_of(struct buf *said, const char *word)
{
    size_t count = 0;
    for (const char *at = buf_text(said); (at = strstr(at, word)) != NULL; at++) {
        count++;
    }
    return count;
}

static void forget_lists(void)
{
    static const char *const names[] = {"explorer.sqlite", "explorer.sqlite-wal",
                                        "explorer.sqlite-shm"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        (void)unlink(scratch_path(names[i]));
    }
}

/* ---- cases ---- */

static void test_change_to_come(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_by("putuo");
    AUTO(buf_free) struct buf before = {0};
    AUTO(buf_free) struct buf pending = {0};
    AUTO(buf_free) struct buf last = {0};
    AUTO(buf_free) struct buf after = {0};
    forget_lists();
    status_of(&before, &ledger, NULL);
    expect(&before,
           "高度 height 1\n下一区块的验证者，自高度 1 起 for the next block, from height 1 on:\n");
    expect_not(&before, "待生效");
    append_one(&ledger, ledger_rotate_tx(&ledger, OFFENDER)); /* block 2; acts from 4 */
    status_of(&pending, &ledger, NULL);
    expect(&pending,
           "高度 height 2\n下一区块的验证者，自高度 1 起 for the next block, from height 1 on:\n");
    expect(&pending, "待生效，自高度 4 起 To come, from height 4 on:\n");
    expect(&pending, "换密钥 new key");
    expect(&pending, "take none of these away");
    assert_int_equal(count_of(&pending, agencies[OFFENDER]), 2); /* its seat, and its change */
    assert_int_equal(count_of(&pending, agencies[OFFENDER - 1]), 1);
    ledger_append(&ledger, NULL, 0);
    status_of(&last, &ledger, NULL); /* height 3 is decided: the next one is the new key's */
    expect(&last,
           "高度 height 3\n下一区块的验证者，自高度 4 起 for the next block, from height 4 on:\n");
    ledger_append(&ledger, NULL, 0);
    status_of(&after, &ledger, NULL);
    expect(&after,
           "高度 height 4\n下一区块的验证者，自高度 4 起 for the next block, from height 4 on:\n");
    expect_not(&after, "待生效");
    assert_int_equal(count_of(&after, agencies[OFFENDER]), 1);
    expect(&after, "没有双重签名的证据 No evidence of double votes.");
}

static void test_double_votes_reported(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_by("putuo");
    AUTO(buf_free) struct buf said = {0};
    AUTO(buf_free) struct buf whole = {0};
    AUTO(buf_free) struct buf gone = {0};
    char since[128];
    forget_lists();
    append_double_votes(&ledger, EVIDENCE);
    status_of(&said, &ledger, NULL);
    assert_int_equal(count_of(&said, "预投票"), 20);
    expect(&said,
           "  预投票             1        22          24  "); /* vote, height, round, block */
    expect(&said, "另有 3 条 3 more: dirchain validator status --limit 23\n");
    expect(&said, "在任 seated");
    expect(&said, "现行政策 the profile says: 仅记录在案，由人处置 report\n");
    expect(&said, "dirchain validator change --remove CODE");
    status_of(&whole, &ledger, "23");
    assert_int_equal(count_of(&whole, "预投票"), EVIDENCE);
    expect_not(&whole, " more:");
    append_one(&ledger, ledger_change_tx(&ledger, "remove", OFFENDER));
    uint64_t taken = app_height(ledger.app) + 2;
    status_of(&gone, &ledger, NULL);
    expect(&gone, "退出 leaves");
    expect(&gone, "即将退出 leaving");
    expect_not(&gone, "--remove");
    ledger_append(&ledger, NULL, 0);
    append_one(&ledger, ledger_change_tx(&ledger, "add", 0)); /* a later set, and not of it */
    ledger_append(&ledger, NULL, 0);
    ledger_append(&ledger, NULL, 0);
    buf_clear(&gone);
    status_of(&gone, &ledger, NULL);
    (void)snprintf(since, sizeof since, "%s  已不在 gone  %12" PRIu64 "  中心 the center\n",
                   agencies[OFFENDER], taken);
    expect(&gone, since);
    expect(&gone, "席位均已收回，无需再变更。 No seat is left to be taken.\n");
    expect_not(&gone, "--remove");
}

static void test_double_vote_answered_by_rule(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_by("changning");
    AUTO(buf_free) struct buf said = {0};
    char since[64];
    forget_lists();
    append_double_votes(&ledger, 1);
    status_of(&said, &ledger, NULL);
    expect(&said, "规则，待收回 the rule, waiting\n");
    for (int i = 0; app_next_validators(ledger.app)->count == LEDGER_VALIDATORS; i++) {
        assert_true(i < 10); /* the others have proposed since the evidence */
        ledger_append(&ledger, NULL, 0);
    }
    (void)snprintf(since, sizeof since, "已不在 gone  %12" PRIu64 "  规则 the rule\n",
                   app_height(ledger.app) + 1);
    buf_clear(&said);
    status_of(&said, &ledger, NULL);
    expect(&said, "现行政策 the profile says: 收回席位 remove\n");
    expect(&said, since);
    expect_not(&said, "--remove");
}

/* ---- a newcomer ---- */

#define NEWCOMER 0 /* the center: it has a vote key on the ledger, and no seat */

/* All are linked and level; of the newcomer, if it is another's node that tells, what it says. */
static struct doc *tell_of(const struct ledger *ledger, size_t asked, bool says_holds,
                           const char *held)
{
    struct doc *status = doc_new_object(), *consensus = doc_new_object();
    struct doc *peers = doc_new_array(), *keys = doc_new_array();
    for (size_t i = 0; i < AGENCY_COUNT; i++) {
        struct doc *peer = doc_new_object();
        doc_set_text(peer, "member", agencies[i]);
        doc_set_bool(peer, "up", true);
        doc_set_int(peer, "height", (int64_t)app_height(ledger->app));
        doc_set_bool(peer, "holds_vote_key", says_holds);
        if (i != asked) {
            doc_push(peers, peer);
        } else {
            doc_free(&peer);
        }
    }
    if (held != NULL) {
        doc_push_text(keys, held);
    }
    doc_set_bool(consensus, "validator", asked != NEWCOMER);
    doc_set(consensus, "vote_keys", keys);
    doc_set(status, "consensus", consensus);
    doc_set_int(status, "height", (int64_t)app_height(ledger->app));
    doc_set(status, "peers", peers);
    return status;
}

/* The code that the command ends with: there is no key to sign with, so that it always fails. */
static void expect_change(struct ledger *ledger, size_t asked, struct doc *status, const char *code)
{
    const char *words[] = {"validator", "change", "--add",       agencies[NEWCOMER], "--reason",
                           "more",      "--key",  "no-such.key", "--json",           NULL};
    AUTO(buf_free) struct buf said = {0};
    AUTO(doc_free) struct doc *problem = NULL;
    told = status;
    struct api *api = start_api(ledger, agencies[asked]);
    assert_int_not_equal(try_tool(&said, api_port(api), words), 0);
    api_stop(&api);
    doc_free(&told);
    assert_int_equal(doc_parse(&problem, view_of_buf(&said), 1 << 20), 0);
    if (!doc_text_is(problem, "code", code)) {
        fail_msg("not [%s]: %s", code, buf_text(&said));
    }
}

static void test_a_newcomer_must_hold_its_key(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_by("putuo");
    char hex[2 * VOTE_KEY_BYTES + 1];
    struct vote_key key;
    const struct secret_key secret = ledger_secret(NEWCOMER, KEY_VOTE);
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex, view_of(key.bytes, VOTE_KEY_BYTES));
    forget_lists();
    for (int i = 0; i < 8; i++) {
        ledger_append(&ledger, NULL, 0);
    }
    /* A validator's node is asked, and the newcomer says that it does not, or does. */
    expect_change(&ledger, 1, tell_of(&ledger, 1, false, NULL), "vote-key-absent");
    expect_change(&ledger, 1, tell_of(&ledger, 1, true, NULL), "not-found");
    /* The newcomer's own node is asked: it is the key on the ledger that counts. */
    hex[0] = hex[0] == '0' ? '1' : '0';
    expect_change(&ledger, NEWCOMER, tell_of(&ledger, NEWCOMER, true, hex), "vote-key-absent");
    hex_encode(hex, view_of(key.bytes, VOTE_KEY_BYTES));
    expect_change(&ledger, NEWCOMER, tell_of(&ledger, NEWCOMER, false, hex), "not-found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change_to_come),
        cmocka_unit_test(test_double_votes_reported),
        cmocka_unit_test(test_double_vote_answered_by_rule),
        cmocka_unit_test(test_a_newcomer_must_hold_its_key),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
