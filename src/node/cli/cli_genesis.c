/* dirchain genesis: the ceremony. The center collates join requests, chooses profile and calendars
 * and signs; every agency verifies the same file and compares its hash before it starts a node. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "genesis/genesis.h"
#include "node/cli/cli_join.h"
#include "node/cli/cli_output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1024 * 1024)

/* The parts of a plan that the documents own. */
struct parts {
    struct doc *params;
    struct doc *profile;
    struct doc *calendars;
    struct doc *joins;
    struct doc *validators;
};

static void parts_free(struct parts *parts)
{
    doc_free(&parts->params);
    doc_free(&parts->profile);
    doc_free(&parts->calendars);
    doc_free(&parts->joins);
    doc_free(&parts->validators);
}

/* ---- make ---- */

/* A State Council notice as published, or the ledger's own form. */
static int add_calendar(struct cli *cli, struct doc *calendars, const char *path)
{
    AUTO(doc_free) struct doc *file = NULL;
    AUTO(doc_free) struct doc *calendar = NULL;
    struct faults faults = {0};
    int status = cli_read_doc(cli, &file, path, FILE_BYTES_MAX);
    if (status != 0) {
        return status;
    }
    if (doc_get(file, "days") != NULL) {
        (void)civil_calendar_from_notice(&calendar, &faults, file);
    } else if (civil_calendar_check(&faults, file) == 0) {
        calendar = doc_ref(file);
    }
    if (faults.count > 0) {
        return cli_refuse(cli, &faults, "%s:", path);
    }
    doc_push(calendars, doc_ref(calendar));
    return 0;
}

static int add_param(struct cli *cli, struct doc *params, const char *text)
{
    char name[64];
    const char *equals = strchr(text, '=');
    char *end = NULL;
    errno = 0;
    long long value = equals == NULL ? 0 : strtoll(equals + 1, &end, 10);
    bool number = equals != NULL && end != equals + 1 && *end == 0 && errno == 0 &&
                  value >= -DOC_INT_MAX && value <= DOC_INT_MAX;
    size_t len = equals == NULL ? 0 : (size_t)(equals - text);
    if (!number || len == 0 || len >= sizeof name ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz_") < len) {
        return cli_usage(cli, "--param %s: 应为 NAME=整数 takes NAME=INTEGER.", text);
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)len, text);
    doc_set_int(params, name, value);
    return 0;
}

static int gather(struct cli *cli, struct parts *parts)
{
    const struct cli_options *options = &cli->options;
    *parts = (struct parts){.params = doc_new_object(),
                            .calendars = doc_new_array(),
                            .joins = doc_new_array(),
                            .validators = doc_new_array()};
    int status =
        cli_read_doc(cli, &parts->profile, cli_options_text(options, "profile"), FILE_BYTES_MAX);
    for (size_t i = 0; status == 0 && i < cli_options_count(options, "calendar"); i++) {
        status = add_calendar(cli, parts->calendars, cli_options_text_at(options, "calendar", i));
    }
    for (size_t i = 0; status == 0 && i < cli_options_count(options, "param"); i++) {
        status = add_param(cli, parts->params, cli_options_text_at(options, "param", i));
    }
    for (size_t i = 0; status == 0 && i < options->argument_count; i++) {
        AUTO(doc_free) struct doc *join = NULL;
        status = cli_join_read(cli, &join, options->arguments[i]);
        if (status == 0) {
            doc_push(parts->joins, doc_ref(join));
        }
    }
    for (size_t i = 0; status == 0 && i < cli_options_count(options, "validator"); i++) {
        const char *id = cli_options_text_at(options, "validator", i);
        doc_push_text(parts->validators, doc_text_valid(view_of_text(id)) ? id : "?");
    }
    return status;
}

static int plan_time(struct cli *cli, int64_t *out)
{
    const char *text = cli_options_text(&cli->options, "time");
    *out = clock_wall_ms();
    if (text != NULL && civil_parse_time(out, text) != 0) {
        return cli_usage(cli, "--time %s: 应为 RFC 3339 时间 takes an RFC 3339 time.", text);
    }
    return 0;
}

static void append_hash(struct buf *words, const struct doc *genesis)
{
    struct hash hash;
    char hex[2 * HASH_BYTES + 1];
    genesis_hash(&hash, genesis);
    hash_to_hex(hex, &hash);
    buf_append_format(words, "  哈希 hash  %s\n", hex);
}

static void append_summary(struct buf *words, const struct doc *genesis)
{
    char time[CIVIL_TIME_CHARS];
    civil_format_time(time, doc_get_int(genesis, "time_ms", 0));
    append_hash(words, genesis);
    buf_append_format(words, "  网络 network     %s%s\n", doc_get_text(genesis, "network"),
                      doc_get_bool(genesis, "test", false) ? "（测试网络 test network）" : "");
    buf_append_format(words, "  起始 begins      %s\n", time);
    buf_append_format(words, "  政策 profile     %s\n",
                      doc_get_text(doc_get(genesis, "profile"), "title"));
    buf_append_format(words, "  成员 members     %zu（验证节点 validators %zu）\n",
                      doc_count(doc_get(genesis, "members")),
                      doc_count(doc_get(genesis, "validators")));
}

static struct doc *summary(const struct doc *genesis)
{
    struct hash hash;
    struct doc *result = doc_new_object();
    genesis_hash(&hash, genesis);
    doc_set_hash(result, "hash", &hash);
    doc_set(result, "network", doc_ref(doc_get(genesis, "network")));
    doc_set(result, "test", doc_ref(doc_get(genesis, "test")));
    doc_set(result, "time_ms", doc_ref(doc_get(genesis, "time_ms")));
    doc_set(result, "center", doc_ref(doc_get(genesis, "center")));
    doc_set_int(result, "members", (int64_t)doc_count(doc_get(genesis, "members")));
    doc_set(result, "validators", doc_ref(doc_get(genesis, "validators")));
    return result;
}

static int run_make(struct cli *cli)
{
    AUTO(parts_free) struct parts parts = {0};
    AUTO(keyfile_close) struct keyfile admin = {0};
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    struct faults faults = {0};
    struct genesis_plan plan = {.network = cli_options_text(&cli->options, "network"),
                                .test = cli_options_flag(&cli->options, "test"),
                                .center = cli_options_text(&cli->options, "center")};
    int status = plan_time(cli, &plan.time_ms);
    status = status != 0 ? status : gather(cli, &parts);
    status = status != 0 ? status : cli_open_key(cli, &admin);
    if (status == 0 && admin.cost == KEYFILE_COST_LIGHT && !plan.test) {
        status = cli_fail(cli, ERR_KEYFILE_LIGHT, "%s:", admin.label);
    }
    if (status != 0) {
        return status;
    }
    plan.params = parts.params;
    plan.profile = parts.profile;
    plan.calendars = parts.calendars;
    plan.joins = parts.joins;
    plan.validators = parts.validators;
    if (genesis_make(&genesis, &faults, &plan, &admin) != 0) {
        return cli_refuse(cli, &faults,
                          "创世文件不成立，未写出 The genesis is not valid; nothing is "
                          "written.");
    }
    const char *path = cli_options_text(&cli->options, "out");
    status = cli_write_doc(cli, genesis, path, 0644);
    if (status != 0) {
        return status;
    }
    buf_append_format(&words, "已签署创世文件 Genesis signed: %s\n", path);
    append_summary(&words, genesis);
    buf_append_text(&words, "请各单位核对哈希 Every agency compares the hash before it starts.\n");
    result = summary(genesis);
    return cli_result(cli, result, &words);
}

/* ---- verify and show ---- */

static int load(struct cli *cli, struct doc **out, struct hash *hash)
{
    struct faults faults = {0};
    const char *path = cli->options.arguments[0];
    if (genesis_load(out, hash, &faults, path) != 0) {
        return cli_refuse(cli, &faults, "%s: 创世文件未通过核验 The genesis does not verify.",
                          path);
    }
    return 0;
}

static int run_verify(struct cli *cli)
{
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    struct hash hash, expected;
    const char *hex = cli_options_text(&cli->options, "hash");
    if (hex != NULL && hash_from_hex(&expected, hex) != 0) {
        return cli_usage(cli, "--hash: 应为 64 位小写十六进制 takes 64 lower-case hex digits.");
    }
    int status = load(cli, &genesis, &hash);
    if (status != 0) {
        return status;
    }
    if (hex != NULL && !hash_equal(&hash, &expected)) {
        return cli_fail(cli, ERR_DIGEST, "%s: 哈希不符 The hash is another one.",
                        cli->options.arguments[0]);
    }
    buf_append_text(&words, "创世文件有效 The genesis is valid.\n");
    append_summary(&words, genesis);
    result = summary(genesis);
    return cli_result(cli, result, &words);
}

static bool is_validator(const struct doc *genesis, const struct doc *member)
{
    return doc_has_text(doc_get(genesis, "validators"), doc_get_text(member, "member"));
}

static int run_show(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {.title = "统一社会信用代码 code", .keep = true},
        {.title = "单位 name"},
        {.title = "身份 parties"},
        {.title = "验证 votes"},
        {.title = NULL},
    };
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(buf_free) struct buf words = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    struct hash hash;
    int status = load(cli, &genesis, &hash);
    if (status != 0) {
        return status;
    }
    append_summary(&words, genesis);
    buf_append_text(&words, "\n");
    for (size_t i = 0; i < doc_count(doc_get(genesis, "members")); i++) {
        const struct doc *member = doc_at(doc_get(genesis, "members"), i);
        AUTO(buf_free) struct buf parties = {0};
        cli_value_append(&parties, doc_get(member, "parties"), NULL);
        const char *cells[] = {doc_get_text(member, "member"), doc_get_text(member, "name"),
                               buf_text(&parties), is_validator(genesis, member) ? "是 yes" : "-"};
        cli_table_add(&table, cells);
    }
    cli_table_append(&words, &table, cli->columns);
    return cli_result(cli, genesis, &words);
}

static const struct cli_option options_make[] = {
    {"network", CLI_TEXT, true, "NAME", "Name of the network.", "网络名称。", NULL},
    {"center", CLI_TEXT, true, "CODE", "The center; its admin key signs.",
     "大数据中心，由其管理密钥签名。", "PT 11"},
    {"profile", CLI_TEXT, true, "FILE", "Policy profile (samples/profiles/).", "政策参数文件。",
     NULL},
    {"calendar", CLI_LIST, true, "FILE", "Year's calendar: a State Council notice as published.",
     "年度工作日历（国务院办公厅通知）。", "D14"},
    {"validator", CLI_LIST, true, "CODE", "Member that votes.", "参与共识的成员。", NULL},
    {"param", CLI_LIST, false, "NAME=N", "Chain parameter other than the default.",
     "与默认值不同的链参数。", NULL},
    {"time", CLI_TEXT, false, "TIME", "When the chain begins (RFC 3339; default now).",
     "起始时间（RFC 3339，默认当前）。", NULL},
    {"test", CLI_FLAG, false, NULL, "A test network: its clock may be advanced.",
     "测试网络（可拨快时钟）。", NULL},
    {"out", CLI_TEXT, true, "FILE", "Where the genesis goes; not overwritten.",
     "写出的文件，不覆盖。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_verify[] = {
    {"hash", CLI_TEXT, false, "HASH", "The hash that the agencies agreed on.",
     "各单位商定的创世哈希。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

const struct cli_command cli_genesis_commands[] = {
    {.name = "make",
     .arguments = "JOIN…",
     .arguments_min = 1,
     .arguments_max = MEMBERS_MAX,
     .chinese = "汇总入网申请，由中心签署创世文件。",
     .english = "Collate join requests into a genesis and sign it for the center.",
     .needs = CLI_NEEDS_KEY,
     .options = options_make,
     .run = run_make},
    {.name = "verify",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "核验创世文件：形式、政策、日历、各入网申请、中心签名。",
     .english = "Verify a genesis: form, policy, calendars, every join request, the signature.",
     .options = options_verify,
     .run = run_verify},
    {.name = "show",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "显示创世文件的成员和参数。",
     .english = "Show a genesis: members and parameters.",
     .run = run_show},
    {.name = NULL},
};
