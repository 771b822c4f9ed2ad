/* dirchain validator status: who votes, with which key, and whether it takes part; what is to
 * change; who was shown to have voted twice, and what came of it. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_validator.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVIDENCE_SHOWN 20

static const struct cli_column columns_seats[] = {
    {.title = "验证者 validator", .path = "member", .keep = true},
    {.title = "投票密钥 key", .path = "key", .as = CLI_AS_HASH},
    {.title = "自高度 from", .path = "from", .right = true},
    {.title = "近期参与 takes part", .path = "takes_part"},
    {.title = "连通同步 level", .path = "level"},
    {.title = NULL},
};
static const struct cli_column columns_evidence[] = {
    {.title = "双重签名 signed twice", .path = "validator", .keep = true},
    {.title = "票 vote", .path = "type"},
    {.title = "上链高度 block", .path = "height", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_TIME},
    {.title = NULL},
};
static const struct cli_column columns_removals[] = {
    {.title = "收回席位 seat taken", .path = "member", .keep = true},
    {.title = "状态 status", .path = "status", .as = CLI_AS_WORD},
    {.title = "决定高度 since", .path = "since", .right = true},
    {.title = "依据 clause", .path = "clause"},
    {.title = NULL},
};

struct overview {
    struct cli_look look;
    struct doc *evidence; /* list */
    struct doc *removals; /* array of removal records with "member" */
    struct doc *profile;  /* state record */
};

static void overview_free(struct overview *overview)
{
    cli_look_free(&overview->look);
    doc_free(&overview->evidence);
    doc_free(&overview->removals);
    doc_free(&overview->profile);
}

/* Seats of the set in force and of the one to come. */
static struct doc *seats_of(const struct cli_look *look)
{
    struct doc *rows = doc_new_array();
    const struct doc *sets = doc_get(look->validators, "sets");
    int64_t next = doc_int(cli_doc_at(look->status, "tip.height"), 0) + 1;
    for (size_t i = 0; i < doc_count(sets); i++) {
        const struct doc *set = doc_at(sets, i), *after = doc_at(sets, i + 1);
        if (after != NULL && doc_get_int(after, "from", 0) <= next) {
            continue; /* it decides no more */
        }
        const struct doc *seats = doc_get(set, "set");
        for (size_t k = 0; k < doc_count(seats); k++) {
            const char *member = doc_get_text(doc_at(seats, k), "member");
            struct doc *row = doc_new_object();
            doc_set_int(row, "from", doc_get_int(set, "from", 0));
            doc_set(row, "key", doc_ref(doc_get(doc_at(seats, k), "key")));
            doc_set_bool(row, "level", cli_look_is_level(look, member));
            doc_set_text(row, "member", member);
            doc_set_bool(row, "takes_part", doc_has_text(look->took_part, member));
            doc_push(rows, row);
        }
    }
    return rows;
}

/* The removals of those whom the newest evidence names. */
static int read_removals(struct overview *overview, struct cli_node *node)
{
    AUTO(doc_free) struct doc *asked = doc_new_array();
    const struct doc *items = doc_get(overview->evidence, "items");
    overview->removals = doc_new_array();
    for (size_t i = 0; i < doc_count(items); i++) {
        AUTO(doc_free) struct doc *removal = NULL;
        char key[64];
        const char *member = doc_get_text(doc_at(items, i), "validator");
        if (member == NULL || doc_has_text(asked, member)) {
            continue;
        }
        doc_push_text(asked, member);
        (void)snprintf(key, sizeof key, "removal/%.18s", member);
        int status = cli_node_state(node, &removal, key);
        if (status != 0) {
            return status;
        }
        if (removal != NULL) {
            struct doc *row = doc_copy(removal);
            doc_set_text(row, "member", member);
            doc_push(overview->removals, row);
        }
    }
    return 0;
}

static int read_all(struct overview *overview, struct cli_node *node)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/evidence?limit=%d", EVIDENCE_SHOWN);
    int status = cli_look_at(&overview->look, node);
    status = status != 0 ? status : cli_node_get(node, &overview->evidence, path);
    status = status != 0 ? status : cli_node_state(node, &overview->profile, "profile");
    return status != 0 ? status : read_removals(overview, node);
}

static void append_table(struct buf *words, const struct cli_column *columns,
                         const struct doc *rows, size_t width)
{
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    for (size_t i = 0; i < doc_count(rows); i++) {
        cli_table_add_doc(&table, doc_at(rows, i));
    }
    cli_table_append(words, &table, width);
}

/* Only where there is something to be done. */
static void append_evidence(struct buf *words, const struct overview *overview, size_t width)
{
    const struct doc *items = doc_get(overview->evidence, "items");
    const struct doc *rule = cli_doc_at(overview->profile, "profile.equivocation.effect");
    const char *effect = rule == NULL ? "report" : doc_text(rule);
    if (doc_count(items) == 0) {
        buf_append_text(words, "\n没有双重签名的证据 No evidence of double votes.\n");
        return;
    }
    buf_append_text(words, "\n");
    append_table(words, columns_evidence, items, width);
    if (doc_count(overview->removals) > 0) {
        buf_append_text(words, "\n");
        append_table(words, columns_removals, overview->removals, width);
    }
    buf_append_format(
        words,
        "\n现行政策 the profile says: %s\n"
        "请联系其运维人员，查明投票密钥是否被复制或在两处运行；确认前不要恢复席位。\n"
        "Ask its operator whether the vote key was copied or runs twice; give no seat "
        "back before that is known.\n",
        effect);
    if (strcmp(effect, "report") == 0) {
        buf_append_text(words,
                        "收回席位 to take the seat: dirchain validator change --remove CODE\n");
    }
}

int cli_validator_status_run(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(overview_free) struct overview overview = {.profile = NULL};
    AUTO(buf_free) struct buf words = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : read_all(&overview, &node);
    if (status != 0) {
        return status;
    }
    AUTO(doc_free) struct doc *result = doc_new_object();
    struct doc *seats = seats_of(&overview.look);
    doc_set(result, "evidence", doc_ref(doc_get(overview.evidence, "items")));
    doc_set(result, "removals", doc_ref(overview.removals));
    doc_set(result, "seats", seats);
    append_table(&words, columns_seats, seats, cli->columns);
    append_evidence(&words, &overview, cli->columns);
    return cli_result(cli, result, &words);
}
