/* Tables of a clerk as records: headings found, values by their fields, faults where they stand. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/faults.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/fault_words.h"
#include "exchange/sheet_file.h"
#include "exchange/sheet_layouts.h"
#include "exchange/sheet_records.h"
#include "exchange/sheet_value.h"
#include "exchange/words.h"

#include <string.h>

struct table {
    struct sheet_layout layout;
    struct sheet_plan *plan;
    struct workbook book;
    struct sheet_records records;
    struct faults faults;
    int error;
};

static void table_free(struct table *table)
{
    sheet_records_free(&table->records);
    workbook_free(&table->book);
    memory_free(table->plan);
}

static void table_read_as(struct table *table, const struct sheet_layout *layout, const char *text)
{
    size_t row = 0;
    struct view bytes = view_of_text(text);
    assert_int_equal(file_write_atomic(scratch_path("table"), bytes, 0600), 0);
    table->layout = *layout;
    table->plan = sheet_plan_new(&table->layout);
    assert_int_equal(
        sheet_file_read(&table->book, &row, scratch_path("table"), bytes, table->layout.name), 0);
    table->error = sheet_records_read(&table->records, &table->faults, &table->book, table->plan);
}

static void table_read(struct table *table, const char *text)
{
    const struct sheet_layout layout = sheet_layout_duties();
    table_read_as(table, &layout, text);
}

static const char *record_text(struct buf *out, const struct table *table, size_t index)
{
    buf_clear(out);
    doc_append_canonical(out, table->records.items[index].doc);
    return buf_text(out);
}

/* A published list: a title, other headings, columns that the ledger does not take. */
static void a_list_as_agencies_publish_it(void **state)
{
    (void)state;
    AUTO(table_free) struct table table = {.plan = NULL};
    AUTO(buf_free) struct buf out = {0};
    table_read(&table, "某局权责清单,,,,,,\n"
                       "\n"
                       "序号,事项编码,事项名称, 类别 ,实施机关,设定依据（全文）,办理时限\n"
                       "1, A-1 ,年检,行政检查,某局,无,5\n"
                       ",,,,,,\n"
                       "示例,A-0,例,行政许可,某局,无,1\n"
                       "2,A-2,\"处罚\n二\",行政处罚,某局,法,9\n");
    assert_int_equal(table.error, 0);
    assert_int_equal(table.faults.count, 0);
    assert_string_equal(buf_text(&table.records.ignored), "办理时限");
    assert_int_equal(table.records.count, 2);
    assert_int_equal(table.records.items[0].row, 4);
    assert_string_equal(record_text(&out, &table, 0),
                        "{\"basis\":\"无\",\"category\":\"行政检查\",\"code\":\"A-1\","
                        "\"implementer\":\"某局\",\"name\":\"年检\"}");
    assert_int_equal(table.records.items[1].row, 7);
    assert_string_equal(doc_get_text(table.records.items[1].doc, "name"), "处罚\n二");
}

static void headings_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        const char *faults; /* "code field" each on a line */
    } cases[] = {
        {"一,二\n1,2\n", ERR_SHEET_HEADING, ""},
        {"职权编码\nA\n", ERR_SHEET_HEADING, ""}, /* the code alone is no table */
        {"职权名称,类别\nA,B\n", ERR_SHEET_HEADING, ""},
        {"职权编码,职权名称,code,类别,实施主体,设定依据\n", 0, "column-twice 职责清单!C1 code\n"},
        {"职权编码,职权名称,类别\n", 0,
         "column-missing 职责清单!1 实施主体\ncolumn-missing 职责清单!1 设定依据\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(table_free) struct table table = {.plan = NULL};
        AUTO(buf_free) struct buf told = {0};
        table_read(&table, cases[i].text);
        assert_int_equal(table.error, cases[i].error);
        for (size_t k = 0; k < table.faults.count; k++) {
            buf_append_format(&told, "%s %s\n", error_code(table.faults.item[k].error),
                              table.faults.item[k].field);
        }
        assert_string_equal(buf_text(&told), cases[i].faults);
    }
}

/* All faults of a row, each once, by column and heading; what the table says in its own terms. */
static void faults_name_their_cells(void **state)
{
    (void)state;
    AUTO(table_free) struct table table = {.plan = NULL};
    AUTO(buf_free) struct buf told = {0};
    struct faults judged = {0}, faults;
    table_read(&table, "设定依据,类别,职权编码,职权名称,实施主体,业务信息\n"
                       ",行政服务,1.144E+17,年检,某局,\"一\n\n  \n二\"\n");
    struct sheet_row *row = sheet_row_at(&table.book.sheets[0], 2);
    row->cells[2].error = ERR_CELL_NUMBER;
    row->cells[3].error = ERR_CELL_ERROR;
    sheet_records_free(&table.records);
    assert_int_equal(sheet_records_read(&table.records, &table.faults, &table.book, table.plan), 0);
    const struct doc *doc = table.records.items[0].doc;
    assert_int_equal(doc_count(doc_get(doc, "information")), 2);
    (void)schema_check(schema_find("duty.publish"), doc, &judged);
    sheet_record_faults(&faults, &table.records, 0, &judged);
    for (size_t i = 0; i < faults.count; i++) {
        buf_append_format(&told, "%s %s\n", error_code(faults.item[i].error), faults.item[i].field);
    }
    assert_string_equal(buf_text(&told), "cell-number 职责清单!C2 职权编码\n"
                                         "cell-error 职责清单!D2 职权名称\n"
                                         "field-choice 职责清单!B2 类别\n"
                                         "field-missing 职责清单!A2 设定依据\n");
    assert_string_equal(faults.item[3].clause, "CESI 5.3.1");
    /* And what a cell takes, as any other refusal does. */
    AUTO(doc_free) struct doc *choice = fault_to_doc(&faults.item[2]);
    assert_true(doc_has_text(doc_get(choice, "may"), "行政许可"));
    assert_non_null(strstr(doc_get_text(choice, "told_zh"), "可取 行政许可、"));
    assert_null(faults.item[3].choices);
}

/* Choices are told with the words that a template shows; numbers and texts with their bounds. */
static void faults_say_what_a_cell_takes(void **state)
{
    (void)state;
    static const char *const choices[] = {"unconditional", "none", NULL};
    static const struct field fields[] = {
        {.name = "code", .kind = FIELD_CODE, .required = true, .min = 1, .max = 9, .chinese = "代码。"},
        {.name = "sharing", .kind = FIELD_CHOICE, .choices = choices, .chinese = "共享属性。"},
        {.name = "grade", .kind = FIELD_INT, .min = 1, .max = 5, .chinese = "分级。"},
        {.name = NULL}};
    const struct sheet_layout layout = {
        .name = "目录", .fields = fields, .key = "code", .word = word_chinese};
    AUTO(table_free) struct table table = {.plan = NULL};
    struct faults judged = {0}, placed;
    table_read_as(&table, &layout, "code,sharing,grade\nE1,些许,6\n");
    (void)schema_check_fields(fields, table.records.items[0].doc, NULL, &judged);
    sheet_record_faults(&placed, &table.records, 0, &judged);
    assert_int_equal(placed.count, 2);
    AUTO(doc_free) struct doc *choice = fault_to_doc(&placed.item[0]);
    AUTO(doc_free) struct doc *number = fault_to_doc(&placed.item[1]);
    assert_string_equal(doc_get_text(choice, "told_zh"),
                        "可取 unconditional（无条件共享）、none（非共享）。");
    assert_string_equal(doc_get_text(number, "told_zh"), "须为 1 至 5。");
}

/* ---- values ---- */

static const char *word(const char *field, const char *choice)
{
    (void)field;
    return strcmp(choice, "none") == 0 ? "非共享" : NULL;
}

static void values_by_kind(void **state)
{
    (void)state;
    static const char *const choices[] = {"none", "authorised", NULL};
    static const struct field parts[] = {{.name = "provider", .kind = FIELD_MEMBER},
                                         {.name = "code", .kind = FIELD_CODE},
                                         {.name = NULL}};
    static const struct field text = {.kind = FIELD_TEXT},
                              object = {.kind = FIELD_OBJECT, .fields = parts};
    static const struct field number = {.kind = FIELD_INT}, yes = {.kind = FIELD_BOOL};
    static const struct field date = {.kind = FIELD_DATE}, time = {.kind = FIELD_TIME};
    static const struct field choice = {
        .name = "sharing", .kind = FIELD_CHOICE, .choices = choices};
    static const struct field texts = {.kind = FIELD_LIST, .element = &text};
    static const struct field objects = {.kind = FIELD_LIST, .element = &object};
    static const struct {
        const struct field *field;
        const char *text, *json; /* json NULL: no value */
    } cases[] = {
        {&text, "　采集　", "\"　采集　\""}, /* as it stands */
        {&text, " 　\n", NULL},
        {&number, " 12　", "12"},
        {&number, "12.5", "\"12.5\""},
        {&number, "", NULL},
        {&yes, "是", "true"},
        {&yes, "FALSE", "false"},
        {&yes, "也许", "\"也许\""},
        {&date, "2026-02-12", "\"2026-02-12\""},
        {&date, "2026/2/3", "\"2026-02-03\""},
        {&date, "2026.2.3", "\"2026-02-03\""},
        {&date, " 2026年2月3日 ", "\"2026-02-03\""},
        {&date, "2026/2-3", "\"2026/2-3\""},
        {&date, "2026年2月30日", "\"2026年2月30日\""},
        {&date, "20260203", "\"20260203\""},
        {&time, "2026-02-12T10:00:00+08:00", "1770861600000"},
        {&choice, "非共享", "\"none\""},
        {&choice, "none", "\"none\""},
        {&choice, "authorised ", "\"authorised\""},
        {&choice, "共享", "\"共享\""},
        {&texts, "一\n\n 二\n", "[\"一\",\" 二\"]"},
        {&texts, "[\"a\\nb\",\"\"]", "[\"a\\nb\",\"\"]"},
        {&texts, "[2021]5号", "[\"[2021]5号\"]"},
        {&texts, "[]", "[]"},
        {&objects, " A | b-1\nC|", "[{\"code\":\"b-1\",\"provider\":\"A\"},{\"provider\":\"C\"}]"},
        {&objects, "A|b|c|d", "[{\"code\":\"b\",\"provider\":\"A\",\"|\":\"c|d\"}]"},
    };
    struct sheet_layout layout = {.word = word};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free)
        struct doc *value = sheet_value_read(&layout, cases[i].field, cases[i].text);
        AUTO(buf_free) struct buf out = {0};
        assert_int_equal(value == NULL, cases[i].json == NULL);
        if (value != NULL) {
            doc_append_canonical(&out, value);
            assert_string_equal(buf_text(&out), cases[i].json);
        }
        /* What is written for it reads as the same. */
        buf_clear(&out);
        sheet_value_append(&out, &layout, cases[i].field, value);
        AUTO(doc_free)
        struct doc *again = sheet_value_read(&layout, cases[i].field, buf_text(&out));
        assert_true(value == NULL ? again == NULL : doc_equal(again, value));
    }
}

/* ---- forms of files ---- */

static void forms_by_their_first_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sheet_form form;
    } cases[] = {
        {"PK\x03\x04...", SHEET_FORM_XLSX},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", SHEET_FORM_OLD},
        {"{\"code\":1}", SHEET_FORM_LINES},
        {"\xef\xbb\xbf\n {}", SHEET_FORM_LINES},
        {"code,name\n", SHEET_FORM_CSV},
        {"\xef\xbb\xbf职权编码,职权名称\n", SHEET_FORM_CSV},
        {"", SHEET_FORM_CSV},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(sheet_form_of(view_of_text(cases[i].text)), cases[i].form);
    }
}

static void files_that_are_no_tables(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        size_t row;
    } cases[] = {
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ERR_SHEET_OLD, 0},
        {"PK\x03\x04", ERR_SHEET_FORM, 0},
        {"a,b\n\n1,\xd6\xd0\n", ERR_TABLE_ENCODING, 3}, /* GB18030 */
        {"a,b\n1,\"x\" y\n", ERR_CSV, 2},
        {"{}", ERR_SHEET_FORM, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct workbook book = {0};
        size_t row = 99;
        struct view bytes = view_of_text(cases[i].text);
        assert_int_equal(file_write_atomic(scratch_path("table"), bytes, 0600), 0);
        assert_int_equal(sheet_file_read(&book, &row, scratch_path("table"), bytes, "t"),
                         cases[i].error);
        assert_int_equal(row, cases[i].row);
        assert_int_equal(book.count, 0);
    }
}

/* Written as CSV and read again: the same texts, and nothing that a program would run. */
static void csv_there_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"plain", "",        "a,b;c", "say \"so\"", "two\nlines",
                                        "=1+1",  "'=1+1",   "@x",    "-5",         "+",
                                        "\t=",   "'quoted", "''+",   " lead",      "　"};
    struct workbook book = {0}, again = {0};
    struct sheet *sheet = NULL;
    AUTO(buf_free) struct buf out = {0};
    size_t row = 0;
    assert_int_equal(workbook_add(&sheet, &book, "t"), 0);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(workbook_set(&book, sheet, 1, i, "heading", 0), 0);
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(workbook_set(&book, sheet, 2, i, texts[i], 0), 0);
    }
    sheet_append_csv(&out, sheet);
    for (const char *at = buf_text(&out); (at = strpbrk(at, ",\n")) != NULL; at++) {
        assert_null(at[1] == 0 ? NULL : strchr("=+-@", at[1]));
    }
    assert_int_equal(file_write_atomic(scratch_path("table"), view_of_buf(&out), 0600), 0);
    assert_int_equal(sheet_file_read(&again, &row, scratch_path("table"), view_of_buf(&out), "t"),
                     0);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_string_equal(sheet_row_text(&again.sheets[0].rows[1], i), texts[i]);
    }
    workbook_free(&book);
    workbook_free(&again);
}

#define HEADINGS "职权编码,职权名称,职权类别,实施机关,设定依据,统一社会信用代码\n"
#define AGENCY "11440000006940175Y"

static bool is_twice(const struct table *table, size_t index)
{
    const struct faults none = {0};
    struct faults faults;
    sheet_record_faults(&faults, &table->records, index, &none);
    assert_true(faults.count <= 1);
    if (faults.count == 1) {
        assert_int_equal(faults.item[0].error, ERR_ROW_TWICE);
    }
    return faults.count == 1;
}

/* What stands below no heading is not lost: a comma that is not quoted moves all behind it. */
static void what_has_no_heading_is_at_fault(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        size_t faults;
    } cases[] = {{"A,甲,行政检查,某局,无,", 0},
                 {"A,甲,行政检查,某局,无,,", 0},
                 {"A,甲,行政检查,某局,第六条、第七条," AGENCY ",多出", 1},
                 {"A,甲,行政检查,某局,第六条,," AGENCY, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[400];
        const struct faults none = {0};
        struct faults faults;
        (void)snprintf(text, sizeof text, HEADINGS "%s\n", cases[i].row);
        AUTO(table_free) struct table table = {.plan = NULL};
        table_read(&table, text);
        sheet_record_faults(&faults, &table.records, 0, &none);
        assert_int_equal(faults.count, cases[i].faults);
        assert_true(faults.count == 0 || faults.item[0].error == ERR_ROW_BEYOND);
    }
}

/* Of two rows with one code the lower is at fault, wherever they stand; two agencies of one list
 * may have the same. */
static void a_code_stands_once(void **state)
{
    (void)state;
    static const char text[] = HEADINGS "B,年检,行政检查,某局,无,\n"
                                        "A,甲,行政检查,某局,无,\n"
                                        "B,另一项,行政检查,某局,无,\n"
                                        "B,年检,行政检查,某局,无," AGENCY "\n"
                                        "B,年检,行政检查,某局,无,\n";
    /* Of an agency, a blank is its own code; of nobody, it is no agency's. */
    static const char *const agencies[] = {NULL, AGENCY};
    for (size_t i = 0; i < COUNT_OF(agencies); i++) {
        AUTO(table_free) struct table table = {.plan = NULL};
        struct sheet_layout layout = sheet_layout_duties();
        layout.key_within_blank = agencies[i];
        table_read_as(&table, &layout, text);
        assert_int_equal(table.error, 0);
        assert_int_equal(table.faults.count, 0);
        assert_int_equal(table.records.count, 5);
        assert_false(is_twice(&table, 0));
        assert_false(is_twice(&table, 1));
        assert_true(is_twice(&table, 2));
        assert_int_equal(is_twice(&table, 3), agencies[i] != NULL);
        assert_true(is_twice(&table, 4));
    }
}

/* A sheet whose rows would be left aside is told of: one with such headings, whatever its name, not
 * one that explains, nor one that nobody filled in. */
static void another_sheet_of_rows_is_told_of(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool told;
    } cases[] = {
        {HEADINGS "C,乙,行政检查,某局,无,\n", true},
        {"乙表\n" HEADINGS "C,乙,行政检查,某局,无,\n", true},
        {"职权编码,职权名称\nC,乙\n", true}, /* fewer of them, in another order */
        {"备注,职权名称,职权编码\n无,乙,C\n", true},
        {HEADINGS, false},
        {"职权编码,备注\nC,乙\n", false}, /* the code alone is in every sheet */
        {"说明\n职权编码由本单位编制\n", false},
    };
    static const char *const names[] = {"乙", "填写说明"};
    for (size_t at = 0; at < COUNT_OF(names) * COUNT_OF(cases); at++) {
        AUTO(table_free) struct table table = {.plan = NULL};
        struct faults faults = {0};
        size_t row = 0, i = at / COUNT_OF(names);
        table_read(&table, HEADINGS "B,年检,行政检查,某局,无,\n");
        sheet_records_free(&table.records);
        struct view text = view_of_text(cases[i].text);
        const char *path = scratch_path("other"), *name = names[at % COUNT_OF(names)];
        assert_int_equal(file_write_atomic(path, text, 0600), 0);
        assert_int_equal(sheet_csv_add(&table.book, &row, path, text.len, name), 0);
        assert_int_equal(sheet_records_read(&table.records, &faults, &table.book, table.plan), 0);
        assert_int_equal(faults.count, cases[i].told);
        assert_true(!cases[i].told || (faults.item[0].error == ERR_SHEET_TWICE &&
                                       strcmp(faults.item[0].field, name) == 0));
        assert_int_equal(table.records.count, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_as_agencies_publish_it),
        cmocka_unit_test(headings_that_are_wrong),
        cmocka_unit_test(faults_name_their_cells),
        cmocka_unit_test(faults_say_what_a_cell_takes),
        cmocka_unit_test(values_by_kind),
        cmocka_unit_test(forms_by_their_first_bytes),
        cmocka_unit_test(files_that_are_no_tables),
        cmocka_unit_test(what_has_no_heading_is_at_fault),
        cmocka_unit_test(a_code_stands_once),
        cmocka_unit_test(another_sheet_of_rows_is_told_of),
        cmocka_unit_test(csv_there_and_back),
    };
    return cmocka_run_group_tests_name("sheet records", tests, scratch_make, scratch_remove);
}
