/* dirchain audit fork: what evidence of a fork proves of whom, and what it does not, judged with no
 * node at hand. */
#include "node/cli/cli_follow.h"

#include "base/civil.h"
#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/cli/cli_trust.h"

#include <inttypes.h>

static bool one_round(const struct fork_facts *facts)
{
    return facts->block[0].round == facts->block[1].round;
}

struct doc *cli_fork_doc(const struct fork_facts *facts)
{
    struct doc *doc = doc_new_object(), *blocks = doc_new_array(), *both = doc_new_array();
    for (size_t i = 0; i < 2; i++) {
        struct doc *block = doc_new_object();
        doc_set_hash(block, "hash", &facts->block[i].hash);
        doc_set_int(block, "round", (int64_t)facts->block[i].round);
        doc_set_int(block, "time_ms", facts->block[i].time_ms);
        doc_push(blocks, block);
    }
    for (size_t i = 0; i < facts->signed_both_count; i++)
        doc_push_text(both, facts->signed_both[i]);
    doc_set_int(doc, "height", (int64_t)facts->height);
    doc_set(doc, "blocks", blocks);
    doc_set_bool(doc, "equivocation", one_round(facts));
    doc_set_int(doc, "faulty_at_least", (int64_t)facts->faulty_at_least);
    doc_set_int(doc, "quorum", (int64_t)facts->quorum);
    doc_set_bool(doc, "retired_keys_assumed", facts->validator_changes > 0);
    doc_set(doc, "signed_both", both);
    doc_set_int(doc, "validator_changes", (int64_t)facts->validator_changes);
    doc_set_int(doc, "validators", (int64_t)facts->validators);
    return doc;
}

void cli_fork_words(struct buf *words, const struct fork_facts *facts)
{
    buf_append_format(words, "账本在高度 %" PRIu64 " 分叉 The chain forks at height %" PRIu64 ".\n",
                      facts->height, facts->height);
    for (size_t i = 0; i < 2; i++) {
        char time[CIVIL_TIME_CHARS], hash[2 * HASH_BYTES + 1];
        civil_format_time(time, facts->block[i].time_ms);
        hash_to_hex(hash, &facts->block[i].hash);
        buf_append_format(words,
                          "  区块 block %zu        轮次 round %" PRIu32 "，%s\n"
                          "    %s\n",
                          i + 1, facts->block[i].round, time, hash);
    }
    buf_append_format(words,
                      "  已证明 proved: 该高度 %zu 个验证者中至少 %zu 个违反共识规则。\n"
                      "    At least %zu of the %zu validators of this height broke the rules of\n"
                      "    consensus: so many are in both of two quorums of %zu.\n",
                      facts->validators, facts->faulty_at_least, facts->faulty_at_least,
                      facts->validators, facts->quorum);
    buf_append_text(
        words, one_round(facts)
                   ? "  同一轮次两份都签的，各自的两个签名即其作恶证据。\n"
                     "    Both blocks have one round: each who signed both equivocated, proved\n"
                     "    by its own two signatures.\n"
                   : "  两块轮次不同：以下验证者两份都签了；其中何者违反锁定规则，仅凭此文件\n"
                     "    不能断定（正常验证者见到多数预投票后可改签）。\n"
                     "    The rounds differ: each below signed both. Who of them broke the rule\n"
                     "    of locks this file alone does not say: a correct validator may sign\n"
                     "    anew after a quorum of prevotes.\n");
    buf_append_text(words, "  两份都签 signed both:\n");
    for (size_t i = 0; i < facts->signed_both_count; i++)
        buf_append_format(words, "    %s\n", facts->signed_both[i]);
    if (facts->validator_changes > 0)
        buf_append_format(words,
                          "  假设 assumes: 已卸任验证者未以旧密钥另立历史（其间验证者变更 %" PRIu64
                          " 次）。\n    No quorum of a retired set signed a second history with "
                          "its old keys\n    (validator changes before: %" PRIu64 ").\n",
                          facts->validator_changes, facts->validator_changes);
}

const struct cli_option cli_fork_options[] = {
    CLI_OPTION_GENESIS,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

int cli_fork_run(struct cli *cli)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf words = {0};
    struct pack_trust trust = {.genesis = NULL};
    struct fork_facts facts;
    struct faults faults = {0};
    const char *path = cli->options.arguments[0];
    int status = cli_trust_genesis(cli, &trust, &genesis);
    if (status != 0)
        return status;
    int error = file_read(&text, path, FORK_BYTES_MAX);
    if (error != 0)
        return cli_fail(cli, error, "%s:", path);
    error = fork_verify(&facts, &faults, view_of_buf(&text), genesis, &trust.genesis_hash);
    if (error != 0) {
        (void)cli_refuse(cli, &faults, "%s: 分叉证据不成立 The evidence does not verify.", path);
        return CLI_REFUSED;
    }
    AUTO(doc_free) struct doc *result = cli_fork_doc(&facts);
    cli_fork_words(&words, &facts);
    return cli_result(cli, result, &words);
}
