/* dirchain validator status: who votes at the next height, with which key, and whether it takes
 * part; what is to change, and at which height. Who was shown to have voted twice, and what became
 * of its seat: cli_validator_evidence.c. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_validator.h"

#include <inttypes.h>
#include <string.h>

static const struct cli_column columns_seats[] = {
    {.title = "验证者 validator", .path = "member", .keep = true},
    {.title = "投票密钥 key", .path = "key", .as = CLI_AS_HASH},
    {.title = "近期参与 active", .path = "takes_part"},
    {.title = "连通同步 level", .path = "level"},
    {.title = NULL},
};
static const struct cli_column columns_changes[] = {
    {.title = "变更 change", .path = "words"},
    {.title = "验证者 validator", .path = "member", .keep = true},
    {.title = "现密钥 now", .path = "now", .as = CLI_AS_HASH},
    {.title = "新密钥 then", .path = "then", .as = CLI_AS_HASH},
    {.title = NULL},
};

/* ---- the set in force, and the one to come ---- */

struct cli_sets cli_sets_of(const struct cli_look *look)
{
    const struct doc *sets = doc_get(look->validators, "sets");
    struct cli_sets found = {.height = doc_int(cli_doc_at(look->status, "tip.height"), 0)};
    for (size_t i = 0; i < doc_count(sets); i++) {
        const struct doc *set = doc_at(sets, i);
        if (found.in_force == NULL || doc_get_int(set, "from", 0) <= found.height + 1) {
            found.in_force = set;
        } else {
            found.to_come = set;
        }
    }
    return found;
}

const char *cli_set_key(const struct doc *set, const char *member)
{
    const struct doc *seats = doc_get(set, "set");
    for (size_t i = 0; i < doc_count(seats); i++) {
        if (doc_text_is(doc_at(seats, i), "member", member)) {
            return doc_get_text(doc_at(seats, i), "key");
        }
    }
    return NULL;
}

static struct doc *seats_in_force(const struct cli_look *look, const struct doc *set)
{
    struct doc *rows = doc_new_array();
    const struct doc *seats = doc_get(set, "set");
    for (size_t i = 0; i < doc_count(seats); i++) {
        const char *member = doc_get_text(doc_at(seats, i), "member");
        struct doc *row = doc_new_object();
        doc_set_text(row, "key", doc_get_text(doc_at(seats, i), "key"));
        doc_set_bool(row, "level", cli_look_is_level(look, member));
        doc_set_text(row, "member", member);
        doc_set_bool(row, "takes_part", doc_has_text(look->took_part, member));
        doc_push(rows, row);
    }
    return rows;
}

static void put_change(struct doc *rows, const char *member, const char *now, const char *then)
{
    struct doc *row = doc_new_object();
    doc_set_text(row, "change", now == NULL ? "joins" : then == NULL ? "leaves" : "new-key");
    doc_set_text(row, "member", member);
    doc_set(row, "now", now == NULL ? doc_new_null() : doc_new_text(now));
    doc_set(row, "then", then == NULL ? doc_new_null() : doc_new_text(then));
    doc_push(rows, row);
}

/* Only those whose seat or key is another one then. */
static struct doc *changes_to_come(const struct cli_sets *sets)
{
    struct doc *rows = doc_new_array();
    const struct doc *now = doc_get(sets->in_force, "set"), *then = doc_get(sets->to_come, "set");
    for (size_t i = 0; sets->to_come != NULL && i < doc_count(now); i++) {
        const char *member = doc_get_text(doc_at(now, i), "member");
        const char *old = doc_get_text(doc_at(now, i), "key");
        const char *new = cli_set_key(sets->to_come, member);
        if (new == NULL || strcmp(old, new) != 0) {
            put_change(rows, member, old, new);
        }
    }
    for (size_t i = 0; i < doc_count(then); i++) {
        const char *member = doc_get_text(doc_at(then, i), "member");
        if (cli_set_key(sets->in_force, member) == NULL) {
            put_change(rows, member, NULL, doc_get_text(doc_at(then, i), "key"));
        }
    }
    return rows;
}

/* ---- in words ---- */

static const char *change_words(const struct doc *row)
{
    return doc_text_is(row, "change", "joins")    ? "新增 joins"
           : doc_text_is(row, "change", "leaves") ? "退出 leaves"
                                                  : "换密钥 new key";
}

static void append_to_come(struct buf *words, const struct cli_sets *sets,
                           const struct doc *changes, size_t width)
{
    int64_t from = doc_get_int(sets->to_come, "from", 0);
    AUTO(doc_free) struct doc *rows = doc_new_array();
    if (sets->to_come == NULL) {
        return;
    }
    for (size_t i = 0; i < doc_count(changes); i++) {
        struct doc *row = doc_copy(doc_at(changes, i));
        doc_set_text(row, "words", change_words(row));
        doc_push(rows, row);
    }
    buf_append_text(words, "\n");
    cli_line_append(words, width, 2,
                    "待生效，自高度 %" PRId64 " 起 To come, from height %" PRId64 " on:", from,
                    from);
    cli_table_append_docs(words, columns_changes, rows, width);
    cli_line_append(words, width, 2,
                    "在此之前仍由上列验证者以现密钥投票，现密钥不得撤下。 Before it those "
                    "above vote with the keys they have now: take none of these away.");
}

static void append_seats(struct buf *words, const struct cli_sets *sets, const struct doc *seats,
                         size_t width)
{
    int64_t from = doc_get_int(sets->in_force, "from", 0);
    buf_append_format(words, "高度 height %" PRId64 "\n", sets->height);
    cli_line_append(words, width, 2,
                    "下一区块的验证者，自高度 %" PRId64
                    " 起 for the next block, from height %" PRId64 " on:",
                    from, from);
    cli_table_append_docs(words, columns_seats, seats, width);
}

int cli_validator_status_run(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_look_free) struct cli_look look = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_look_at(&look, &node);
    if (status != 0) {
        return status;
    }
    const struct cli_sets sets = cli_sets_of(&look);
    struct doc *seats = seats_in_force(&look, sets.in_force);
    struct doc *changes = changes_to_come(&sets);
    doc_set_int(result, "from", doc_get_int(sets.in_force, "from", 0));
    doc_set_int(result, "height", sets.height);
    doc_set(result, "seats", seats);
    doc_set(result, "changes", changes);
    doc_set_int(result, "changes_from", doc_get_int(sets.to_come, "from", 0));
    append_seats(&words, &sets, seats, cli->columns);
    append_to_come(&words, &sets, changes, cli->columns);
    status = cli_validator_evidence(&words, result, &node, &sets);
    return status != 0 ? status : cli_result(cli, result, &words);
}

const struct cli_option cli_options_status[] = {
    {"limit", CLI_INT, false, "N", "At most so many double votes, newest first (default 20).",
     "至多列出的双重签名条数，最新在前（默认 20）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
