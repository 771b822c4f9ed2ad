/* dirchain validator resume: a node whose memory is older than its signatures holds its votes back.
 * The command signs the member's decision to let it vote all the same, puts it into the node's
 * home, and waits for what the node makes of it (node/resume.h). Node, home and key are compared
 * before anything is signed. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "consensus/safety.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_validator.h"
#include "node/resume.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RESUME_LOOKS_MAX 40 /* half a second apart: it is in force within a second or two */

const struct cli_act cli_act_resume = {
    .type = "validator.resume", .completed = "height held_until", .shows = "resume/{member}"};

/* Only these are an override's to lift: the others end by blocks and answers, and the height that
 * `behind` tells may be a liar's. */
static int64_t hold_to_lift(const struct doc *status)
{
    const struct doc *hold = cli_doc_at(status, "node.consensus.hold");
    static const char *const reasons[] = {"rolled-back", "new-record", "alone"};
    bool lifts = false;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        lifts = lifts || doc_text_is(hold, "reason", reasons[i]);
    }
    return lifts ? doc_get_int(hold, "until", 0) : 0;
}

/* The key whose safety record lies in this directory, in hex; empty: none does. A directory or
 * record that cannot be read is the environment's. */
static int read_home(char out[2 * VOTE_KEY_BYTES + 1], struct cli *cli, const char *home)
{
    AUTO(buf_free) struct buf path = {0};
    struct stat found;
    struct vote_key key;
    out[0] = 0;
    int error = stat(home, &found) != 0          ? file_error(errno)
                : !S_ISDIR(found.st_mode)        ? ERR_NOT_DIRECTORY
                : access(home, R_OK | X_OK) != 0 ? file_error(errno)
                                                 : 0;
    if (error != 0) {
        return cli_fail(cli, error, "--home %s:", home);
    }
    buf_append_format(&path, "%s/safety", home);
    error = safety_peek_file(&key, buf_text(&path));
    if (error == 0) {
        hex_encode(out, view_of(key.bytes, VOTE_KEY_BYTES));
    }
    return error == 0 || error == ERR_NOT_FOUND ? 0 : cli_fail(cli, error, "%s:", buf_text(&path));
}

/* Whether one of the keys that the node has signs by a safety record in this directory, where that
 * of `hex` lies. */
static bool is_home_of(const struct doc *status, const char *home, const char *hex)
{
    const struct doc *keys = cli_doc_at(status, "node.consensus.vote_keys");
    for (size_t i = 0; i < doc_count(keys); i++) {
        AUTO(buf_free) struct buf path = {0};
        const char *named = doc_text(doc_at(keys, i));
        buf_append_format(&path, "%s/safety-%.16s", home, named);
        if (strcmp(hex, named) == 0 || access(buf_text(&path), F_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* Before anything is signed: the node, its home and the chief's key belong together. */
static int match_home(struct cli *cli, const struct doc *status, const char *member)
{
    const char *home = cli_options_text(&cli->options, "home");
    char hex[2 * VOTE_KEY_BYTES + 1];
    int result = read_home(hex, cli, home);
    if (result != 0) {
        return result;
    }
    if (!doc_text_is(status, "member", member)) {
        return cli_fail(cli, ERR_KEY_MEMBER,
                        "此节点属 %s，密钥属 %s This node and the key are of different members:",
                        doc_get_text(status, "member"), member);
    }
    return is_home_of(status, home, hex) ? 0 : cli_fail(cli, ERR_HOME_OTHER, "--home %s:", home);
}

/* What is not given is what the node says: the hold in force, and the height that is being decided.
 */
static int complete_resume(struct cli *cli, struct cli_node *node, const char *member,
                           struct doc *body)
{
    AUTO(doc_free) struct doc *status = NULL;
    int result = cli_node_get(node, &status, "/v1/status");
    result = result != 0 ? result : match_home(cli, status, member);
    if (result != 0) {
        return result;
    }
    int64_t held = hold_to_lift(status);
    int64_t next = doc_int(cli_doc_at(status, "tip.height"), 0) + 1;
    if (held == 0) {
        return cli_fail(cli, ERR_STATUS,
                        "此节点未因数据目录被还原或安全记录为新建而暂停签名\n"
                        "  This node's votes are not held back as rolled-back, new-record or alone "
                        "(dirchain status):");
    }
    if (doc_get(body, "height") == NULL) {
        doc_set_int(body, "height", next);
    }
    if (doc_get_int(body, "height", 0) > next) {
        return cli_fail(cli, ERR_FIELD_RANGE,
                        "--height 至多为待决高度 is at most the open height, %" PRId64 ":", next);
    }
    if (doc_get(body, "held_until") == NULL) {
        doc_set_int(body, "held_until", held);
    }
    return doc_get_int(body, "held_until", 0) == held
               ? 0
               : cli_fail(cli, ERR_HOLD_OTHER, "暂停至高度 The hold is until height %" PRId64 ":",
                          held);
}

/* Until the node has judged this very transaction. */
static int await_resume(struct cli *cli, struct cli_node *node, const char *txid)
{
    AUTO(buf_free) struct buf words = {0};
    for (int i = 0; i < RESUME_LOOKS_MAX; i++) {
        AUTO(doc_free) struct doc *status = NULL;
        (void)nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
        int result = cli_node_get(node, &status, "/v1/status");
        const struct doc *seen = cli_doc_at(status, "node.resume");
        if (result != 0) {
            return result;
        }
        if (!doc_text_is(seen, "txid", txid) || doc_text_is(seen, "state", "waiting")) {
            continue;
        }
        const char *code = doc_get_text(seen, "code");
        if (code != NULL) {
            return cli_fail(cli, error_from_code(code), "节点拒绝 The node refuses it:");
        }
        buf_append_format(&words,
                          "已恢复签名，记录将上链 Signs again; the record goes to the ledger.\n"
                          "  交易 txid  %s\n",
                          txid);
        return cli_result(cli, seen, &words);
    }
    return cli_fail(
        cli, ERR_UNAVAILABLE,
        "文件已放入，节点尚未生效 The file is in place; the node does not act on it yet "
        "(dirchain status):");
}

int cli_validator_resume_run(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(buf_free) struct buf jws = {0};
    AUTO(buf_free) struct buf path = {0};
    char txid[2 * HASH_BYTES + 1];
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : cli_signer_peek(&signer, cli);
    status = status != 0 ? status : cli_node_open(&node, cli);
    status = status != 0 ? status : complete_resume(cli, &node, signer.member, body);
    status = status != 0 ? status : cli_act_check(cli, cli_act_resume.type, body);
    status = status != 0 ? status : cli_chain_open(&chain, &node, &signer);
    status = status != 0 ? status : cli_signer_open(&signer, cli);
    status = status != 0 ? status
                         : cli_sign(cli, &jws, txid, &chain, &signer, cli_act_resume.type, body);
    if (status != 0) {
        return status;
    }
    buf_append_format(&path, "%s/" RESUME_FILE, cli_options_text(&cli->options, "home"));
    int error = file_write_atomic(buf_text(&path), view_of_buf(&jws), 0644);
    return error != 0 ? cli_fail(cli, error, "%s:", buf_text(&path))
                      : await_resume(cli, &node, txid);
}

const struct cli_option cli_options_resume[] = {
    {"home", CLI_TEXT, true, "DIRECTORY", "The node's data directory; the file is put there.",
     "节点数据目录，文件放入其中。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
