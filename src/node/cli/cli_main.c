/* From the command line to a command, and help for all of them. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_COLUMNS 16

const struct cli_family cli_families[] = {
    {"key", "Key files", "密钥文件", cli_key_commands},
    {"genesis", "The genesis ceremony", "创世仪式", cli_genesis_commands},
    {"member", "Members, their keys and join requests", "成员、密钥与入网申请",
     cli_member_commands},
    {"officer", "Chief data officers and data officers", "首席数据官与数据执行专员",
     cli_officer_commands},
    {"designation", "Agencies made responsible by the supervisor", "指定责任单位",
     cli_designation_commands},
    {"delegation", "Third parties entrusted, with a term", "委托第三方", cli_delegation_commands},
    {"validator", "Who votes", "验证者", cli_validator_commands},
    {"profile", "The policy profile", "政策参数", cli_profile_commands},
    {"calendar", "Working-day calendars", "工作日历", cli_calendar_commands},
    {"duty", "Duty lists", "职责清单", cli_duty_commands},
    {"open", "Open lists", "开放清单", cli_open_commands},
    {"catalog", "Catalog entries", "目录", cli_catalog_commands},
    {"request", "Sharing requests", "共享申请", cli_request_commands},
    {"agreement", "Agreements on shared data", "共享协议", cli_agreement_commands},
    {"need", "Needs for data not in the catalog", "未编目数据需求", cli_need_commands},
    {"fusion", "Fusion of several agencies' data", "跨部门数据融合", cli_fusion_commands},
    {"upper", "Needs between district and upper platform", "市区平台间需求", cli_upper_commands},
    {"dispute", "Disputes about requests", "供需争议", cli_dispute_commands},
    {"grant", "Grants", "授权", cli_grant_commands},
    {"notice", "Notices on data, and withholding them", "权益与风险告知", cli_notice_commands},
    {"risk", "Security risks reported to the supervisor", "报送的安全风险", cli_risk_commands},
    {"case", "Cases: reports and findings", "举报与案件认定", cli_case_commands},
    {"measure", "Measures that limit or close access", "限制与关闭措施", cli_measure_commands},
    {"rectify", "Orders to rectify in time", "责令限期改正", cli_rectify_commands},
    {"disclosure", "Circulars and publicity", "通报与公示", cli_disclosure_commands},
    {"incident", "Security incidents", "数据安全事件", cli_incident_commands},
    {"feedback", "Reports on the use of data", "数据利用情况反馈", cli_feedback_commands},
    {"quality", "Objections to the quality of data", "数据异议", cli_quality_commands},
    {"onward", "Passing data on with consent", "对外提供与发布", cli_onward_commands},
    {"matters", "Disputes, needs, fusions, collections, supervision and more",
     "各类事项：争议、需求、融合、归集、监管等", cli_matter_commands},
    {"transfer", "Moving data under grants", "数据传输", cli_transfer_commands},
    {"deadlines", "What has to be done by when", "期限", cli_deadline_commands},
    {"assessment", "Assessment figures of agencies", "考核指标", cli_assessment_commands},
    {"tx", "Transactions as such", "交易", cli_tx_commands},
    {"audit", "Proofs: trails, packs, verification", "审计：追踪、取证、核验", cli_audit_commands},
    {"explorer", "Search, histories, the read model", "浏览检索：搜索、记录沿革、检索库",
     cli_explorer_commands},
    {"status", "How the node is doing", "节点状态", cli_status_commands},
    {NULL, NULL, NULL, NULL},
};

static const struct cli_option options_common[] = {
    {"json", CLI_FLAG, false, NULL, "One JSON document instead of words.", "以 JSON 输出。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_key[] = {
    {"key", CLI_TEXT, false, "FILE", "Key file that signs (or DIRCHAIN_KEY).",
     "用于签名的密钥文件（或环境变量 DIRCHAIN_KEY）。", NULL},
    {"passphrase-file", CLI_TEXT, false, "FILE",
     "File with its passphrase (or DIRCHAIN_PASSPHRASE_FILE); \"-\" is standard input; asked for "
     "on "
     "the terminal without it.",
     "口令文件（或环境变量 DIRCHAIN_PASSPHRASE_FILE），“-”为标准输入；缺省时在终端询问。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_node[] = {
    {"node", CLI_TEXT, false, "URL", "The node (or DIRCHAIN_NODE; default http://127.0.0.1:7700).",
     "节点地址（或环境变量 DIRCHAIN_NODE，默认 http://127.0.0.1:7700）。", NULL},
    {"timeout-s", CLI_INT, false, "N", "Give up after so many seconds (default 60).",
     "等待秒数（默认 60）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_token[] = {
    {"token-file", CLI_TEXT, false, "FILE",
     "File with the node's token, mode 0600 (or DIRCHAIN_TOKEN_FILE).",
     "节点令牌文件，权限 0600（或环境变量 DIRCHAIN_TOKEN_FILE）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_submit[] = {
    {"genesis", CLI_TEXT, false, "FILE",
     "Genesis of the chain (or DIRCHAIN_GENESIS): sign for no other, and verify the receipt.",
     "创世文件（或环境变量 DIRCHAIN_GENESIS）：仅为此链签名，并核验存证回执。", NULL},
    {"chain", CLI_TEXT, false, "HASH",
     "Sign for this chain only (genesis hash, or DIRCHAIN_CHAIN); without either the node's word "
     "is "
     "taken.",
     "仅为此链签名（创世哈希，或环境变量 DIRCHAIN_CHAIN）；两者皆缺时以节点所报为准。", NULL},
    {"expires-s", CLI_INT, false, "N", "Valid for so many seconds (default 600).",
     "交易有效秒数（默认 600）。", NULL},
    {"no-wait", CLI_FLAG, false, NULL, "Do not wait for the block.", "不等待上链。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

/* ---- help ---- */

static void append_line(struct buf *out, const char *name, const char *chinese, const char *english,
                        size_t columns)
{
    AUTO(buf_free) struct buf text = {0};
    size_t at = 3 + cli_text_width(name);
    buf_append_format(out, "  %s ", name);
    do {
        buf_append_text(out, " ");
    } while (++at < NAME_COLUMNS);
    buf_append_format(&text, "%s  %s", chinese, english);
    cli_text_wrap(out, buf_text(&text), at, NAME_COLUMNS, columns);
    buf_append_text(out, "\n");
}

static void help_all(struct buf *out, size_t columns)
{
    buf_append_text(out, "目录链命令行工具 The directory chain's command-line tool\n\n"
                         "用法 Usage: dirchain FAMILY COMMAND [options]\n\n");
    for (const struct cli_family *family = cli_families; family->name != NULL; family++) {
        append_line(out, family->name, family->chinese, family->english, columns);
    }
    buf_append_text(out, "\n每个命令都有 --help Every command has --help.\n"
                         "退出码 Exit codes: 0 成功 ok, 1 被拒绝 refused, 2 用法错误 usage,\n"
                         "                   3 环境问题 environment\n");
}

static void help_family(struct buf *out, const struct cli_family *family, size_t columns)
{
    buf_append_format(out, "%s %s\n\n用法 Usage: dirchain %s COMMAND [options]\n\n",
                      family->chinese, family->english, family->name);
    for (const struct cli_command *command = family->commands; command->name != NULL; command++) {
        append_line(out, command->name, command->chinese, command->english, columns);
    }
}

static void help_command(struct buf *out, const struct cli *cli)
{
    AUTO(buf_free) struct buf text = {0};
    const struct cli_command *command = cli->command;
    buf_append_format(&text, "%s\n%s\n\n用法 Usage: dirchain %s%s%s%s%s [options]\n\n",
                      command->chinese, command->english, cli->family->name,
                      command->name[0] == 0 ? "" : " ", command->name,
                      command->arguments == NULL ? "" : " ",
                      command->arguments == NULL ? "" : command->arguments);
    cli_text_wrap(out, buf_text(&text), 0, 0, cli->columns);
    buf_append_text(out, "选项 Options（* 必填 required）:\n");
    cli_options_help(out, &cli->options, cli->columns);
}

/* ---- finding ---- */

static const struct cli_family *find_family(const char *name)
{
    for (const struct cli_family *family = cli_families; family->name != NULL; family++) {
        if (strcmp(family->name, name) == 0) {
            return family;
        }
    }
    return NULL;
}

/* The command that the words begin with; the longer name wins. *used: how many words. */
static const struct cli_command *find_command(const struct cli_family *family, int argc,
                                              char **argv, int *used)
{
    const struct cli_command *best = NULL;
    for (const struct cli_command *command = family->commands; command->name != NULL; command++) {
        const char *space = strchr(command->name, ' ');
        size_t first = space == NULL ? strlen(command->name) : (size_t)(space - command->name);
        bool matches =
            argc > 0 && strlen(argv[0]) == first && strncmp(argv[0], command->name, first) == 0;
        if (matches && space != NULL) {
            matches = argc > 1 && strcmp(argv[1], space + 1) == 0;
        }
        if (matches && (best == NULL || space != NULL)) {
            best = command;
            *used = space == NULL ? 1 : 2;
        }
    }
    return best;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* ---- running ---- */

static int run_command(struct cli *cli, int argc, char **argv)
{
    AUTO(buf_free) struct buf text = {0};
    const struct cli_command *command = cli->command;
    cli_options_add(&cli->options, command->options);
    if (command->act != NULL) {
        cli->act_options = cli_act_options(command->act);
        cli_options_add(&cli->options, cli->act_options);
    }
    cli_options_add(&cli->options, command->needs & CLI_NEEDS_KEY ? options_key : NULL);
    cli_options_add(&cli->options, command->needs & CLI_NEEDS_NODE ? options_node : NULL);
    cli_options_add(&cli->options, command->needs & CLI_NEEDS_SUBMIT ? options_submit : NULL);
    cli_options_add(&cli->options, command->needs & CLI_NEEDS_TOKEN ? options_token : NULL);
    cli_options_add(&cli->options, options_common);
    bool good = cli_options_read(&cli->options, &text, argc, argv);
    cli->json = cli_options_flag(&cli->options, "json");
    if (cli->options.help) {
        help_command(&text, cli);
        cli_print(&text);
        return CLI_OK;
    }
    size_t count = cli->options.argument_count;
    if (good && (count < command->arguments_min || count > command->arguments_max)) {
        buf_append_format(&text, "参数个数不符 Wrong number of arguments: %s\n",
                          command->arguments == NULL ? "无 none" : command->arguments);
        good = false;
    }
    if (!good) {
        text.len--; /* the last line break */
        return cli_usage(cli, "%s", buf_text(&text));
    }
    return command->run(cli);
}

static int run_family(struct cli *cli, int argc, char **argv)
{
    AUTO(buf_free) struct buf text = {0};
    if (cli->family->commands[0].name[0] == 0) {
        cli->command = &cli->family->commands[0];
        return run_command(cli, argc, argv);
    }
    if (argc == 0 || asks_for_help(argv[0])) {
        help_family(&text, cli->family, cli->columns);
        cli_print(&text);
        return argc == 0 ? CLI_USAGE : CLI_OK;
    }
    int used = 0;
    cli->command = find_command(cli->family, argc, argv, &used);
    if (cli->command == NULL) {
        help_family(&text, cli->family, cli->columns);
        (void)fprintf(stderr, "dirchain: 没有命令 No such command: %s %s\n\n", cli->family->name,
                      argv[0]);
        (void)fwrite(text.data, 1, text.len, stderr);
        return CLI_USAGE;
    }
    return run_command(cli, argc - used, argv + used);
}

static int run(struct cli *cli, int argc, char **argv)
{
    AUTO(buf_free) struct buf text = {0};
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        buf_append_text(&text, "dirchain " DIRCHAIN_VERSION "\n");
        cli_print(&text);
        return CLI_OK;
    }
    if (argc > 1 && strcmp(argv[0], "help") == 0) { /* dirchain help FAMILY [COMMAND] */
        memmove(argv, argv + 1, (size_t)(argc - 1) * sizeof *argv);
        argv[argc - 1] = (char *)"--help";
    }
    if (argc == 0 || asks_for_help(argv[0])) {
        help_all(&text, cli->columns);
        cli_print(&text);
        return argc == 0 ? CLI_USAGE : CLI_OK;
    }
    cli->family = find_family(argv[0]);
    if (cli->family == NULL) {
        help_all(&text, cli->columns);
        (void)fprintf(stderr, "dirchain: 没有命令 No such command: %s\n\n", argv[0]);
        (void)fwrite(text.data, 1, text.len, stderr);
        return CLI_USAGE;
    }
    return run_family(cli, argc - 1, argv + 1);
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {.columns = cli_terminal_columns(STDOUT_FILENO)};
    int status = run(&cli, argc - 1, argv + 1);
    cli_options_free(&cli.options);
    cli_act_options_free(cli.act_options);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "dirchain: 输出失败 Writing the output failed.\n");
        return CLI_ENVIRONMENT;
    }
    return status;
}
