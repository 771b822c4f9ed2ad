/* dirchain profile: the policy profiles, in force, past and to come. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rule.h"
#include "chain/text_form.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <inttypes.h>
#include <stdio.h>

#define FILE_BYTES_MAX (1024 * 1024)
#define PROFILES_MAX 100000

/* ---- publish ---- */

static int run_publish(struct cli *cli)
{
    static const struct cli_act act = {.type = "profile.publish", .subject = "profile"};
    AUTO(doc_free) struct doc *profile = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct faults faults = {0};
    const char *path = cli->options.arguments[0];
    const char *reason = cli_options_text(&cli->options, "reason");
    const char *from = cli_options_text(&cli->options, "from");
    int status = cli_read_doc(cli, &profile, path, FILE_BYTES_MAX);
    if (status != 0) {
        return status;
    }
    if (rules_check_profile(&faults, profile, "profile") != 0) {
        return cli_refuse(cli, &faults, "%s:", path);
    }
    doc_set(body, "profile", doc_ref(profile));
    doc_set_text(body, "reason", doc_text_valid(view_of_text(reason)) ? reason : "?");
    if (from != NULL) {
        doc_set_text(body, "from", doc_text_valid(view_of_text(from)) ? from : "?");
    }
    return cli_act_submit(cli, &act, body);
}

/* ---- withdraw ---- */

static int run_withdraw(struct cli *cli)
{
    char key[64];
    int64_t day;
    AUTO(doc_free) struct doc *body = doc_new_object();
    const char *from = cli->options.arguments[0];
    const char *reason = cli_options_text(&cli->options, "reason");
    if (civil_parse_date(&day, from) != 0) {
        return cli_usage(cli, "%s: 应为日期 takes a date.", from);
    }
    (void)snprintf(key, sizeof key, "profile/%016" PRIx64, (uint64_t)civil_day_start(day));
    const struct cli_act act = {.type = "profile.withdraw", .subject = key};
    doc_set_text(body, "from", from);
    doc_set_text(body, "reason", doc_text_valid(view_of_text(reason)) ? reason : "?");
    return cli_act_submit(cli, &act, body);
}

/* ---- list and show ---- */

/* *now_ms: the ledger's time, by which a profile comes into force: that of the newest block, or of
 * genesis before the first. */
static int read_profiles(struct cli *cli, struct doc **out, int64_t *now_ms)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(doc_free) struct doc *ledger = NULL;
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &ledger, "/v1/status");
    status = status != 0 ? status : cli_view_pages(&node, result, "/v1/profiles", PROFILES_MAX);
    if (status != 0) {
        return status;
    }
    int64_t first_ms = doc_get_int(doc_at(doc_get(result, "items"), 0), "from_ms", 0);
    *now_ms = doc_get_int(doc_get(ledger, "tip"), "time_ms", 0);
    *now_ms = *now_ms > first_ms ? *now_ms : first_ms;
    *out = doc_ref(result);
    return 0;
}

/* The last one that is in force at that time; the items are in order of time. */
static const struct doc *profile_at(const struct doc *items, int64_t time_ms)
{
    const struct doc *found = NULL;
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_get(doc_at(items, i), "withdrawn") == NULL &&
            doc_get_int(doc_at(items, i), "from_ms", INT64_MAX) <= time_ms) {
            found = doc_at(items, i);
        }
    }
    return found;
}

static const struct cli_column columns_list[] = {
    {.title = "施行 in force from", .path = "from_ms", .as = CLI_AS_TIME, .keep = true},
    {.title = "", .path = "state", .keep = true},
    {.title = "短名 name", .path = "profile.name"},
    {.title = "文号 source", .path = "profile.source"},
    {.title = "版本 version", .path = "version", .as = CLI_AS_HASH},
    {.title = NULL},
};

static const char *state_of(const struct doc *item, const struct doc *in_force, int64_t now_ms)
{
    if (doc_get(item, "withdrawn") != NULL) {
        return "已撤回";
    }
    if (item == in_force) {
        return "现行";
    }
    return doc_get_int(item, "from_ms", 0) > now_ms ? "待施行" : "已失效";
}

static void push_row(struct doc *rows, const struct doc *item, const struct doc *from_ms,
                     const char *state)
{
    struct doc *row = doc_copy(item);
    doc_set(row, "from_ms", doc_ref(from_ms));
    doc_set_text(row, "state", state);
    doc_push(rows, row);
}

/* Before what is to begin on a day, what was to, and was replaced by it. */
static void push_replaced(struct doc *rows, const struct doc *item)
{
    const struct doc *replaced = doc_get(item, "replaced");
    for (size_t i = 0; i < doc_count(replaced); i++) {
        const struct doc *one = doc_at(replaced, i);
        push_row(rows, one, doc_get(item, "from_ms"),
                 doc_get(one, "withdrawn") != NULL ? "已撤回" : "已替换");
    }
}

static int run_list(struct cli *cli)
{
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(doc_free) struct doc *rows = doc_new_array();
    AUTO(buf_free) struct buf words = {0};
    int64_t now_ms = 0;
    int status = read_profiles(cli, &result, &now_ms);
    if (status != 0) {
        return status;
    }
    const struct doc *items = doc_get(result, "items");
    const struct doc *in_force = profile_at(items, now_ms);
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc *item = doc_at(items, i);
        push_replaced(rows, item);
        push_row(rows, item, doc_get(item, "from_ms"), state_of(item, in_force, now_ms));
    }
    cli_table_append_docs(&words, columns_list, rows, cli->columns);
    return cli_result(cli, result, &words);
}

/* The instant that --at means: the end of that day, so that it is the one of the day itself; where
 * it is not given, *time_ms stays. */
static int read_at(struct cli *cli, int64_t *time_ms)
{
    int64_t day;
    const char *text = cli_options_text(&cli->options, "at");
    if (text == NULL || civil_parse_time(time_ms, text) == 0) {
        return 0;
    }
    if (civil_parse_date(&day, text) != 0) {
        return cli_usage(cli, "--at %s: 应为日期或 RFC 3339 时间 takes a date or time.", text);
    }
    *time_ms = civil_day_start(day + 1) - 1;
    return 0;
}

static int run_show(struct cli *cli)
{
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    int64_t time_ms = 0;
    char from[CIVIL_TIME_CHARS];
    int status = read_profiles(cli, &result, &time_ms);
    status = status != 0 ? status : read_at(cli, &time_ms);
    if (status != 0) {
        return status;
    }
    const struct doc *found = profile_at(doc_get(result, "items"), time_ms);
    if (found == NULL) {
        return cli_fail(cli, ERR_FIELD_RANGE, "--at: 当时账本尚未创立 There was no ledger then:");
    }
    civil_format_time(from, doc_get_int(found, "from_ms", 0));
    buf_append_format(&words, "自 %s 起施行 In force from then on\n版本 version %s\n", from,
                      doc_get_text(found, "version"));
    cli_record_append(&words, doc_get(found, "profile"), rules_profile_fields, cli->columns);
    bool whole = cli_options_text(&cli->options, "at") != NULL;
    return cli_result(cli, whole ? found : doc_get(found, "profile"), &words);
}

static const struct cli_option options_publish[] = {
    {"reason", CLI_TEXT, true, "TEXT", "Why.", "理由。", NULL},
    {"from", CLI_TEXT, false, "DATE", "In force from that day on (default: at once).",
     "自该日零时起施行（缺省为立即）。", "PT 11"},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_withdraw[] = {
    {"reason", CLI_TEXT, true, "TEXT", "Why.", "理由。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_show[] = {
    {"at", CLI_TEXT, false, "DATE", "The one in force on that day, or at that time.",
     "该日（或该时刻）施行的。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

const struct cli_command cli_profile_commands[] = {
    {.name = "list",
     .chinese = "列出历次政策参数：曾施行、现行和将施行的。",
     .english = "List the policy profiles that were in force, the one that is, those to come.",
     .needs = CLI_NEEDS_NODE,
     .run = run_list},
    {.name = "publish",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "发布政策参数（中心管理密钥）。",
     .english = "Publish the policy profile (the center's admin key).",
     .needs = CLI_WRITES,
     .options = options_publish,
     .run = run_publish},
    {.name = "show",
     .chinese = "显示现行的，或某日施行的政策参数。",
     .english = "Show the policy profile in force now, or at a time.",
     .needs = CLI_NEEDS_NODE,
     .options = options_show,
     .run = run_show},
    {.name = "withdraw",
     .arguments = "DATE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "撤回原定该日起施行、尚未施行的政策参数（中心管理密钥）。",
     .english = "Withdraw the policy profile that was to be in force from that day (the center's "
                "admin key).",
     .needs = CLI_WRITES,
     .options = options_withdraw,
     .run = run_withdraw},
    {.name = NULL},
};
