/* The part of dirchain validator status on double votes: the evidence on record, what became of
 * the seats of those whom it names, and what is to be done. */
#include "node/cli/cli.h"

#include "base/memory.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_validator.h"
#include "node/cli/cli_view.h"
#include "exchange/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_DEFAULT 20
#define READ_MAX 10000   /* pieces of evidence; of more, the oldest are not looked at */
#define SETS_WALKED 1000 /* back in the history of sets, to where a seat went */

static const struct cli_column columns_evidence[] = {
    {.title = "双重签名者 who", .path = "validator", .keep = true},
    {.title = "票 vote", .path = "type", .as = CLI_AS_WORD},
    {.title = "高度 height", .path = "vote_height", .right = true},
    {.title = "轮 round", .path = "round", .right = true},
    {.title = "上链 block", .path = "height", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_BRIEF_TIME},
    {.title = NULL},
};
static const struct cli_column columns_outcomes[] = {
    {.title = "验证者 validator", .path = "member", .keep = true},
    {.title = "席位 seat", .path = "seat_words"},
    {.title = "自高度 since", .path = "since", .right = true},
    {.title = "由 by", .path = "by_words"},
    {.title = NULL},
};

/* ---- reading ---- */

/* The height from which on no set has had the member; 0: not found. */
static int seat_gone_since(int64_t *out, struct cli_node *node, const struct doc *set,
                           const char *member)
{
    int64_t from = doc_get_int(set, "from", 0);
    *out = 0;
    for (int i = 0; i < SETS_WALKED && from > 1; i++) {
        AUTO(doc_free) struct doc *before = NULL;
        char path[64];
        (void)snprintf(path, sizeof path, "/v1/validators?height=%" PRId64, from - 1);
        int status = cli_node_get(node, &before, path);
        if (status != 0) {
            return status;
        }
        if (cli_set_key(before, member) != NULL) {
            *out = from;
            return 0;
        }
        from = doc_get_int(before, "from", 0);
    }
    return 0;
}

/* "seated", "leaving" with the set to come, or "gone"; and by whom the seat was taken. */
static int read_outcome(struct doc *row, struct cli_node *node, const struct cli_sets *sets,
                        const char *member)
{
    AUTO(doc_free) struct doc *removal = NULL;
    char key[64];
    int64_t since = 0;
    bool now = cli_set_key(sets->in_force, member) != NULL;
    bool then = sets->to_come == NULL ? now : cli_set_key(sets->to_come, member) != NULL;
    (void)snprintf(key, sizeof key, "removal/%.18s", member);
    int status = cli_node_state(node, &removal, key);
    if (status == 0 && !then) {
        since = doc_get_int(sets->to_come, "from", 0);
        status = now ? 0 : seat_gone_since(&since, node, sets->in_force, member);
    }
    bool ruled = doc_text_is(removal, "status", "removed");
    bool by_rule = ruled && doc_get_int(removal, "until", 0) == since;
    doc_set_text(row, "member", member);
    doc_set_text(row, "seat", then ? "seated" : now ? "leaving" : "gone");
    doc_set_int(row, "since", since);
    doc_set(row, "removal", removal == NULL ? doc_new_null() : doc_ref(removal));
    doc_set_text(row, "by",
                 doc_text_is(removal, "status", "waiting") ? "waits"
                 : by_rule                                 ? "rule"
                 : !then                                   ? "center"
                 : ruled                                   ? "given-back"
                                                           : "nobody");
    return status;
}

static int read_outcomes(struct doc *rows, struct cli_node *node, const struct cli_sets *sets,
                         const struct doc *evidence)
{
    AUTO(doc_free) struct doc *asked = doc_new_array();
    int status = 0;
    for (size_t i = 0; status == 0 && i < doc_count(evidence); i++) {
        const char *member = doc_get_text(doc_at(evidence, i), "validator");
        if (member != NULL && !doc_has_text(asked, member)) {
            struct doc *row = doc_new_object();
            doc_push_text(asked, member);
            doc_push(rows, row);
            status = read_outcome(row, node, sets, member);
        }
    }
    return status;
}

/* ---- in words ---- */

static const char *words_of(const char *word, const char *const (*table)[2])
{
    while ((*table)[0] != NULL && strcmp((*table)[0], word) != 0) {
        table++;
    }
    return (*table)[1];
}

static void append_outcomes(struct buf *words, const struct doc *outcomes, size_t width)
{
    static const char *const seats[][2] = {{"seated", "在任 seated"},
                                           {"leaving", "即将退出 leaving"},
                                           {"gone", "已不在 gone"},
                                           {NULL, ""}};
    static const char *const takers[][2] = {{"waits", "规则，待收回 the rule, waiting"},
                                            {"rule", "规则 the rule"},
                                            {"center", "中心 the center"},
                                            {"given-back", "曾收回，已归还 taken, given back"},
                                            {NULL, ""}};
    AUTO(doc_free) struct doc *rows = doc_new_array();
    for (size_t i = 0; i < doc_count(outcomes); i++) {
        struct doc *row = doc_copy(doc_at(outcomes, i));
        doc_set_text(row, "seat_words", words_of(doc_get_text(row, "seat"), seats));
        doc_set_text(row, "by_words", words_of(doc_get_text(row, "by"), takers));
        if (doc_get_int(row, "since", 0) == 0) {
            doc_set_text(row, "since", "");
        }
        doc_push(rows, row);
    }
    buf_append_text(words, "\n");
    cli_table_append_docs(words, columns_outcomes, rows, width);
}

static size_t count_where(const struct doc *rows, const char *name, const char *value)
{
    size_t count = 0;
    for (size_t i = 0; i < doc_count(rows); i++) {
        count += doc_text_is(doc_at(rows, i), name, value);
    }
    return count;
}

/* Advice that the seats bear out: none is taken twice. */
static void append_advice(struct buf *words, const struct doc *outcomes, const char *effect,
                          size_t width)
{
    const char *chinese = word_chinese("effect", effect);
    size_t seated = count_where(outcomes, "seat", "seated");
    buf_append_text(words, "\n");
    cli_line_append(words, width, 2, "现行政策 the profile says: %s %s",
                    chinese == NULL ? "" : chinese, effect);
    cli_line_append(words, width, 2,
                    "请联系其运维人员，查明投票密钥是否被复制或在两处运行；确认前不要恢复席位。 "
                    "Ask its operator whether the vote key was copied or runs twice; give no seat "
                    "back before that is known.");
    if (count_where(outcomes, "by", "waits") > 0) {
        cli_line_append(
            words, width, 2,
            "待收回的席位：其余席位中足法定人数者出块后即收回；久未收回，请恢复停机的节点。 A "
            "seat waits until a quorum of the others has proposed since; where that "
            "takes long, get those who are down back up.");
    } else if (seated == 0) {
        cli_line_append(words, width, 2, "席位均已收回，无需再变更。 No seat is left to be taken.");
    } else if (strcmp(effect, "report") == 0) {
        cli_line_append(words, width, 2,
                        "收回席位 to take the seat: dirchain validator change --remove CODE "
                        "--reason …");
    }
}

static void append_evidence(struct buf *words, const struct doc *shown, size_t more, bool yet_more,
                            size_t width)
{
    buf_append_text(words, "\n");
    cli_table_append_docs(words, columns_evidence, shown, width);
    if (more > 0) {
        cli_line_append(
            words, width, 2, "另有%s %zu 条 %s%zu more: dirchain validator status --limit %zu",
            yet_more ? "逾" : "", more, yet_more ? "over " : "", more, more + doc_count(shown));
    }
}

int cli_validator_evidence(struct buf *words, struct doc *result, struct cli_node *node,
                           const struct cli_sets *sets)
{
    AUTO(doc_free) struct doc *list = doc_new_object();
    AUTO(doc_free) struct doc *profile = NULL;
    struct doc *shown = doc_new_array(), *outcomes = doc_new_array();
    size_t width = node->cli->columns;
    int64_t limit = cli_options_int(&node->cli->options, "limit", SHOWN_DEFAULT);
    doc_set(result, "evidence", shown);
    doc_set(result, "outcomes", outcomes);
    if (limit < 1 || limit > READ_MAX) {
        return cli_usage(node->cli, "--limit: 1 … %d.", READ_MAX);
    }
    int status = cli_view_pages(node, list, "/v1/evidence", READ_MAX);
    const struct doc *all = doc_get(list, "items");
    status = status != 0 ? status : cli_node_state(node, &profile, "profile");
    status = status != 0 ? status : read_outcomes(outcomes, node, sets, all);
    if (status != 0) {
        return status;
    }
    for (size_t i = 0; i < doc_count(all) && i < (size_t)limit; i++) {
        doc_push(shown, doc_ref(doc_at(all, i)));
    }
    const struct doc *rule = cli_doc_at(profile, "profile.equivocation.effect");
    const char *effect = rule == NULL ? "report" : doc_text(rule);
    doc_set_text(result, "effect", effect);
    doc_set_int(result, "evidence_more", (int64_t)(doc_count(all) - doc_count(shown)));
    if (doc_count(all) == 0) {
        buf_append_text(words, "\n没有双重签名的证据 No evidence of double votes.\n");
        cli_view_append_reach(words, list, width);
        return 0;
    }
    append_evidence(words, shown, doc_count(all) - doc_count(shown),
                    doc_get_bool(list, "more", false), width);
    cli_view_append_reach(words, list, width);
    append_outcomes(words, outcomes, width);
    append_advice(words, outcomes, effect, width);
    return 0;
}
