/* dirchain status: how the node is doing, on one page. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"

#include <inttypes.h>
#include <string.h>

static void append_lines(struct buf *words, const struct doc *status)
{
    static const struct {
        const char *label;
        const char *path;
        struct cli_column as;
    } lines[] = {
        {"成员 member    ", "member", {.as = CLI_AS_TEXT}},
        {"测试链 test    ", "test", {.as = CLI_AS_TEXT}},
        {"高度 height    ", "tip.height", {.as = CLI_AS_TEXT}},
        {"区块时间 block ", "tip.time_ms", {.as = CLI_AS_TIME}},
        {"节点时间 now   ", "now_ms", {.as = CLI_AS_TIME}},
        {"验证节点 votes ", "node.consensus.validator", {.as = CLI_AS_TEXT}},
        {"验证者 of      ", "node.consensus.validators", {.as = CLI_AS_TEXT}},
        {"轮次 round     ", "node.consensus.round", {.as = CLI_AS_TEXT}},
        {"待上链 pending ", "node.mempool.txs", {.as = CLI_AS_TEXT}},
        {"同步中 syncing ", "node.sync.active", {.as = CLI_AS_TEXT}},
        {"历史起于 from  ", "node.history.first_block", {.as = CLI_AS_TEXT}},
    };
    const char *chain = doc_get_text(status, "chain");
    buf_append_format(words, "链 chain  %s\n", chain == NULL ? "?" : chain);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct doc *value = cli_doc_at(status, lines[i].path);
        if (value != NULL) {
            buf_append_format(words, "%s  ", lines[i].label);
            cli_value_append(words, value, &lines[i].as);
            buf_append_text(words, "\n");
        }
    }
}

/* A word of the node, what it means, and what to do about it. */
struct meaning {
    const char *word, *chinese, *advice; /* advice NULL: nothing */
};

static const struct meaning *meaning_of(const struct meaning *list, const char *word)
{
    while (word != NULL && list->word != NULL && strcmp(list->word, word) != 0) {
        list++;
    }
    return word == NULL || list->word == NULL ? NULL : list;
}

static void append_meaning(struct buf *words, const char *label, const struct meaning *meaning)
{
    if (meaning != NULL) {
        buf_append_format(words, "%s  %s %s\n", label, meaning->chinese, meaning->word);
        if (meaning->advice != NULL) {
            buf_append_format(words, "                 %s\n", meaning->advice);
        }
    }
}

/* Why it signs nothing, until when, what became of an override; and what it has forgotten. */
static void append_hold(struct buf *words, const struct doc *status)
{
    static const struct meaning holds[] = {
        {"roll-call", "点名中，等待其他验证者答复", NULL},
        {"behind", "落后，先取回区块", NULL},
        {"rolled-back", "数据目录被还原", "查明何人还原、密钥是否另有运行 find out who did it"},
        {"new-record", "安全记录为新建", "越过该高度后自动恢复 ends by itself above it"},
        {"ledger-behind", "账本被还原", "连通存有区块的节点 link a node that has the blocks"},
        {"alone", "唯一验证者的安全记录为新建", "见运维手册 see operators.md, alone"},
        {NULL, NULL, NULL}};
    static const struct meaning resumes[] = {
        {"waiting", "等待生效", NULL},
        {"refused", "被拒", "删去残留文件，重新签署 remove what is left of it; sign anew"},
        {"lifted", "已恢复，记录待上链", NULL},
        {"committed", "已恢复，记录已上链", NULL},
        {NULL, NULL, NULL}};
    const struct doc *hold = cli_doc_at(status, "node.consensus.hold");
    const struct doc *resume = cli_doc_at(status, "node.resume");
    const char *code = doc_get_text(resume, "code");
    int64_t until = doc_get_int(hold, "until", 0);
    int64_t forgotten = doc_int(cli_doc_at(status, "node.consensus.forgotten_until"), 0);
    append_meaning(words, "暂停签名 held  ", meaning_of(holds, doc_get_text(hold, "reason")));
    if (until > 0) {
        buf_append_format(words, "直至高度 until   %" PRId64 "\n", until);
    }
    append_meaning(words, "恢复签名 resume", meaning_of(resumes, doc_get_text(resume, "state")));
    if (code != NULL) {
        buf_append_format(words, "拒绝代码 code    %s\n", code);
    }
    if (forgotten > 0) {
        buf_append_format(words,
                          "安全记录曾落后   被还原或新建，不知高度 %" PRId64 " 及以前的投票\n"
                          "                 put back or new: it did not know votes up to there\n",
                          forgotten);
    }
}

/* While a snapshot is taken: how far it is. */
static void append_snapshot(struct buf *words, const struct doc *status)
{
    const struct doc *sync = cli_doc_at(status, "node.sync");
    int64_t permille = doc_get_int(sync, "snapshot_permille", 0);
    if (doc_get_int(sync, "snapshot_height", 0) > 0) {
        buf_append_format(words,
                          "正在取快照 taking the snapshot of height %" PRId64 ": %" PRId64
                          ".%" PRId64 " %%, %" PRId64 " 条 records\n",
                          doc_get_int(sync, "snapshot_height", 0), permille / 10, permille % 10,
                          doc_get_int(sync, "snapshot_records", 0));
    }
}

/* Who sent what honest nodes do not send, how often, and what it was last. */
static void append_blamed(struct buf *words, const struct doc *peers)
{
    for (size_t i = 0; doc_kind(peers) == DOC_ARRAY && i < doc_count(peers); i++) {
        const struct doc *peer = doc_at(peers, i);
        const char *why = doc_get_text(peer, "blamed_for");
        if (why != NULL) {
            buf_append_format(words,
                              "异常节点 %s: %s (%" PRId64 " 次 times, 断开 cut off %" PRId64 ")\n",
                              doc_get_text(peer, "member"), why, doc_get_int(peer, "blamed", 0),
                              doc_get_int(peer, "cut_off", 0));
        }
    }
}

static int run_status(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {.title = "节点 peer", .path = "member", .keep = true},
        {.title = "在线 up", .path = "up"},
        {.title = "验证 votes", .path = "validator"},
        {.title = "高度 height", .path = "height", .right = true},
        {.title = "存自 from", .path = "first_block", .right = true},
        {.title = NULL},
    };
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *status = NULL;
    AUTO(buf_free) struct buf words = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    int result = cli_node_open(&node, cli);
    result = result != 0 ? result : cli_node_get(&node, &status, "/v1/status");
    if (result != 0) {
        return result;
    }
    const struct doc *peers = cli_doc_at(status, "node.peers");
    for (size_t i = 0; doc_kind(peers) == DOC_ARRAY && i < doc_count(peers); i++) {
        cli_table_add_doc(&table, doc_at(peers, i));
    }
    append_lines(&words, status);
    append_hold(&words, status);
    append_snapshot(&words, status);
    buf_append_text(&words, "\n");
    cli_table_append(&words, &table, cli->columns);
    append_blamed(&words, peers);
    return cli_result(cli, status, &words);
}

const struct cli_command cli_status_commands[] = {
    {.name = "",
     .chinese = "显示节点状态。",
     .english = "Show how the node is doing.",
     .needs = CLI_NEEDS_NODE,
     .run = run_status},
    {.name = NULL},
};
