/* dirchain catalog show and near. Whoever reviews an entry sees with it which others have a name
 * like it (PT 13: the center looks for duplicates; exact ones the ledger has refused already);
 * whoever assesses a change or deletion, what was applied for (cli_change.c). */
#include "node/cli/cli_near.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_change.h"

static const struct cli_column columns[] = {
    {.title = "名称‰", .path = "name_likeness", .right = true},
    {.title = "信息项‰", .path = "items_likeness", .right = true},
    {.title = "名称 name", .path = "name"},
    {.title = "代码 code", .path = "code", .keep = true},
    {.title = "提供方 provider", .path = "provider", .keep = true},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD},
    {.title = NULL},
};
const struct cli_view cli_near_view = {.path = "/v1/entries/{0}/{1}/near",
                                       .columns = columns,
                                       .none = "没有名称近似的目录 No entry has a name like it.\n"};

/* Those like an entry under review; with --json as "near" of the record. */
static int add_near(struct cli_node *node, struct doc **record, struct buf *words)
{
    AUTO(doc_free) struct doc *found = doc_new_object();
    AUTO(buf_free) struct buf path = {0};
    buf_append_text(&path, "/v1/entries/");
    cli_url_append(&path, doc_get_text(*record, "provider"));
    buf_append_text(&path, "/");
    cli_url_append(&path, doc_get_text(*record, "code"));
    buf_append_text(&path, "/near");
    int status = cli_view_pages(node, found, buf_text(&path), HTTP_PAGE_ITEMS_MAX);
    if (status != 0) {
        return status;
    }
    const struct doc *items = doc_get(found, "items");
    struct doc *shown = doc_copy(*record);
    doc_set(shown, "near", doc_ref(items));
    doc_free(record);
    *record = shown;
    buf_append_format(words, "近似目录 Entries like it: %zu\n", doc_count(items));
    if (doc_count(items) > 0) {
        cli_table_append_docs(words, columns, items, node->cli->columns);
    }
    cli_view_append_reach(words, found, node->cli->columns);
    return 0;
}

int cli_near_show(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf words = {0};
    AUTO(buf_free) struct buf key = {0};
    buf_append_format(&key, "entry/%s/%s", cli->options.arguments[0], cli->options.arguments[1]);
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_state(&node, &record, buf_text(&key));
    if (status != 0 || record == NULL) {
        return status != 0 ? status : cli_fail(cli, ERR_SUBJECT, "%s:", buf_text(&key));
    }
    cli_record_append(&words, record, schema_find("catalog.submit")->fields, cli->columns);
    if (doc_text_is(record, "status", "submitted")) {
        status = add_near(&node, &record, &words);
    } else {
        status = cli_change_append(&node, &record, &words);
    }
    return status != 0 ? status : cli_result(cli, record, &words);
}
