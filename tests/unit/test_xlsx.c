/* .xlsx workbooks read: what cells show, and archives that no program would write. */
#include "xlsx_archive.h"

#include "base/bytes.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/sheet.h"
#include "exchange/xlsx.h"
#include "exchange/xlsx_value.h"

#include <stdio.h>

#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static int read_sheet(struct workbook *book, const char *worksheet)
{
    AUTO(buf_free) struct buf file = {0};
    struct archive archive = archive_begin();
    archive_add_usual(&archive);
    archive_add(&archive, "xl/worksheets/one.xml", worksheet);
    archive_end(&file, &archive);
    return xlsx_read(book, view_of_buf(&file));
}

/* All rows of the first sheet: "4:<a><b>" for row 4; "!" behind a cell that has a fault. */
static const char *shown(struct buf *out, const struct workbook *book)
{
    const struct sheet *sheet = &book->sheets[0];
    buf_clear(out);
    for (size_t i = 0; i < sheet->count; i++) {
        buf_append_format(out, "%zu:", sheet->rows[i].number);
        for (size_t k = 0; k < sheet->rows[i].count; k++) {
            buf_append_format(out, "<%s>%s", sheet->rows[i].cells[k].text,
                              sheet->rows[i].cells[k].error != 0 ? "!" : "");
        }
    }
    return buf_text(out);
}

static void what_cells_show(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *shown;
    } cases[] = {
        {"<row r='2'><c r='B2' t='s'><v>0</v></c><c r='D2' t='s'><v>1</v></c></row>",
         "2:<><shared><><in runs>"},
        {"<row><c t='s'><v>2</v></c></row>", "1:< a\nb\tc_xD800_ >"},
        {"<row><c t='inlineStr'><is><r><t>甲</t></r><r><t>乙</t></r><rPh><t>x</t></rPh></is></c>"
         "<c t='str'><f>A1&amp;\"!\"</f><v>甲乙!</v></c></row>",
         "1:<甲乙><甲乙!>"},
        {"<row><c><v>1</v></c><c><v>12.5</v></c><c><v>0.10000000000000001</v></c>"
         "<c><v>-3</v></c><c><v>123456789012345</v></c></row>",
         "1:<1><12.5><0.1><-3><123456789012345>"},
        /* 16 digits and more: the last ones are not what was typed in. */
        {"<row><c><v>1.1440000000693975E+17</v></c><c><v>1000000000000000</v></c></row>",
         "1:<1.1440000000693975E+17>!<1000000000000000>!"},
        {"<row><c t='b'><v>1</v></c><c t='b'><v>0</v></c><c t='e'><v>#REF!</v></c></row>",
         "1:<TRUE><FALSE><#REF!>!"},
        /* 46065 is 2026-02-12; formats: 1 built in, 2 the file's own, 5 Chinese, 3 no date. */
        {"<row><c s='1'><v>46065</v></c><c s='2'><v>46065</v></c><c s='5'><v>46065</v></c>"
         "<c s='3'><v>46065</v></c><c s='4'><v>46065.4166666667</v></c><c s='9'><v>7</v></c></row>",
         "1:<2026-02-12><2026-02-12><2026-02-12><46065><2026-02-12 10:00:00><7>"},
        {"<row><c s='1'><v>-1</v></c></row>", "1:<-1>!"},
        /* Nothing in it: no cell, and no row. */
        {"<row><c s='1'/></row><row><c t='s'/></row><row r='7'><c r='C7'><v>1</v></c></row>",
         "7:<><><1>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(workbook_free) struct workbook book = {0};
        AUTO(buf_free) struct buf sheet = {0};
        AUTO(buf_free) struct buf out = {0};
        buf_append_format(&sheet, SHEET("%s"), cases[i].rows);
        assert_int_equal(read_sheet(&book, buf_text(&sheet)), 0);
        assert_string_equal(book.sheets[0].name, "职责");
        assert_string_equal(shown(&out, &book), cases[i].shown);
    }
}

/* Days by the calendar: 1900 was no leap year, and programs think it was. */
static void serial_numbers_of_days(void **state)
{
    (void)state;
    static const struct {
        const char *serial;
        bool from_1904;
        const char *date;
    } cases[] = {
        {"1", false, "1900-01-01"},
        {"59", false, "1900-02-28"},
        {"60", false, NULL},
        {"61", false, "1900-03-01"},
        {"25569", false, "1970-01-01"},
        {"45351", false, "2024-02-29"},
        {"0", true, "1904-01-01"},
        {"44603", true, "2026-02-12"},
        {"2958465", false, "9999-12-31"},
        {"2958466", false, NULL},
        {"0.5", false, "12:00:00"},
        {"45350.999999", false, "2024-02-29"},
        {"-1", false, NULL},
        {"0x10", false, NULL},
        {"nan", false, NULL},
        {"", false, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[XLSX_VALUE_CHARS] = "";
        int error = xlsx_date_text(text, cases[i].serial, cases[i].from_1904);
        assert_int_equal(error, cases[i].date == NULL ? ERR_DATE : 0);
        assert_string_equal(text, cases[i].date == NULL ? "" : cases[i].date);
    }
}

static void formats_that_show_dates(void **state)
{
    (void)state;
    static const char *const dates[] = {
        "yyyy-mm-dd", "[$-804]yyyy\"年\"m\"月\";@", "[h]:mm", "\\ d", "[Red]D", NULL};
    static const char *const others[] = {"General", "#,##0.00", "0.00E+00", "@",      "\"day\"0",
                                         "[Red]0",  "\\d0",     "0_d",      "0;yyyy", "[h",
                                         "\"y",     "",         NULL};
    for (size_t i = 0; dates[i] != NULL; i++) {
        assert_true(xlsx_code_is_date(dates[i]));
    }
    for (size_t i = 0; others[i] != NULL; i++) {
        assert_false(xlsx_code_is_date(others[i]));
    }
}

static void merged_cells_show_one_text(void **state)
{
    (void)state;
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(buf_free) struct buf out = {0};
    /* B2:B9 over rows that are there, A1:XFD1 beyond the columns that are read. */
    assert_int_equal(
        read_sheet(&book, "<worksheet><sheetData><row r='2'><c r='A2'><v>1</v></c><c r='B2' t='s'>"
                          "<v>0</v></c></row><row r='5'><c r='A5'><v>2</v></c></row>"
                          "<row r='10'><c r='A10'><v>3</v></c></row></sheetData><mergeCells>"
                          "<mergeCell ref='B2:B9'/><mergeCell ref='A1:XFD1'/></mergeCells>"
                          "</worksheet>"),
        0);
    assert_string_equal(shown(&out, &book), "2:<1><shared>5:<2><shared>10:<3>");
}

/* ---- archives that are none ---- */

static void worksheets_refused(void **state)
{
    (void)state;
    static const struct {
        const char *sheet;
        int error;
    } cases[] = {
        {"", ERR_SHEET_FORM},
        {"<worksheet>", ERR_SHEET_FORM},
        {"<a><b></a></b>", ERR_SHEET_FORM},
        {"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><worksheet><sheetData><row><c "
         "t='str'><v>&e;</v></c></row></sheetData></worksheet>",
         ERR_SHEET_FORM},
        {"<!DOCTYPE x><worksheet/>", ERR_SHEET_FORM},
        {SHEET("<row r='0'/>"), ERR_SHEET_FORM},
        {SHEET("<row r='x'/>"), ERR_SHEET_FORM},
        {SHEET("<row r='1048577'/>"), ERR_SHEET_FORM},
        {SHEET("<row r='2'/><row r='2'/>"), ERR_SHEET_FORM},
        {SHEET("<row r='2'/><row r='1'/>"), ERR_SHEET_FORM},
        {SHEET("<row r='1'><c r='A2'/></row>"), ERR_SHEET_FORM},
        {SHEET("<row r='1'><c r='1'/></row>"), ERR_SHEET_FORM},
        {SHEET("<row r='1'><c r='A1x'/></row>"), ERR_SHEET_FORM},
        {SHEET("<c r='A1'/>"), ERR_SHEET_FORM},
        {SHEET("<row><c t='s'><v>3</v></c></row>"), ERR_SHEET_FORM},
        {SHEET("<row><c t='s'><v>x</v></c></row>"), ERR_SHEET_FORM},
        {SHEET("<row><c t='s'><v>-1</v></c></row>"), ERR_SHEET_FORM},
        {SHEET("<row><c t='other'><v>1</v></c></row>"), ERR_SHEET_FORM},
        {SHEET("<row><c r='IW1'><v>1</v></c></row>"), ERR_SHEET_LARGE}, /* column 257 */
        {"<worksheet><mergeCells><mergeCell ref='A1'/></mergeCells></worksheet>", ERR_SHEET_FORM},
        {"<worksheet><mergeCells><mergeCell ref='B2:A1'/></mergeCells></worksheet>",
         ERR_SHEET_FORM},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(workbook_free) struct workbook book = {0};
        assert_int_equal(read_sheet(&book, cases[i].sheet), cases[i].error);
        assert_int_equal(book.count, 0);
    }
}

/* Refused, or what is read is what was written. */
static void refused_or_whole(struct view file)
{
    AUTO(workbook_free) struct workbook book = {0};
    int error = xlsx_read(&book, file);
    assert_true(error == 0 || error == ERR_SHEET_FORM || error == ERR_SHEET_LARGE);
    if (error == 0) {
        assert_string_equal(sheet_row_text(&book.sheets[0].rows[0], 0), "1");
    }
}

static void archives_refused(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf file = {0};
    struct workbook book = {0};
    struct archive archive = archive_begin();
    archive_add_usual(&archive);
    archive_add(&archive, "xl/worksheets/one.xml", SHEET("<row><c><v>1</v></c></row>"));
    archive_end(&file, &archive);
    assert_int_equal(xlsx_read(&book, view_of_buf(&file)), 0);
    workbook_free(&book);
    for (size_t len = 0; len < file.len; len++) {
        refused_or_whole(view_of(file.data, len));
    }
    assert_int_equal(xlsx_read(&book, view_of(file.data, file.len / 2)), ERR_SHEET_FORM);
    for (size_t at = 0; at < file.len; at++) {
        file.data[at] ^= 0x10;
        refused_or_whole(view_of_buf(&file));
        file.data[at] ^= 0x10;
    }
    /* A part that a relation names is not there; one that is there twice. */
    archive = archive_begin();
    archive_add_usual(&archive);
    archive_end(&file, &archive);
    assert_int_equal(xlsx_read(&book, view_of_buf(&file)), ERR_SHEET_FORM);
    archive = archive_begin();
    archive_add_usual(&archive);
    archive_add(&archive, "xl/worksheets/one.xml", SHEET(""));
    archive_add(&archive, "XL/worksheets/ONE.xml", SHEET(""));
    archive_end(&file, &archive);
    assert_int_equal(xlsx_read(&book, view_of_buf(&file)), ERR_SHEET_FORM);
}

/* A worksheet of so many copies of a text between a head and an end. */
static int read_many(const char *head, const char *text, size_t times, const char *end)
{
    AUTO(workbook_free) struct workbook book = {0};
    AUTO(buf_free) struct buf file = {0};
    AUTO(buf_free) struct buf all = {0};
    struct archive archive = archive_begin();
    buf_append_text(&all, head);
    for (size_t i = 0; i < times; i++) {
        buf_append_text(&all, text);
    }
    buf_append_text(&all, end);
    archive_add_usual(&archive);
    archive_add(&archive, "xl/worksheets/one.xml", buf_text(&all));
    archive_end(&file, &archive);
    return xlsx_read(&book, view_of_buf(&file));
}

static void bombs(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf file = {0};
    AUTO(buf_free) struct buf piece = {0};
    struct workbook book = {0};
    /* One part that inflates beyond the bound: some 300 KB packed. */
    for (size_t i = 0; i < 1024 * 1024; i++) {
        buf_append_u8(&piece, ' ');
    }
    struct archive archive = archive_begin();
    archive_add_usual(&archive);
    archive_add_many(&archive, "xl/worksheets/one.xml", buf_text(&piece), 257);
    archive_end(&file, &archive);
    assert_true(file.len < 2 * 1024 * 1024);
    assert_int_equal(xlsx_read(&book, view_of_buf(&file)), ERR_SHEET_LARGE);
    /* Too many entries. */
    archive = archive_begin();
    for (size_t i = 0; i <= SHEET_PARTS_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "part%zu", i);
        archive_add(&archive, name, "");
    }
    archive_end(&file, &archive);
    assert_int_equal(xlsx_read(&book, view_of_buf(&file)), ERR_SHEET_LARGE);
    /* Depth, a token without end, a cell, columns, rows. */
    assert_int_equal(read_many("", "<a>", SHEET_XML_DEPTH_MAX, ""), ERR_SHEET_FORM);
    assert_int_equal(read_many("", "<a>", SHEET_XML_DEPTH_MAX + 1, ""), ERR_SHEET_FORM);
    assert_int_equal(read_many("<a b='", "x", 4 * SHEET_XML_TOKEN_BYTES_MAX, "'/>"),
                     ERR_SHEET_LARGE);
    assert_int_equal(read_many("<worksheet><sheetData><row><c t='str'><v>", "x",
                               SHEET_CELL_BYTES_MAX + 1, "</v></c></row></sheetData></worksheet>"),
                     ERR_SHEET_LARGE);
    assert_int_equal(read_many("<worksheet><sheetData><row>", "<c><v>1</v></c>",
                               SHEET_COLUMNS_MAX + 1, "</row></sheetData></worksheet>"),
                     ERR_SHEET_LARGE);
    assert_int_equal(read_many("<worksheet><sheetData>", "<row><c><v>1</v></c></row>",
                               SHEET_ROWS_MAX, "</sheetData></worksheet>"),
                     0);
    assert_int_equal(read_many("<worksheet><sheetData>", "<row><c><v>1</v></c></row>",
                               SHEET_ROWS_MAX + 1, "</sheetData></worksheet>"),
                     ERR_SHEET_LARGE);
    /* The same range again and again: filled so often only. */
    assert_int_equal(read_many("<worksheet><sheetData><row><c><v>1</v></c></row></sheetData>"
                               "<mergeCells>",
                               "<mergeCell ref='A1:IV1'/>", SHEET_CELLS_MAX / 256 + 1,
                               "</mergeCells></worksheet>"),
                     ERR_SHEET_LARGE);
}

/* A sheet that programs do not show is read, and known for it. */
static void hidden_sheets_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        bool hidden;
    } cases[] = {
        {"", false},
        {"state='visible'", false},
        {"state='hidden'", true},
        {"state='veryHidden'", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(workbook_free) struct workbook book = {0};
        AUTO(buf_free) struct buf file = {0};
        AUTO(buf_free) struct buf outline = {0};
        struct archive archive = archive_begin();
        buf_append_format(&outline,
                          "<workbook xmlns:r='x'><sheets><sheet name='a' r:id='r1' %s/></sheets>"
                          "</workbook>",
                          cases[i].state);
        archive_add_around(&archive, buf_text(&outline));
        archive_add(&archive, "xl/worksheets/one.xml", SHEET("<row><c><v>1</v></c></row>"));
        archive_end(&file, &archive);
        assert_int_equal(xlsx_read(&book, view_of_buf(&file)), 0);
        assert_int_equal(book.count, 1);
        assert_int_equal(book.sheets[0].count, 1);
        assert_int_equal(book.sheets[0].hidden, cases[i].hidden);
    }
}

/* One long text that every cell shares is counted in each. */
static void a_shared_text_counts_in_every_cell(void **state)
{
    (void)state;
    struct workbook book = {0};
    struct sheet *sheet = NULL;
    AUTO(buf_free) struct buf text = {0};
    const char *shared = NULL;
    for (size_t i = 0; i < SHEET_CELL_BYTES_MAX; i++) {
        buf_append_u8(&text, 'x');
    }
    assert_int_equal(workbook_add(&sheet, &book, "s"), 0);
    assert_int_equal(workbook_keep(&shared, &book, view_of_buf(&text)), 0);
    for (size_t i = 0; i < SHEET_TEXT_BYTES_MAX / SHEET_CELL_BYTES_MAX; i++) {
        assert_int_equal(workbook_set_shared(&book, sheet, i + 1, 0, shared, 0), 0);
    }
    assert_int_equal(workbook_set_shared(&book, sheet, SHEET_ROWS_MAX, 0, "y", 0), ERR_SHEET_LARGE);
    workbook_free(&book);
}

static void columns_by_name(void **state)
{
    (void)state;
    static const struct {
        size_t column;
        const char *name;
    } cases[] = {{0, "A"},   {25, "Z"},   {26, "AA"},  {51, "AZ"},
                 {52, "BA"}, {255, "IV"}, {701, "ZZ"}, {702, "AAA"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[SHEET_COLUMN_CHARS];
        sheet_column_name(name, cases[i].column);
        assert_string_equal(name, cases[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cells_show),
        cmocka_unit_test(serial_numbers_of_days),
        cmocka_unit_test(formats_that_show_dates),
        cmocka_unit_test(merged_cells_show_one_text),
        cmocka_unit_test(worksheets_refused),
        cmocka_unit_test(archives_refused),
        cmocka_unit_test(bombs),
        cmocka_unit_test(hidden_sheets_are_known),
        cmocka_unit_test(a_shared_text_counts_in_every_cell),
        cmocka_unit_test(columns_by_name),
    };
    return cmocka_run_group_tests_name("xlsx", tests, scratch_make, scratch_remove);
}
