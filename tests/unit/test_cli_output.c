/* What the command-line tool shows: widths of Chinese text, cutting, wrapping, tables that fit,
 * records, faults and the progress bar. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/tables.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"
#include "exchange/words.h"

#include <string.h>

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(text), 65536), 0);
    return doc;
}

/* The widest line of a text. */
static size_t widest(const char *text)
{
    size_t most = 0;
    while (*text != 0) {
        AUTO(buf_free) struct buf line = {0};
        size_t len = strcspn(text, "\n");
        buf_append(&line, text, len);
        size_t width = cli_text_width(buf_text(&line));
        most = width > most ? width : most;
        text += len + (text[len] == '\n');
    }
    return most;
}

static const struct {
    const char *text;
    size_t columns;
} widths[] = {
    {"", 0},         {"abc", 3}, {"目录链", 6},  {"目a录b", 6},     {"（）。，“”", 10 - 0},
    {"ｆｕｌｌ", 8}, {"é", 1},   {"e\u0301", 1}, {"\U00020000", 2}, {"…", 1},
    {"\xff\xe7", 2}, /* no UTF-8: a column a byte */
    {"\xe7\x9b", 2}, /* cut in the middle of a character */
};

static void test_width(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        if (cli_text_width(widths[i].text) != widths[i].columns) {
            fail_msg("%s: %zu columns, not %zu", widths[i].text, cli_text_width(widths[i].text),
                     widths[i].columns);
        }
    }
}

static const struct {
    const char *text;
    size_t columns;
    bool pad;
    const char *shown;
} fits[] = {
    {"abcdef", 6, false, "abcdef"}, {"abcdef", 5, false, "abcd…"},
    {"目录链", 6, false, "目录链"}, {"目录链", 5, false, "目录…"},
    {"目录链", 4, true, "目… "}, /* half a character does not fit: a space stands there */
    {"目", 1, false, "…"},          {"目", 0, true, ""},
    {"ab", 4, true, "ab  "},        {"a\nb\tc\x1b", 8, false, "a b c?"},
};

static void test_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fits); i++) {
        AUTO(buf_free) struct buf out = {0};
        cli_text_fit(&out, fits[i].text, fits[i].columns, fits[i].pad);
        assert_string_equal(buf_text(&out), fits[i].shown);
    }
}

static const struct {
    const char *text;
    size_t at, indent, columns;
    const char *shown;
} wraps[] = {
    {"one two three", 0, 0, 20, "one two three"},
    {"one two three", 0, 0, 9, "one two\nthree"},
    {"one two three", 4, 2, 9, "one\n  two\n  three"},
    {"目录链上链", 0, 0, 6, "目录链\n上链"},
    /* the full stop stays with what it closes */
    {"目录链。上链", 0, 0, 6, "目录\n链。上\n链"},
    /* and what opens stays with what it opens */
    {"目录链〔CN 17〕", 0, 0, 8, "目录链\n〔CN\n17〕"},
    {"目录“上链”", 0, 0, 6, "目录\n“上链”"},
    {"目录（", 0, 0, 6, "目录（"},
    {"abcdefgh", 0, 0, 3, "abc\ndef\ngh"},
    {"ab\ncd", 0, 3, 10, "ab\n   cd"},
    {"签名 signature 失败", 0, 0, 10, "签名\nsignature\n失败"},
    {"ab|cd|ef", 0, 1, 6, "ab|cd|\n ef"},
};

static void test_wrap(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wraps); i++) {
        AUTO(buf_free) struct buf out = {0};
        cli_text_wrap(&out, wraps[i].text, wraps[i].at, wraps[i].indent, wraps[i].columns);
        assert_string_equal(buf_text(&out), wraps[i].shown);
    }
}

static const struct {
    const char *text;
    size_t columns;
    const char *shown;
} lines[] = {
    {"", 10, ""},
    {"short\n  and so on\n", 11, "short\n  and so on\n"},
    {"  one two three four", 10, "  one two\n    three\n    four"},
    {"成员 member 已恢复", 11, "成员 member\n  已恢复"},
    {"in /a/long/path/is/kept whole\nx", 12, "in\n  /a/long/path/is/kept\n  whole\nx"},
    {"/a/long/path/alone", 12, "/a/long/path/alone"},
};

static void test_wrap_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        AUTO(buf_free) struct buf out = {0};
        cli_text_wrap_lines(&out, lines[i].text, lines[i].columns);
        assert_string_equal(buf_text(&out), lines[i].shown);
    }
}

static const struct cli_column columns[] = {
    {.title = "代码 code", .path = "code", .keep = true},
    {.title = "名称 name", .path = "deep.name"},
    {.title = "数 n", .path = "n", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_TIME},
    {.title = NULL},
};

static void test_table_exact(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    AUTO(doc_free)
    struct doc *a = parse(
        "{\"code\":\"A-1\",\"deep\":{\"name\":\"人口库\"},\"n\":7,\"time_ms\":1770000000000}");
    AUTO(doc_free) struct doc *b = parse("{\"code\":\"B\",\"n\":1234567}");
    cli_table_add_doc(&table, a);
    cli_table_add_doc(&table, b);
    cli_table_append(&out, &table, 80);
    assert_string_equal(buf_text(&out), "代码 code  名称 name     数 n  时间 time\n"
                                        "---------  ---------  -------  -------------------\n"
                                        "A-1        人口库           7  2026-02-02 10:40:00\n"
                                        "B                     1234567\n");
}

static const struct cli_column columns_below[] = {
    {.title = "状态", .path = "status", .keep = true},
    {.title = "事由 title", .path = "title", .below = true},
    {.title = "单位 who", .path = "who"},
    {.title = "记录 subject", .path = "subject", .below = true},
    {.title = NULL},
};

/* Sentences and keys are whole, however narrow the line: the title has 13 characters of two columns
 * each. */
static void test_table_below(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns_below);
    AUTO(doc_free)
    struct doc *a = parse("{\"status\":\"协商中\",\"title\":\"就业困难人员认定须逐人核验\","
                          "\"who\":\"广东省司法厅\",\"subject\":\"dispute/0123456789\"}");
    AUTO(doc_free) struct doc *b = parse("{\"status\":\"已撤回\",\"subject\":\"need/1\"}");
    cli_table_add_doc(&table, a);
    cli_table_add_doc(&table, b);
    cli_table_append(&out, &table, 24);
    assert_string_equal(buf_text(&out), "状态    单位 who\n"
                                        "  事由 title\n"
                                        "  记录 subject\n"
                                        "------  ------------\n"
                                        "协商中  广东省司法厅\n"
                                        "  就业困难人员认定须逐人\n"
                                        "  核验\n"
                                        "  dispute/0123456789\n"
                                        "已撤回\n"
                                        "  need/1\n");
}

static const struct cli_column columns_rare[] = {
    {.title = "届满", .path = "due"},
    {.title = "暂定", .path = "provisional", .rare = true},
    {.title = "状态", .path = "status"},
    {.title = NULL},
};

/* A column that few rows have takes no place where none has it. */
static void test_table_rare(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    AUTO(doc_free) struct doc *rows = parse("[{\"due\":\"1月\",\"status\":\"进行中\"}]");
    cli_table_append_docs(&out, columns_rare, rows, 40);
    assert_string_equal(buf_text(&out), "届满  状态\n"
                                        "----  ------\n"
                                        "1月   进行中\n");
    buf_free(&out);
    doc_push(rows, parse("{\"due\":\"2月\",\"provisional\":true,\"status\":\"逾期\"}"));
    cli_table_append_docs(&out, columns_rare, rows, 40);
    assert_string_equal(buf_text(&out), "届满  暂定    状态\n"
                                        "----  ------  ------\n"
                                        "1月           进行中\n"
                                        "2月   是 yes  逾期\n");
}

/* Whatever the cells, a table of these columns fits, and its rows stand under each other. */
static void test_table_fits(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "目", "…", "e\u0301", "，", " ", "11440000", "\n"};
    uint64_t seed = 20261121;
    for (int round = 0; round < 200; round++) {
        AUTO(buf_free) struct buf out = {0};
        AUTO(cli_table_free)
        struct cli_table table = cli_table_of(round % 2 == 0 ? columns : columns_below);
        for (int row = 0; row < 3; row++) {
            struct buf cells[4] = {{0}};
            const char *texts[4];
            for (int i = 0; i < 4; i++) {
                for (uint64_t n = check_random(&seed) % 30; n > 0; n--) {
                    buf_append_text(&cells[i], pieces[check_random(&seed) % COUNT_OF(pieces)]);
                }
                texts[i] = buf_text(&cells[i]);
            }
            cli_table_add(&table, texts);
            for (int i = 0; i < 4; i++) {
                buf_free(&cells[i]);
            }
        }
        size_t width = 40 + check_random(&seed) % 60;
        cli_table_append(&out, &table, width);
        assert_true(widest(buf_text(&out)) <= width);
    }
}

static void test_record(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    AUTO(doc_free)
    struct doc *entry = parse(
        "{\"name\":\"人口基础信息\",\"category\":\"基础信息资源\",\"items\":[{\"name\":\"姓名\","
        "\"type\":\"C\",\"length\":50}],\"source\":{\"system\":\"户籍系统\"},\"since_ms\":"
        "1770000000000,\"awaiting\":[]}");
    cli_record_append(&out, entry, fields_entry, 80);
    assert_string_equal(buf_text(&out), "信息资源分类 category  基础信息资源\n"
                                        "信息资源名称 name      人口基础信息\n"
                                        "信息项 items\n"
                                        "  [1]\n"
                                        "    信息项中文名 name  姓名\n"
                                        "    数据类型 type      C 字符型\n"
                                        "    数据长度 length    50\n"
                                        "数据来源 source\n"
                                        "  业务系统 system  户籍系统\n"
                                        "待办 awaiting          无 none\n"
                                        "起始时间 since_ms      2026-02-02 10:40:00\n");
}

static void test_faults(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    struct faults faults = {0};
    faults_add(&faults, ERR_USCC_CHECK, "CESI 2.2.1", "member");
    for (int i = 0; i < 40; i++) {
        faults_add(&faults, ERR_FIELD_MISSING, NULL, "items[%d].name", i);
    }
    cli_faults_append(&out, &faults, 60);
    const char *text = buf_text(&out);
    assert_true(widest(text) <= 60);
    assert_non_null(strstr(text, " 1. member 单位  统一社会信用代码校验位错误"));
    assert_non_null(strstr(text, "〔CESI 2.2.1〕"));
    assert_non_null(strstr(text, "[uscc-check-digit]"));
    assert_non_null(strstr(text, " 2. items[0].name 名称  缺少必填字段。\n    A required field"));
    assert_non_null(strstr(text, "\n 3. items[1].name 名称  [field-missing]\n"));
    assert_non_null(strstr(text, "32. items[30].name 名称  [field-missing]\n"));
    assert_non_null(strstr(text, "另有 9 处 and 9 more"));
}

static unsigned occurrences(const char *text, const char *of)
{
    unsigned count = 0;
    for (; (text = strstr(text, of)) != NULL; text += strlen(of)) {
        count++;
    }
    return count;
}

/* What a code means is said once, whatever code it is; what more a fault says is not lost. */
static void test_no_sentence_twice(void **state)
{
    (void)state;
    for (int error = 1; error < ERROR_COUNT; error++) {
        AUTO(buf_free) struct buf out = {0};
        struct faults faults = {0};
        faults_add(&faults, error, NULL, "%s", "");
        faults_add(&faults, error, NULL, "one");
        faults_add(&faults, error, "PT 20", "%s", "");
        AUTO(doc_free) struct doc *list = cli_faults_to_doc(&faults);
        cli_faults_append_doc(&out, list, NULL, 10000);
        const char *text = buf_text(&out);
        assert_int_equal(occurrences(text, error_english(error)), 1);
        assert_int_equal(occurrences(text, error_chinese(error)), 1);
        assert_non_null(strstr(text, " 2. one"));
        assert_non_null(strstr(text, " 3. 〔PT 20〕"));
        buf_clear(&out);
        cli_faults_append_doc(&out, list, error_code(error), 10000);
        text = buf_text(&out);
        assert_int_equal(occurrences(text, error_english(error)), 0);
        assert_int_equal(occurrences(text, error_chinese(error)), 0);
        assert_non_null(strstr(text, " 1. one")); /* the first says nothing more */
        assert_non_null(strstr(text, " 2. 〔PT 20〕"));
    }
}

static void test_progress(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    struct cli_progress progress = {.label = "发布职责", .total = 200, .done = 50, .start_ms = 0};
    cli_progress_append(&out, &progress, 10000, 70);
    assert_string_equal(buf_text(&out), "发布职责 [######..................] 50/200  25%  "
                                        "剩余 left 30 s       ");
    buf_clear(&out);
    cli_progress_append(&out, &progress, 10000, 20);
    assert_int_equal(cli_text_width(buf_text(&out)), 20);
    progress = (struct cli_progress){.label = "x"}; /* nothing to do is no division by zero */
    buf_clear(&out);
    cli_progress_append(&out, &progress, 0, 60);
    assert_non_null(strstr(buf_text(&out), "0/0"));
}

/* A term's end is said as the law says it. */
static void test_times(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        bool end;
        const char *as_time;
        const char *as_date;
    } times[] = {
        {INT64_C(1770000000000), true, "2026-02-02 10:40:00", "2026-02-02"},
        {INT64_C(1770048000000), true, "2026-02-02 24:00", "2026-02-02"}, /* midnight in Beijing */
        {INT64_C(1770048000000), false, "2026-02-03 00:00:00", "2026-02-03"}, /* a beginning */
        {INT64_C(1770048000001), true, "2026-02-03 00:00:00", "2026-02-03"},
    };
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        AUTO(buf_free) struct buf out = {0};
        AUTO(doc_free) struct doc *value = doc_new_int(times[i].ms);
        const struct cli_column time = {.as = CLI_AS_TIME, .end = times[i].end};
        const struct cli_column brief = {.as = CLI_AS_BRIEF_TIME, .end = times[i].end};
        const struct cli_column date = {.as = CLI_AS_DATE, .end = times[i].end};
        cli_value_append(&out, value, &time);
        assert_string_equal(buf_text(&out), times[i].as_time);
        buf_clear(&out);
        cli_value_append(&out, value, &date);
        assert_string_equal(buf_text(&out), times[i].as_date);
        buf_clear(&out);
        cli_value_append(&out, value, &brief);
        assert_string_equal(buf_text(&out), times[i].as_time + 5);
    }
    AUTO(doc_free)
    struct doc *record = parse("{\"terms\":{\"answer\":{\"due_ms\":5}},\"none\":{}}");
    assert_int_equal(doc_int(cli_doc_at(record, "terms.*.due_ms"), 0), 5);
    assert_null(cli_doc_at(record, "none.*.due_ms"));
    assert_null(cli_doc_at(record, "terms.answer.due_ms.*"));
}

/* Every word that the protocol lets a clerk see has its Chinese. */
static void test_words(void **state)
{
    (void)state;
    const char *const *const choices[] = {choices_role, choices_party, choices_method,
                                          choices_sharing, choices_decision};
    static const char *const statuses[] = {
        "accepted",  "active",     "agreement", "applied", "assessing",    "ended",
        "escalated", "expired",    "granted",   "intake",  "not-accepted", "pending",
        "published", "refused",    "removed",   "retired", "returned",     "submitted",
        "suspended", "terminated", "withdrawn", "scenario"};
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        for (size_t k = 0; choices[i][k] != NULL; k++) {
            if (word_chinese(NULL, choices[i][k]) == NULL) {
                fail_msg("%s", choices[i][k]);
            }
        }
    }
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (word_chinese(NULL, statuses[i]) == NULL) {
            fail_msg("%s", statuses[i]);
        }
    }
    assert_string_equal(word_chinese("role", "approve"), "审批");
    assert_string_equal(word_chinese("decision", "approve"), "同意");
    assert_null(word_chinese("role", "nonsense"));
    assert_null(word_chinese(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),       cmocka_unit_test(test_fit),
        cmocka_unit_test(test_wrap),        cmocka_unit_test(test_wrap_lines),
        cmocka_unit_test(test_table_exact), cmocka_unit_test(test_table_below),
        cmocka_unit_test(test_table_rare),
        cmocka_unit_test(test_table_fits),  cmocka_unit_test(test_record),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_no_sentence_twice),
        cmocka_unit_test(test_progress),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
