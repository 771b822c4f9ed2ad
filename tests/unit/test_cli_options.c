/* Options of the command line: every form of giving one, everything wrong told at once, help that
 * fits, and bodies of transactions made from the types' tables. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_options.h"
#include "node/cli/cli_text.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct cli_option table_a[] = {
    {"name", CLI_TEXT, true, "TEXT", "A name.", "名称。", NULL},
    {"count", CLI_INT, false, "N", "How many.", "数量。", "PT 1"},
    {"fast", CLI_FLAG, false, NULL, "Quickly.", "快。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option table_b[] = {
    {"item", CLI_LIST, false, "TEXT", "One more.", "再加一项。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

#define ARGS_MAX 12

static bool read_args(struct cli_options *options, struct buf *problems, const char *const *args)
{
    char *argv[ARGS_MAX];
    int argc = 0;
    cli_options_add(options, table_a);
    cli_options_add(options, NULL);
    cli_options_add(options, table_b);
    while (args[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)args[argc];
        argc++;
    }
    return cli_options_read(options, problems, argc, argv);
}

static void test_good(void **state)
{
    (void)state;
    static const char *const args[] = {"one",    "--name", "-x",  "--count=-12", "--item", "a",
                                       "--fast", "--item", "b=c", "--",          "--two",  NULL};
    AUTO(cli_options_free) struct cli_options options = {0};
    AUTO(buf_free) struct buf problems = {0};
    assert_true(read_args(&options, &problems, args));
    assert_string_equal(cli_options_text(&options, "name"), "-x");
    assert_int_equal(cli_options_int(&options, "count", 5), -12);
    assert_true(cli_options_flag(&options, "fast"));
    assert_int_equal(cli_options_count(&options, "item"), 2);
    assert_string_equal(cli_options_text_at(&options, "item", 1), "b=c");
    assert_null(cli_options_text_at(&options, "item", 2));
    assert_int_equal(options.argument_count, 2);
    assert_string_equal(options.arguments[0], "one");
    assert_string_equal(options.arguments[1], "--two");
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const args[] = {"--name=", "--fast=false", NULL};
    AUTO(cli_options_free) struct cli_options options = {0};
    AUTO(buf_free) struct buf problems = {0};
    assert_true(read_args(&options, &problems, args));
    assert_string_equal(cli_options_text(&options, "name"), "");
    assert_int_equal(cli_options_int(&options, "count", 5), 5);
    assert_false(cli_options_flag(&options, "fast"));
    assert_null(cli_options_text(&options, "item"));
}

static const struct {
    const char *args[ARGS_MAX];
    const char *says[3]; /* each must be told */
} bad[] = {
    {{"--count", "7"}, {"缺少必填选项 Missing: --name TEXT"}},
    {{"--nmae", "x"}, {"No such option: --nmae. 是否指 Did you mean --name?", "Missing: --name"}},
    {{"--name", "x", "--quickly"}, {"No such option: --quickly."}},
    {{"--name", "x", "-q"}, {"No such option: -q."}},
    {{"--name"}, {"--name 缺少值 needs a value: TEXT"}},
    {{"--name", "--fast"}, {"--name 缺少值 needs a value: TEXT"}},
    {{"--name", "x", "--name", "y"}, {"--name 只能给出一次"}},
    {{"--name", "x", "--count", "7x"}, {"--count 应为整数"}},
    {{"--name", "x", "--count", ""}, {"--count 应为整数"}},
    {{"--name", "x", "--count", "99999999999999999999"}, {"--count 应为整数"}},
    {{"--name", "x", "--fast=maybe"}, {"--fast 只接受 true 或 false"}},
    {{"--count=x", "--fast=1", "--what=3"},
     {"--count 应为整数", "--fast 只接受", "No such option: --what"}},
};

static void test_all_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(cli_options_free) struct cli_options options = {0};
        AUTO(buf_free) struct buf problems = {0};
        assert_false(read_args(&options, &problems, bad[i].args));
        for (size_t k = 0; k < COUNT_OF(bad[i].says) && bad[i].says[k] != NULL; k++) {
            if (strstr(buf_text(&problems), bad[i].says[k]) == NULL) {
                fail_msg("case %zu: \"%s\" is not told in: %s", i, bad[i].says[k],
                         buf_text(&problems));
            }
        }
    }
}

static void test_help_excuses_everything(void **state)
{
    (void)state;
    static const char *const args[] = {"--bogus", "x", "-h", NULL};
    AUTO(cli_options_free) struct cli_options options = {0};
    AUTO(buf_free) struct buf problems = {0};
    AUTO(buf_free) struct buf help = {0};
    assert_true(read_args(&options, &problems, args));
    assert_true(options.help);
    assert_int_equal(problems.len, 0);
    cli_options_help(&help, &options, 60);
    assert_non_null(strstr(buf_text(&help), "--name TEXT *"));
    assert_non_null(strstr(buf_text(&help), "[PT 1]"));
    assert_non_null(strstr(buf_text(&help), "Repeatable"));
}

static void ask_for_unknown(void)
{
    struct cli_options options = {0};
    cli_options_add(&options, table_a);
    (void)cli_options_text(&options, "nonsense");
}

static void test_unknown_name_is_our_bug(void **state)
{
    (void)state;
    assert_true(check_stops(ask_for_unknown));
}

/* Every type's table becomes options whose help fits the terminal. */
static void test_options_of_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        const struct cli_act act = {.type = schema_at(i)->name};
        struct cli_option *made = cli_act_options(&act);
        struct cli_options options = {0};
        AUTO(buf_free) struct buf help = {0};
        cli_options_add(&options, made);
        cli_options_help(&help, &options, CLI_COLUMNS);
        for (const char *line = buf_text(&help); *line != 0;) {
            AUTO(buf_free) struct buf one = {0};
            size_t len = strcspn(line, "\n");
            buf_append(&one, line, len);
            if (cli_text_width(buf_text(&one)) > CLI_COLUMNS) {
                fail_msg("%s: %s", schema_at(i)->name, buf_text(&one));
            }
            line += len + (line[len] == '\n');
        }
        cli_act_options_free(made);
    }
}

/* A body from arguments as the shell gives them. */
static struct doc *body_of(const struct cli_act *act, const char *const *args)
{
    struct cli_command command = {.name = "test", .act = act};
    struct cli_family family = {.name = "test"};
    struct cli cli = {.command = &command, .family = &family, .json = false};
    AUTO(buf_free) struct buf problems = {0};
    char *argv[32];
    int argc = 0;
    while (args[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)args[argc];
        argc++;
    }
    cli.act_options = cli_act_options(act);
    cli_options_add(&cli.options, cli.act_options);
    struct doc *body = NULL;
    if (!cli_options_read(&cli.options, &problems, argc, argv)) {
        fail_msg("%s", buf_text(&problems));
    }
    if (cli_act_body(&cli, &body) != CLI_OK) {
        body = NULL;
    }
    cli_options_free(&cli.options);
    cli_act_options_free(cli.act_options);
    return body;
}

#define HEX "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"

static void check_body(const struct cli_act *act, const char *const *args, const char *expected)
{
    AUTO(doc_free) struct doc *body = body_of(act, args);
    AUTO(buf_free) struct buf text = {0};
    assert_non_null(body);
    doc_append_canonical(&text, body);
    assert_string_equal(buf_text(&text), expected);
    assert_int_equal(schema_check(schema_find(act->type), body, NULL), 0);
}

static void test_bodies(void **state)
{
    (void)state;
    static const struct cli_act answer = {.type = "request.answer", .arguments = "request"};
    static const struct cli_act review = {.type = "catalog.review", .arguments = "provider code"};
    static const char *const refuse[] = {HEX,
                                         "--acts-on",
                                         HEX,
                                         "--decision",
                                         "refuse",
                                         "--grounds.legal-basis",
                                         "中华人民共和国数据安全法|第三十八条",
                                         "--grounds.legal-basis",
                                         "{\"law\":\"某法\",\"article\":\"第一条\"}",
                                         "--grounds.complete",
                                         NULL};
    check_body(&answer, refuse,
               "{\"acts_on\":\"" HEX "\",\"decision\":\"refuse\",\"grounds\":{\"complete\":true,"
               "\"legal_basis\":[{\"article\":\"第三十八条\",\"law\":\"中华人民共和国数据安全法\"},"
               "{\"article\":\"第一条\",\"law\":\"某法\"}]},\"request\":\"" HEX "\"}");
    static const char *const approve[] = {
        HEX,    "--acts-on", HEX,          "--decision",           "approve", "--items",
        "姓名", "--rows",    "区|eq|普陀", "--quota.rows-per-day", "1000",    NULL};
    check_body(&answer, approve,
               "{\"acts_on\":\"" HEX "\",\"decision\":\"approve\",\"items\":[\"姓名\"],\"quota\":{"
               "\"rows_per_day\":1000},\"request\":\"" HEX "\",\"rows\":[{\"is\":\"eq\",\"item\":"
               "\"区\",\"value\":\"普陀\"}]}");
    static const char *const returned[] = {"11440000006940175Y",
                                           "RK-1",
                                           "--acts-on",
                                           HEX,
                                           "--decision",
                                           "return",
                                           "--reasons",
                                           "名称不规范",
                                           "--reasons",
                                           "items[3].type|类型缺失",
                                           NULL};
    check_body(&review, returned,
               "{\"acts_on\":\"" HEX "\",\"code\":\"RK-1\",\"decision\":\"return\",\"provider\":"
               "\"11440000006940175Y\",\"reasons\":[{\"reason\":\"名称不规范\"},{\"field\":"
               "\"items[3].type\",\"reason\":\"类型缺失\"}]}");
}

static void test_values_not_understood(void **state)
{
    (void)state;
    static const struct cli_act answer = {.type = "request.answer", .arguments = "request"};
    static const char *const bad_values[][2] = {
        {"--grounds.legal-basis", "{broken"},
        {"--grounds.legal-basis", "a|b|c|d"},
        {"--quota.rows-per-day", "9007199254740993"},
        {"--terms", "\x07"},
        {"--rows", "\xff|eq|x"},
    };
    /* What is said goes to standard error; here only the verdict counts. */
    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    bool refused = true;
    assert_true(saved >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
    for (size_t i = 0; i < COUNT_OF(bad_values); i++) {
        const char *const args[] = {HEX, bad_values[i][0], bad_values[i][1], NULL};
        AUTO(doc_free) struct doc *body = body_of(&answer, args);
        refused = refused && body == NULL;
    }
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(null);
    assert_true(refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_all_that_is_wrong),
        cmocka_unit_test(test_help_excuses_everything),
        cmocka_unit_test(test_unknown_name_is_our_bug),
        cmocka_unit_test(test_options_of_every_type),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_values_not_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
