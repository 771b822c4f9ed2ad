/* dirchain audit: taking proofs away from a node, verifying them with none, and following one
 * datum from its duty to its last access. Whatever comes from a node is verified before it is
 * believed: trail without --pack takes a whole pack into a temporary file and judges that. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/pack.h"
#include "node/cli/cli_follow.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_pack.h"
#include "node/cli/cli_replay.h"
#include "node/cli/cli_trail.h"
#include "node/cli/cli_trust.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- verification ---- */

struct verification {
    struct cli_progress progress;
    struct trail *trail; /* or NULL */
};

static void on_transaction(void *context, const struct header *header, const struct tx *tx)
{
    struct verification *verification = context;
    if (verification->trail != NULL) {
        trail_transaction(verification->trail, header, tx);
    }
}

static void on_act(void *context, const struct header *header, const struct doc *act)
{
    struct verification *verification = context;
    if (verification->trail != NULL) {
        trail_act(verification->trail, header, act);
    }
}

static void on_progress(void *context, uint64_t done, uint64_t of)
{
    struct verification *verification = context;
    verification->progress.total = of;
    cli_progress_step(&verification->progress, done);
}

static int verify_file(struct cli *cli, struct pack_facts *facts, FILE *file,
                       const struct pack_trust *trust, struct trail *trail, const char *name)
{
    struct faults faults = {0};
    struct verification verification = {
        .progress = cli_progress_start("核验 Verifying", 1, cli->json), .trail = trail};
    const struct pack_visitor visitor = {.transaction = on_transaction,
                                         .act = on_act,
                                         .progress = on_progress,
                                         .context = &verification};
    int error = pack_verify(facts, &faults, file, trust, &visitor);
    cli_progress_end(&verification.progress);
    if (error == 0) {
        return 0;
    }
    if (faults.count == 0) {
        return cli_fail(cli, error, "%s:", name);
    }
    (void)cli_refuse(cli, &faults, "%s: 审计包未通过核验 The pack does not verify.", name);
    return CLI_REFUSED; /* whatever the error: it is the pack that fails */
}

static struct doc *facts_doc(const struct pack_facts *facts)
{
    struct doc *doc = doc_new_object();
    doc_set_text(doc, "mode", facts->range ? "range" : "receipts");
    doc_set_bool(doc, "executed", facts->executed);
    doc_set_int(doc, "from", (int64_t)facts->from);
    doc_set_int(doc, "to", (int64_t)facts->to);
    doc_set_int(doc, "transactions", (int64_t)facts->transactions);
    doc_set_int(doc, "acts", (int64_t)facts->acts);
    doc_set_int(doc, "evidence", (int64_t)facts->evidence);
    doc_set_int(doc, "certificates", (int64_t)facts->certificates);
    doc_set_int(doc, "validator_changes", (int64_t)facts->validator_changes);
    doc_set_hash(doc, "last", &facts->last);
    doc_set_int(doc, "last_time_ms", facts->last_time_ms);
    doc_set_bool(doc, "checkpoint_met", facts->checkpoint_met);
    doc_set_bool(doc, "retired_keys_assumed", facts->retired_keys_assumed);
    return doc;
}

static void append_proved(struct buf *words, const struct pack_facts *facts)
{
    char time[CIVIL_TIME_CHARS], last[2 * HASH_BYTES + 1];
    civil_format_time(time, facts->last_time_ms);
    hash_to_hex(last, &facts->last);
    buf_append_format(words,
                      "核验通过 The pack verifies.\n"
                      "  高度 heights        %" PRIu64 " … %" PRIu64 "（截至 up to %s）\n"
                      "  末块 last block     %.16s…\n"
                      "  交易 transactions   %" PRIu64 "，自动办理 automatic acts %" PRIu64
                      "，作恶证据 evidence %" PRIu64 "\n"
                      "  证书 certificates   %" PRIu64 "，验证者变更 validator changes %" PRIu64
                      "\n",
                      facts->from, facts->to, time, last, facts->transactions, facts->acts,
                      facts->evidence, facts->certificates, facts->validator_changes);
    if (facts->checkpoint_met) {
        buf_append_text(words,
                        "  检查点 checkpoint    相符，在此包内 met by a block of this pack\n");
    }
    buf_append_text(
        words,
        facts->executed
            ? "  已证明 proved: 自创世起逐块重新执行，签名、规则、根与证书均经本机核验，"
              "\n    无增、删、改。\n    Executed again from genesis; every signature, rule, "
              "root and\n    certificate was judged here; nothing withheld or changed.\n"
        : facts->range
            ? "  已证明 proved: 区间内无增、删、改，签名属实；规则由验证者执行。\n    "
              "Nothing in the range was withheld or changed; signatures are\n    "
              "genuine; the rules were executed by the validators.\n"
            : "  已证明 proved: 所列交易均在账本中且签名属实；未列者不作说明。\n    Each "
              "transaction listed is in the ledger under its signer's key;\n    nothing "
              "is said of others.\n");
    buf_append_text(words,
                    facts->retired_keys_assumed
                        ? "  假设 assumes: 每一届验证者中作恶者不足三分之一，且已卸任验证者"
                          "\n    未以旧密钥另立历史。\n    Under a third of each validator set "
                          "malicious, and no quorum of a\n    retired set signed a second "
                          "history with its old keys.\n"
                        : "  假设 assumes: 每一届验证者中作恶者不足三分之一。\n    Under a "
                          "third of each validator set malicious.\n");
}

/* ---- commands ---- */

static void remove_file(const char **path)
{
    if (*path != NULL) {
        (void)unlink(*path);
    }
}

static void close_file(FILE **file)
{
    if (*file != NULL) {
        (void)fclose(*file);
    }
}

/* A directory opens like a file and only fails when it is read: said here in plain words. */
static int open_pack(struct cli *cli, FILE **out, const char *path)
{
    struct stat status;
    *out = fopen(path, "re");
    if (*out == NULL) {
        return cli_fail(cli, file_error(errno), "%s:", path);
    }
    if (fstat(fileno(*out), &status) == 0 && S_ISDIR(status.st_mode)) {
        return cli_fail(cli, ERR_IO, "%s: 是目录，不是审计包 A directory, not a pack:", path);
    }
    return 0;
}

static int run_pack(struct cli *cli)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(close_file) FILE *file = NULL;
    AUTO(remove_file) const char *unfinished = NULL;
    AUTO(buf_free) struct buf words = {0};
    struct pack_trust trust = {.genesis = NULL};
    struct pack_facts facts;
    struct cli_pack_plan plan;
    const char *path = cli_options_text(&cli->options, "out");
    int status = cli_pack_plan(&plan, cli);
    if (status == 0) {
        status = cli_trust_genesis(cli, &trust, &genesis);
    }
    if (status != 0) {
        return status;
    }
    file = fopen(path, "wx+e");
    if (file == NULL) {
        return cli_fail(cli, errno == EEXIST ? ERR_EXISTS : file_error(errno), "%s:", path);
    }
    unfinished = path;
    status = cli_pack_fetch(cli, file, &trust, &plan);
    if (status == 0 && fsync(fileno(file)) != 0) {
        status = cli_fail(cli, file_error(errno), "%s:", path);
    }
    rewind(file);
    if (status == 0) {
        status = verify_file(cli, &facts, file, &trust, NULL, path);
    }
    if (status != 0) {
        return status;
    }
    unfinished = NULL;
    AUTO(doc_free) struct doc *result = facts_doc(&facts);
    doc_set_text(result, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    buf_append_format(&words, "审计包已写出 Pack written: %s\n", path);
    append_proved(&words, &facts);
    return cli_result(cli, result, &words);
}

static int run_verify(struct cli *cli)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(close_file) FILE *file = NULL;
    AUTO(buf_free) struct buf words = {0};
    struct pack_trust trust = {.genesis = NULL};
    struct pack_facts facts;
    const char *path = cli->options.arguments[0];
    int status = cli_trust_checkpoint(cli, &trust);
    if (status == 0) {
        status = cli_trust_genesis(cli, &trust, &genesis);
    }
    if (status == 0) {
        status = open_pack(cli, &file, path);
    }
    if (status == 0) {
        status = verify_file(cli, &facts, file, &trust, NULL, path);
    }
    if (status != 0) {
        return status;
    }
    AUTO(doc_free) struct doc *result = facts_doc(&facts);
    append_proved(&words, &facts);
    return cli_result(cli, result, &words);
}

static const struct cli_column columns_trail[] = {
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_TIME},
    {.title = "高度 height", .path = "height", .right = true},
    {.title = "事项 what", .path = "shown"},
    {.title = "经办 by", .path = "by"},
    {.title = NULL},
};

/* What a step shows in the table: the act's own word and clause, or the type's title with the
 * decision where there is one. */
static void set_shown(struct doc *step)
{
    const struct doc *act = doc_get(step, "act"), *body = doc_get(step, "body");
    const char *word = doc_get_text(body, "decision");
    if (act != NULL) {
        const char *clause = doc_get_text(act, "clause");
        doc_set_format(step, "shown", "自动办理 %s（%s）", doc_get_text(act, "effect"),
                       clause != NULL ? clause : "");
        doc_set_text(step, "by", "账本 ledger");
    } else {
        word = word != NULL ? word : doc_get_text(body, "side");
        doc_set_format(step, "shown", "%s%s%s", doc_get_text(step, "what"), word != NULL ? " " : "",
                       word != NULL ? word : "");
    }
}

static int tell_trail(struct cli *cli, const struct doc *trail, const struct pack_facts *facts)
{
    AUTO(buf_free) struct buf words = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns_trail);
    AUTO(doc_free) struct doc *result = doc_copy(trail);
    const struct doc *steps = doc_get(trail, "steps");
    if (doc_count(steps) == 0) {
        return cli_fail(cli, ERR_SUBJECT, "%s/%s:", doc_get_text(trail, "provider"),
                        doc_get_text(trail, "entry"));
    }
    for (size_t i = 0; i < doc_count(steps); i++) {
        AUTO(doc_free) struct doc *step = doc_copy(doc_at(steps, i));
        set_shown(step);
        cli_table_add_doc(&table, step);
    }
    doc_set(result, "proved", facts_doc(facts));
    cli_table_append(&words, &table, cli->columns);
    buf_append_text(&words, "\n");
    append_proved(&words, facts);
    return cli_result(cli, result, &words);
}

static int run_trail(struct cli *cli)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(close_file) FILE *file = NULL;
    AUTO(trail_close)
    struct trail *trail = trail_open(cli->options.arguments[0], cli->options.arguments[1]);
    struct pack_trust trust = {.genesis = NULL};
    struct pack_facts facts;
    const char *path = cli_options_text(&cli->options, "pack");
    int status = cli_trust_genesis(cli, &trust, &genesis);
    if (status != 0) {
        return status;
    }
    if (path != NULL) {
        status = open_pack(cli, &file, path);
    } else if ((file = tmpfile()) == NULL) {
        status = cli_fail(cli, file_error(errno), "tmpfile:");
    }
    if (status == 0 && path == NULL) {
        status = cli_pack_fetch(cli, file, &trust, &(struct cli_pack_plan){0});
        rewind(file);
    }
    if (status == 0) {
        status = verify_file(cli, &facts, file, &trust, trail, path != NULL ? path : "node");
    }
    if (status != 0) {
        return status;
    }
    AUTO(doc_free) struct doc *result = trail_result(trail);
    return tell_trail(cli, result, &facts);
}

/* ---- tables ---- */

#define OPTION_END                                                                                 \
    {                                                                                              \
        NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL                                              \
    }

static const struct cli_option options_pack[] = {
    CLI_OPTION_GENESIS,
    {"out", CLI_TEXT, true, "FILE", "Where the pack goes; not overwritten.", "写出的文件，不覆盖。",
     NULL},
    {"from", CLI_INT, false, "HEIGHT", "First block (default 1).", "起始高度（默认 1）。", NULL},
    {"to", CLI_INT, false, "HEIGHT", "Last block (default: the newest).", "终止高度（默认最新）。",
     NULL},
    {"tx", CLI_LIST, false, "TXID", "Only the receipts of these transactions.",
     "仅取这些交易的存证回执。", NULL},
    OPTION_END};
static const struct cli_option options_verify[] = {
    CLI_OPTION_GENESIS,
    {"checkpoint", CLI_TEXT, false, "HEIGHT:HASH",
     "Block that the auditor trusts: the pack must hold this very one.",
     "审计人员信任的检查点区块，审计包须含此块。", NULL},
    OPTION_END};
static const struct cli_option options_trail[] = {CLI_OPTION_GENESIS,
                                                  {"pack", CLI_TEXT, false, "FILE",
                                                   "From this pack, with no node.",
                                                   "取自审计包，无需节点。", NULL},
                                                  OPTION_END};

const struct cli_command cli_audit_commands[] = {
    {.name = "trail",
     .arguments = "PROVIDER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "追踪一条目录：从职责到最近一次访问，逐块核验。",
     .english = "Follow one entry from its duty to its last access; every block is verified.",
     .needs = CLI_NEEDS_NODE,
     .options = options_trail,
     .run = run_trail},
    {.name = "pack",
     .chinese = "写出审计包：一段完整的账本，或若干交易的回执；写出后即核验。",
     .english = "Write an audit pack: a complete range, or receipts; verified when written.",
     .needs = CLI_NEEDS_NODE,
     .options = options_pack,
     .run = run_pack},
    {.name = "verify",
     .arguments = "PACK",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "离线核验审计包；任何一字节被改动都会指出不成立之处。",
     .english = "Verify a pack with no node; any changed byte is refused, the claim named.",
     .options = options_verify,
     .run = run_verify},
    {.name = "replay",
     .arguments = "PACK",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "离线重新执行审计包，显示某区块或某交易的决定及当时施行的政策与日历。",
     .english = "Execute a pack again, offline: what a block decided, under which profile and "
                "calendars.",
     .options = cli_replay_options,
     .run = cli_replay_run},
    {.name = "follow",
     .chinese = "凭区块头与证书逐块跟随账本，不必信任节点；发现分叉即写出证据。",
     .english =
         "Follow the chain by headers and certificates from untrusted nodes; a fork is proved.",
     .needs = CLI_NEEDS_NODE,
     .options = cli_follow_options,
     .run = cli_follow_run},
    {.name = "fork",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "离线核验分叉证据，并说明其证明了什么。",
     .english = "Verify evidence of a fork with no node, and say what it proves.",
     .options = cli_fork_options,
     .run = cli_fork_run},
    {.name = NULL},
};
