/* Showing what the node has. */
#include "node/cli/cli_view.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/term_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX 1000000

static void fill_path(struct buf *out, const char *template, const struct cli_options *options)
{
    for (; *template != 0; template ++) {
        if (*template == '{' && template[1] >= '0' && template[1] <= '9') {
            size_t index = (size_t)(template[1] - '0');
            const char *value = index < options->argument_count ? options->arguments[index] : "";
            if (template[2] == '+') {
                cli_url_append_path(out, value);
            } else {
                cli_url_append(out, value);
            }
            template += strcspn(template, "}");
        } else {
            buf_append(out, template, 1);
        }
    }
}

static void append_parameter(struct buf *path, const char *option, const char *value)
{
    buf_append_text(path, strchr(buf_text(path), '?') == NULL ? "?" : "&");
    for (const char *c = option; *c != 0; c++) {
        buf_append(path, *c == '-' ? "_" : c, 1);
    }
    buf_append_text(path, "=");
    cli_url_append(path, value);
}

/* Own options as query: "--some-name value" → some_name=value. */
static void append_query(struct buf *path, const struct cli *cli)
{
    const struct cli_view *view = cli->command->view;
    const char *yes = view == NULL || view->flag == NULL ? "1" : view->flag;
    for (const struct cli_option *option = cli->command->options;
         option != NULL && option->name != NULL; option++) {
        if (strcmp(option->name, "limit") == 0 || strcmp(option->name, "mine") == 0) {
            continue; /* cli_view_gather sees to them */
        }
        if (option->kind == CLI_FLAG) {
            if (cli_options_flag(&cli->options, option->name)) {
                append_parameter(path, option->name, yes);
            }
            continue;
        }
        for (size_t i = 0; i < cli_options_count(&cli->options, option->name); i++) {
            append_parameter(path, option->name,
                             cli_options_text_at(&cli->options, option->name, i));
        }
    }
}

/* --mine: of the agency whose key signs here. */
static int append_mine(struct buf *path, struct cli *cli)
{
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    const struct cli_option *option = cli->command->options;
    while (option != NULL && option->name != NULL && strcmp(option->name, "mine") != 0) {
        option++;
    }
    if (option == NULL || option->name == NULL || !cli_options_flag(&cli->options, "mine")) {
        return 0; /* few commands know it */
    }
    if (cli_options_count(&cli->options, "member") > 0) {
        return cli_usage(cli, "--mine 与 --member 只能用其一 Either --mine or --member.");
    }
    int status = cli_signer_peek(&signer, cli);
    if (status == 0) {
        append_parameter(path, "member", signer.member);
    }
    return status;
}

static void note_reach(struct doc *result, const struct doc *page)
{
    static const char *const names[] = {"height", "since_block", "tip"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (doc_get(page, names[i]) != NULL) {
            doc_set(result, names[i], doc_ref(doc_get(page, names[i])));
        }
    }
}

int cli_view_pages(struct cli_node *node, struct doc *result, const char *path, int64_t limit)
{
    AUTO(buf_free) struct buf cursor = {0};
    struct doc *items = doc_new_array();
    doc_set(result, "items", items);
    for (;;) {
        AUTO(doc_free) struct doc *page = NULL;
        AUTO(buf_free) struct buf url = {0};
        buf_append_text(&url, path);
        buf_append_text(&url, strchr(path, '?') == NULL ? "?" : "&");
        buf_append_format(&url, "limit=%d", HTTP_PAGE_ITEMS_MAX);
        if (cursor.len > 0) {
            buf_append_text(&url, "&cursor=");
            cli_url_append(&url, buf_text(&cursor));
        }
        int status = cli_node_get(node, &page, buf_text(&url));
        if (status != 0) {
            return status;
        }
        const struct doc *list = doc_get(page, "items");
        size_t taken = 0;
        for (; taken < doc_count(list) && (int64_t)doc_count(items) < limit; taken++) {
            doc_push(items, doc_ref(doc_at(list, taken)));
        }
        const char *next = doc_get_text(page, "next");
        note_reach(result, page);
        doc_set_bool(result, "more", next != NULL || taken < doc_count(list));
        if (next == NULL || doc_count(list) == 0 || (int64_t)doc_count(items) >= limit) {
            return 0;
        }
        buf_clear(&cursor);
        buf_append_text(&cursor, next);
    }
}

int cli_view_gather(struct cli *cli, struct doc **out, const char *template)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    int64_t limit = cli_options_int(&cli->options, "limit", LIMIT_DEFAULT);
    *out = NULL;
    if (limit < 1 || limit > LIMIT_MAX) {
        return cli_usage(cli, "--limit: 1 … %d.", LIMIT_MAX);
    }
    fill_path(&path, template, &cli->options);
    append_query(&path, cli);
    int status = append_mine(&path, cli);
    status = status != 0 ? status : cli_node_open(&node, cli);
    if (status == 0 && cli->command->needs & CLI_NEEDS_TOKEN) {
        status = cli_node_authorise(&node);
    }
    status = status != 0 ? status : cli_view_pages(&node, result, buf_text(&path), limit);
    *out = status == 0 ? doc_ref(result) : NULL;
    return status;
}

static bool shows_members(const struct cli_column *columns)
{
    while (columns->title != NULL && columns->as != CLI_AS_MEMBER) {
        columns++;
    }
    return columns->title != NULL;
}

int cli_view_names(struct cli *cli, struct doc **out)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(doc_free) struct doc *names = doc_new_object();
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_view_pages(&node, result, "/v1/members", LIMIT_MAX);
    const struct doc *members = doc_get(result, "items");
    for (size_t i = 0; i < doc_count(members); i++) {
        const char *id = doc_get_text(doc_at(members, i), "id");
        const char *name = doc_get_text(doc_at(members, i), "name");
        if (id != NULL && name != NULL) {
            doc_set_text(names, id, name);
        }
    }
    *out = status == 0 ? doc_ref(names) : NULL;
    return status;
}

void cli_view_append_reach(struct buf *words, const struct doc *result, size_t width)
{
    int64_t since = doc_get_int(result, "since_block", 1);
    int64_t height = doc_get_int(result, "height", 0), tip = doc_get_int(result, "tip", 0);
    if (since > 1) {
        cli_line_append(words, width, 0,
                        "本节点的历史始于区块 %" PRId64 "，此前发生的不在其列，请向保存完整历史的"
                        "节点（如中心节点）查询。",
                        since);
        cli_line_append(words, width, 0,
                        "This node's history begins at block %" PRId64 ": what happened before is "
                        "not listed; ask a node that keeps it all, as the center does.",
                        since);
    }
    if (height < tip) {
        cli_line_append(words, width, 0,
                        "列表仅至区块 %" PRId64 "，最新为 %" PRId64 "，请稍后再查。 The list goes "
                        "up to block %" PRId64 " of %" PRId64 "; ask again in a moment.",
                        height, tip, height, tip);
    }
}

void cli_view_append_term(struct buf *out, const char *name, const struct doc *term)
{
    static const struct cli_column as_end = {.title = "", .as = CLI_AS_TIME, .end = true};
    const char *clause = doc_get_text(term, "clause");
    const char *chinese = term_kind_chinese(name); /* NULL: a kind that only the node knows */
    buf_append_format(out, "%s ", chinese != NULL ? chinese : name);
    cli_value_append(out, doc_get(term, "due_ms"), &as_end);
    buf_append_format(out, "（%s%s%s）", clause == NULL ? "" : clause,
                      doc_get_bool(term, "provisional", false)
                          ? "，暂定，日历未发布 provisional"
                          : "",
                      doc_get_bool(term, "over", false) ? "，逾期 overdue" : "");
}

int cli_view_list(struct cli *cli)
{
    return cli_view_list_of(cli, cli->command->view);
}

int cli_view_list_of(struct cli *cli, const struct cli_view *view)
{
    AUTO(doc_free) struct doc *names = NULL;
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    const struct cli_column *columns = view->columns;
    int status = cli_view_gather(cli, &result, view->path);
    if (status == 0 && !cli->json && shows_members(columns)) {
        status = cli_view_names(cli, &names);
    }
    if (status != 0) {
        return status;
    }
    const struct doc *items = doc_get(result, "items");
    if (doc_count(items) == 0 && view->none != NULL) {
        buf_append_text(&words, view->none);
        cli_view_append_reach(&words, result, cli->columns);
        return cli_result(cli, result, &words);
    }
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    table.names = names;
    for (size_t i = 0; i < doc_count(items); i++) {
        cli_table_add_doc(&table, doc_at(items, i));
    }
    cli_table_append(&words, &table, cli->columns);
    buf_append_format(&words,
                      doc_get_bool(result, "more", false)
                          ? "前 %zu 条，其后还有 the first ones; there are more (--limit)\n"
                          : "共 %zu 条 in all\n",
                      doc_count(items));
    cli_view_append_reach(&words, result, cli->columns);
    return cli_result(cli, result, &words);
}

int cli_view_show(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    fill_path(&path, cli->command->view->path, &cli->options);
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &record, buf_text(&path));
    if (status != 0) {
        return status;
    }
    const char *within = cli->command->view->within;
    const struct doc *shown = within == NULL ? record : cli_doc_at(record, within);
    cli_record_append(&words, shown, cli->command->view->fields, cli->columns);
    return cli_result(cli, shown == NULL ? record : shown, &words);
}
