/* dirchain assessment: the figures by which an agency is assessed (PT 32, CN 25, OPEN 38). */
#include "node/cli/cli_view.h"

#include "base/civil.h"
#include "base/memory.h"

#include <inttypes.h>

static const struct cli_option options_assessment[] = {
    {"mine", CLI_FLAG, false, NULL, "Of the agency whose key --key names.", "--key 所属单位。",
     NULL},
    {"member", CLI_TEXT, false, "CODE", "Of this agency; without either, of all.",
     "此单位；两者皆缺时为全部单位。", NULL},
    {"from", CLI_TEXT, false, "DATE", "First day (default: 1 January of the year of --to).",
     "起始日期（默认 --to 当年 1 月 1 日）。", NULL},
    {"to", CLI_TEXT, false, "DATE", "Last day (default: today).", "截止日期（默认当日）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

static const struct cli_column columns_figures[] = {
    {.title = "指标 figure", .path = "chinese", .keep = true},
    {.title = "达标 count", .path = "count", .right = true, .keep = true},
    {.title = "总数 of", .path = "of", .right = true, .keep = true},
    {.title = "比率 rate", .path = "rate", .right = true, .keep = true},
    {.title = "口径", .path = "as_of", .as = CLI_AS_WORD, .keep = true},
    {.title = "依据 clause", .path = "clause"},
    {.title = NULL},
};

static void append_parameter(struct buf *path, const struct cli *cli, const char *name)
{
    const char *value = cli_options_text(&cli->options, name);
    if (value != NULL) {
        buf_append_format(path, "&%s=", name);
        cli_url_append(path, value);
    }
}

static int read_one(struct cli_node *node, struct doc **out, const struct cli *cli,
                    const char *member)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_text(&path, "/v1/assessment?member=");
    cli_url_append(&path, member);
    append_parameter(&path, cli, "from");
    append_parameter(&path, cli, "to");
    return cli_node_get(node, out, buf_text(&path));
}

static void append_words(struct buf *words, const struct doc *report, const char *name,
                         size_t width)
{
    AUTO(doc_free) struct doc *rows = doc_new_array();
    const struct doc *figures = doc_get(report, "figures");
    for (size_t i = 0; i < doc_count(figures); i++) {
        struct doc *row = doc_copy(doc_at(figures, i));
        int64_t permille = doc_get_int(row, "permille", -1);
        if (permille >= 0) {
            doc_set_format(row, "rate", "%d.%d%%", (int)(permille / 10), (int)(permille % 10));
        } else {
            doc_set_text(row, "rate", "—");
        }
        doc_push(rows, row);
    }
    char first[CIVIL_TIME_CHARS], last[CIVIL_TIME_CHARS];
    civil_format_date(first, civil_day(doc_get_int(report, "from_ms", 0)));
    civil_format_date(last, civil_day(doc_get_int(report, "to_ms", 0) - 1));
    buf_append_format(words, "%s %s\n期间 period: %s — %s\n", doc_get_text(report, "member"), name,
                      first, last);
    cli_table_append_docs(words, columns_figures, rows, width);
    buf_append_text(words, "\n");
}

/* What a node that began with a snapshot cannot know, and so does not count. */
static void append_reach(struct buf *words, const struct doc *report, size_t width)
{
    int64_t since = doc_get_int(report, "since_block", 1);
    char day[CIVIL_TIME_CHARS];
    if (since <= 1) {
        return;
    }
    civil_format_date(day, civil_day(doc_get_int(report, "since_ms", 0)));
    cli_line_append(words, width, 0,
                    "本节点的历史始于区块 %" PRId64 "，即 %s 起；此前届满的期限、完成的传输未计入，"
                    "完整指标请向保存完整历史的节点（如中心节点）查询。",
                    since, day);
    cli_line_append(words, width, 0,
                    "This node's history begins at block %" PRId64 ", on %s: terms that ended and "
                    "transfers made before are not counted; ask a node that keeps it all, as the "
                    "center does.",
                    since, day);
}

/* The agencies asked for: one, or all members. */
static int gather_members(struct cli *cli, struct cli_node *node, struct doc *result)
{
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    const char *member = cli_options_text(&cli->options, "member");
    bool mine = cli_options_flag(&cli->options, "mine");
    if (mine && member != NULL) {
        return cli_usage(cli, "--mine 与 --member 只能用其一 Either --mine or --member.");
    }
    int status = mine ? cli_signer_peek(&signer, cli) : 0;
    status = status != 0 ? status : cli_view_pages(node, result, "/v1/members", 1000000);
    if (status != 0 || (!mine && member == NULL)) {
        return status;
    }
    member = mine ? signer.member : member;
    struct doc *one = doc_new_array();
    const struct doc *all = doc_get(result, "items");
    for (size_t i = 0; i < doc_count(all); i++) {
        if (doc_text_is(doc_at(all, i), "id", member)) {
            doc_push(one, doc_ref(doc_at(all, i)));
        }
    }
    bool found = doc_count(one) > 0;
    doc_set(result, "items", one);
    return found ? 0 : cli_usage(cli, "没有成员 No such member: %s", member);
}

static int run_assessment(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *members = doc_new_object();
    AUTO(doc_free) struct doc *reports = doc_new_array();
    AUTO(buf_free) struct buf words = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : gather_members(cli, &node, members);
    const struct doc *list = doc_get(members, "items");
    for (size_t i = 0; status == 0 && i < doc_count(list); i++) {
        struct doc *report = NULL;
        const char *name = doc_get_text(doc_at(list, i), "name");
        status = read_one(&node, &report, cli, doc_get_text(doc_at(list, i), "id"));
        if (status == 0) {
            append_words(&words, report, name == NULL ? "" : name, cli->columns);
            doc_push(reports, report);
        }
    }
    if (status != 0) {
        return status;
    }
    AUTO(doc_free) struct doc *result = doc_new_object();
    doc_set(result, "reports", doc_ref(reports));
    buf_append_text(&words, "每项的明细地址见 --json 的 items。 The list behind each figure: "
                            "\"items\" of --json.\n");
    append_reach(&words, doc_at(reports, 0), cli->columns);
    return cli_result(cli, result, &words);
}

const struct cli_command cli_assessment_commands[] = {
    {.name = "",
     .chinese = "考核指标：按单位与期间由账本统计，每项可查明细。",
     .english = "Assessment figures of agencies in a period, counted from the ledger.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_KEY,
     .options = options_assessment,
     .run = run_assessment},
    {.name = NULL},
};
