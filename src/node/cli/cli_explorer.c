/* dirchain explorer: what stands behind the explorer, the node's read model: how far it is, what it
 * finds, what it knows of a record, and building it anew. It follows the ledger and decides
 * nothing; what must be proved is asked of the ledger (dirchain audit, dirchain tx receipt). */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/cli_view.h"

#include <inttypes.h>
#include <time.h>

#define POLL_MS 100

/* ---- status ---- */

/* {"behind","height","listeners","read_model_height","rebuilding"} from the node's status. */
static int how_far(struct cli_node *node, struct doc **out)
{
    AUTO(doc_free) struct doc *status = NULL;
    int result = cli_node_get(node, &status, "/v1/status");
    if (result != 0) {
        return result;
    }
    const struct doc *api = doc_get(status, "api");
    int64_t height = doc_get_int(doc_get(status, "tip"), "height", 0);
    int64_t model = doc_get_int(api, "read_model_height", 0);
    *out = doc_new_object();
    doc_set_int(*out, "behind", height > model ? height - model : 0);
    doc_set_int(*out, "height", height);
    doc_set_int(*out, "read_model_height", model);
    doc_set_int(*out, "listeners", doc_get_int(api, "listeners", 0));
    doc_set_bool(*out, "rebuilding", doc_get_bool(api, "read_model_rebuilding", false));
    return 0;
}

static int tell(struct cli_node *node, const struct doc *far, const char *first)
{
    AUTO(buf_free) struct buf words = {0};
    const char *how = doc_get_bool(far, "rebuilding", false) ? "重建中 being rebuilt"
                      : doc_get_int(far, "behind", 0) > 0    ? "跟进中 following"
                                                             : "已跟上 up to date";
    buf_append_format(&words, "%s", first);
    buf_append_format(&words, "账本高度 ledger        %" PRId64 "\n",
                      doc_get_int(far, "height", 0));
    buf_append_format(&words, "检索库高度 read model  %" PRId64 "，%s\n",
                      doc_get_int(far, "read_model_height", 0), how);
    buf_append_format(&words, "订阅者 listeners       %" PRId64 "\n",
                      doc_get_int(far, "listeners", 0));
    buf_append_format(&words, "页面 page              %s/\n", node->url);
    return cli_result(node->cli, far, &words);
}

static int run_status(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *far = NULL;
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : how_far(&node, &far);
    return status != 0 ? status : tell(&node, far, "");
}

/* ---- rebuild ---- */

static int wait_for_end(struct cli_node *node, struct doc **far)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    const int64_t end_ms = clock_monotonic_ms() + node->timeout_ms;
    struct cli_progress progress = cli_progress_start(
        "重建检索库 Rebuilding", (uint64_t)doc_get_int(*far, "height", 0), node->cli->json);
    int status = 0;
    bool over = false;
    while (status == 0 && !over && clock_monotonic_ms() < end_ms) {
        (void)nanosleep(&pause, NULL);
        doc_free(far);
        status = how_far(node, far);
        cli_progress_step(&progress, (uint64_t)doc_get_int(*far, "read_model_height", 0));
        over = status == 0 && !doc_get_bool(*far, "rebuilding", false);
    }
    cli_progress_end(&progress);
    return status != 0 || over ? status
                               : cli_fail(node->cli, ERR_TIMEOUT, "%s/v1/status:", node->url);
}

static int run_rebuild(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *far = NULL;
    AUTO(doc_free) struct doc *answer = NULL;
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : how_far(&node, &far);
    status = status != 0 ? status : cli_node_post(&node, &answer, "/v1/explorer/rebuild", NULL);
    if (status != 0) {
        return status;
    }
    if (cli_options_flag(&cli->options, "no-wait")) {
        return tell(&node, far, "已开始重建检索库 Rebuilding has begun.\n");
    }
    status = wait_for_end(&node, &far);
    return status != 0 ? status : tell(&node, far, "检索库已重建 The read model is rebuilt.\n");
}

/* ---- search and history ---- */

static const struct cli_option options_search[] = {
    {"kind", CLI_TEXT, false, "WORD", "One kind only: entry, duty, member, request.",
     "仅一类：entry 目录、duty 职责、member 成员、request 申请。", NULL},
    {"provider", CLI_TEXT, false, "CODE", "Entries of this agency only.", "仅此单位的目录。", NULL},
    {"theme", CLI_TEXT, false, "WORD", "Entries of this theme only.", "仅此主题的目录。", NULL},
    {"sharing", CLI_TEXT, false, "WORD", "Entries of this sharing attribute only.",
     "仅此共享属性的目录。", NULL},
    {"opening", CLI_TEXT, false, "WORD", "Entries of this open attribute only.",
     "仅此开放属性的目录。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_history[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_rebuild[] = {
    {"no-wait", CLI_FLAG, false, NULL, "Do not wait for its end.", "不等待完成。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_search[] = {
    {.title = "种类 kind", .path = "kind", .as = CLI_AS_WORD},
    {.title = "名称 title", .path = "title"},
    {.title = "标识 id", .path = "id", .keep = true},
    {.title = NULL},
};
static const struct cli_column columns_history[] = {
    {.title = "高度", .path = "height", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_BRIEF_TIME, .keep = true},
    {.title = "交易 type", .path = "type", .keep = true},
    {.title = "自动办理 effect", .path = "effect", .as = CLI_AS_WORD},
    {.title = "单位 member", .path = "member", .keep = true},
    {.title = "密钥", .path = "key"},
    {.title = NULL},
};
static const struct cli_view view_search = {.path = "/v1/search?q={0}", .columns = columns_search};
static const struct cli_view view_history = {.path = "/v1/history/{0+}",
                                             .columns = columns_history};

const struct cli_command cli_explorer_commands[] = {
    {.name = "status",
     .chinese = "检索库跟到了哪个高度，页面在哪里。",
     .english = "How far the read model is, and where the page is.",
     .needs = CLI_NEEDS_NODE,
     .run = run_status},
    {.name = "search",
     .arguments = "WORDS",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "全文检索目录、职责、成员、申请，以及区块高度、交易号；多个词须全部出现。",
     .english = "Full text over entries, duties, members and requests; heights and txids too. All "
                "words must be found.",
     .needs = CLI_NEEDS_NODE,
     .options = options_search,
     .view = &view_search,
     .run = cli_view_list},
    {.name = "history",
     .arguments = "KEY",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "列出涉及一条记录的全部交易与自动办理，最早在前；如 entry/<成员>/<代码>、"
                "request/<编号>。",
     .english = "List every transaction and act that touched a record, oldest first: "
                "entry/<member>/<code>, request/<txid> …",
     .needs = CLI_NEEDS_NODE,
     .options = options_history,
     .view = &view_history,
     .run = cli_view_list},
    {.name = "rebuild",
     .chinese = "由链上数据重建检索库（须在节点本机执行）。",
     .english = "Build the read model anew from the ledger (on the node's own machine).",
     .needs = CLI_NEEDS_NODE,
     .options = options_rebuild,
     .run = run_rebuild},
    {.name = NULL},
};
