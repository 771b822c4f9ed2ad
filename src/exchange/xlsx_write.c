/* .xlsx by libxlsxwriter. The library writes to a path: here that of a file in memory, so that the
 * bytes go out as any other file's do (file_create, or an answer). Lists of choices stand in a
 * hidden sheet of their own: as text in the rule they may have no more than 255 characters. */
#include "exchange/xlsx.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/form.h"
#include "exchange/paths.h"
#include "exchange/xlsx_value.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <xlsxwriter.h>

#define LISTS_NAME "选项"
#define HEADING_COLOUR 0xDDE7F3
#define REQUIRED_COLOUR 0xFBE3D6
#define EXAMPLE_COLOUR 0x7F7F7F
#define FORMULA_BYTES 64
#define CELL_CHARS_MAX 32767

struct writer {
    lxw_workbook *book;
    lxw_format *text, *heading, *required, *example;
    lxw_worksheet *lists;
    lxw_col_t list_count;
    int error;
};

static lxw_format *format_new(struct writer *writer)
{
    lxw_format *format = memory_must(workbook_add_format(writer->book));
    format_set_num_format(format, "@");
    format_set_text_wrap(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    return format;
}

static lxw_format *format_of_heading(struct writer *writer, lxw_color_t colour)
{
    lxw_format *format = format_new(writer);
    format_set_bold(format);
    format_set_bg_color(format, colour);
    format_set_border(format, LXW_BORDER_THIN);
    return format;
}

static void formats_make(struct writer *writer)
{
    writer->text = format_new(writer);
    writer->heading = format_of_heading(writer, HEADING_COLOUR);
    writer->required = format_of_heading(writer, REQUIRED_COLOUR);
    writer->example = format_new(writer);
    format_set_italic(writer->example);
    format_set_font_color(writer->example, EXAMPLE_COLOUR);
}

static void check(struct writer *writer, lxw_error error)
{
    if (error != LXW_NO_ERROR && writer->error == 0) {
        writer->error = error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED ? ERR_SHEET_LARGE : ERR_IO;
    }
}

/* ---- drop-down lists ---- */

static void choices_write(struct writer *writer, lxw_worksheet *sheet, const struct xlsx_look *look,
                          size_t column, size_t rows)
{
    char formula[FORMULA_BYTES];
    char name[LXW_MAX_COL_NAME_LENGTH];
    const char *const *choices = (const char *const *)look->columns[column].choices;
    lxw_row_t count = 0;
    for (; choices[count] != NULL; count++) {
        check(writer, worksheet_write_string(writer->lists, count, writer->list_count,
                                             choices[count], NULL));
    }
    lxw_col_to_name(name, writer->list_count++, 1);
    (void)snprintf(formula, sizeof formula, "='" LISTS_NAME "'!%s$1:%s$%u", name, name,
                   (unsigned)count);
    lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
                                .value_formula = formula,
                                .ignore_blank = LXW_VALIDATION_ON,
                                .error_title = "请从列表中选择",
                                .error_message = "可选值见下拉列表和填写说明。"};
    check(writer, worksheet_data_validation_range(sheet, look->heading, (lxw_col_t)column,
                                                  (lxw_row_t)rows, (lxw_col_t)column, &rule));
}

/* ---- sheets ---- */

static lxw_format *format_of_cell(const struct writer *writer, const struct xlsx_look *look,
                                  size_t row, size_t column)
{
    if (look->heading && row == 1) {
        bool required = column < look->count && look->columns[column].required;
        return required ? writer->required : writer->heading;
    }
    return row == look->example ? writer->example : writer->text;
}

static void sheet_write(struct writer *writer, lxw_worksheet *out, const struct sheet *sheet,
                        const struct xlsx_look *look)
{
    size_t last = sheet->count == 0 ? 1 : sheet->rows[sheet->count - 1].number;
    for (size_t i = 0; i < look->count; i++) {
        double width = look->columns[i].width == 0 ? LXW_DEF_COL_WIDTH : look->columns[i].width;
        check(writer, worksheet_set_column(out, (lxw_col_t)i, (lxw_col_t)i, width, writer->text));
        if (look->columns[i].choices != NULL) {
            choices_write(writer, out, look, i, last + look->open_rows);
        }
    }
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_row *row = &sheet->rows[i];
        for (size_t k = 0; k < row->count; k++) {
            AUTO(buf_free) struct buf text = {0};
            xlsx_text_escape(&text, row->cells[k].text);
            if (text.len > 0) {
                check(writer, worksheet_write_string(out, (lxw_row_t)(row->number - 1),
                                                     (lxw_col_t)k, buf_text(&text),
                                                     format_of_cell(writer, look, row->number, k)));
            }
        }
    }
    worksheet_set_paper(out, 9); /* A4 */
    worksheet_set_landscape(out);
    worksheet_fit_to_pages(out, 1, 0);
    if (look->heading) {
        worksheet_freeze_panes(out, 1, 0);
        check(writer, worksheet_repeat_rows(out, 0, 0));
    }
}

static int read_back(struct buf *out, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0) {
        return ERR_IO;
    }
    size_t len = (size_t)status.st_size;
    buf_reserve(out, len);
    int error = file_read_all(fd, out->data + out->len, len, 0);
    out->len += error == 0 ? len : 0;
    return error;
}

/* A workbook of the library that writes to a file in memory. */
static int book_open(struct writer *writer, int *fd)
{
    char path[64];
    *fd = memfd_create("dirchain.xlsx", MFD_CLOEXEC);
    if (*fd < 0) {
        return ERR_IO;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
    *writer = (struct writer){.book = memory_must(workbook_new(path))};
    return 0;
}

static int book_close(struct buf *out, struct writer *writer, int fd)
{
    check(writer, workbook_close(writer->book)); /* frees it too */
    return writer->error != 0 ? writer->error : read_back(out, fd);
}

int xlsx_write(struct buf *out, const struct workbook *book, const struct xlsx_look *looks)
{
    struct writer writer;
    AUTO(fd_close) int fd = -1;
    int error = book_open(&writer, &fd);
    if (error != 0) {
        return error;
    }
    bool lists = false;
    formats_make(&writer);
    lxw_worksheet *sheets[SHEETS_MAX];
    for (size_t i = 0; i < book->count; i++) {
        sheets[i] = workbook_add_worksheet(writer.book, book->sheets[i].name);
        for (size_t k = 0; k < looks[i].count; k++) {
            lists = lists || looks[i].columns[k].choices != NULL;
        }
    }
    if (lists) {
        writer.lists = workbook_add_worksheet(writer.book, LISTS_NAME);
    }
    for (size_t i = 0; i < book->count; i++) {
        if (sheets[i] == NULL) {
            check(&writer, LXW_ERROR_SHEETNAME_LENGTH_EXCEEDED);
        } else {
            sheet_write(&writer, sheets[i], &book->sheets[i], &looks[i]);
        }
    }
    if (writer.lists != NULL) {
        worksheet_hide(writer.lists);
    }
    return book_close(out, &writer, fd);
}

/* ---- forms (form.h) ---- */

#define FORM_COLUMN_WIDTH 21
#define FORM_ROW_POINTS 26
#define FORM_LINE_POINTS 16
#define FORM_TALL_POINTS 96
#define FORM_LINE_CHARS 10 /* Chinese ones in a column */

struct form_formats {
    lxw_format *title, *number, *label, *text, *tall;
};

static lxw_format *form_format(struct writer *writer, uint8_t across, uint8_t down, bool boxed)
{
    lxw_format *format = memory_must(workbook_add_format(writer->book));
    format_set_num_format(format, "@");
    format_set_text_wrap(format);
    format_set_font_name(format, "宋体");
    format_set_font_size(format, 12);
    format_set_align(format, across);
    format_set_align(format, down);
    if (boxed) {
        format_set_border(format, LXW_BORDER_THIN);
    }
    return format;
}

static struct form_formats form_formats(struct writer *writer)
{
    struct form_formats formats = {
        .title = form_format(writer, LXW_ALIGN_CENTER, LXW_ALIGN_VERTICAL_CENTER, false),
        .number = form_format(writer, LXW_ALIGN_LEFT, LXW_ALIGN_VERTICAL_CENTER, false),
        .label = form_format(writer, LXW_ALIGN_CENTER, LXW_ALIGN_VERTICAL_CENTER, true),
        .text = form_format(writer, LXW_ALIGN_LEFT, LXW_ALIGN_VERTICAL_CENTER, true),
        .tall = form_format(writer, LXW_ALIGN_LEFT, LXW_ALIGN_VERTICAL_TOP, true)};
    format_set_bold(formats.title);
    format_set_font_size(formats.title, 18);
    format_set_bold(formats.label);
    return formats;
}

/* Whether a cell holds the text. The library notices too, but not where boxes are merged: there it
 * leaves the box empty. */
static bool fits_cell(const char *text)
{
    size_t chars = 0;
    for (; *text != 0; text++) {
        chars += ((unsigned char)*text & 0xc0) != 0x80; /* not within a character */
    }
    return chars <= CELL_CHARS_MAX;
}

static void form_box(struct writer *writer, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
                     int64_t span, const char *text, lxw_format *format)
{
    AUTO(buf_free) struct buf escaped = {0};
    xlsx_text_escape(&escaped, text == NULL ? "" : text);
    lxw_col_t last = (lxw_col_t)(column + span - 1);
    if (!fits_cell(buf_text(&escaped))) {
        check(writer, LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED);
        return;
    }
    check(writer,
          span > 1
              ? worksheet_merge_range(sheet, row, column, row, last, buf_text(&escaped), format)
              : worksheet_write_string(sheet, row, column, buf_text(&escaped), format));
}

/* Lines that a text takes in a box: merged boxes do not grow by themselves. */
static unsigned lines_of(const char *text, int64_t span)
{
    unsigned lines = 1;
    int64_t chars = 0;
    for (; text != NULL && *text != 0; text++) {
        bool more = ((unsigned char)*text & 0xc0) == 0x80; /* of the same character */
        chars += !more;
        if (*text == '\n' || chars > span * FORM_LINE_CHARS) {
            lines++;
            chars = *text == '\n' ? 0 : 1;
        }
    }
    return lines;
}

static void form_row(struct writer *writer, lxw_worksheet *sheet, lxw_row_t at,
                     const struct doc *row, const struct form_formats *formats)
{
    bool tall = doc_get_bool(row, "tall", false);
    const struct doc *cells = doc_get(row, "cells");
    unsigned points = tall ? FORM_TALL_POINTS : FORM_ROW_POINTS;
    lxw_col_t column = 0;
    for (size_t i = 0; i < doc_count(cells); i++) {
        const struct doc *cell = doc_at(cells, i);
        const char *text = doc_get_text(cell, "text");
        int64_t span = doc_get_int(cell, "span", 1);
        bool label = doc_get_bool(cell, "label", false);
        unsigned needed = lines_of(text, span) * FORM_LINE_POINTS + 10;
        form_box(writer, sheet, at, column, span, text,
                 label  ? formats->label
                 : tall ? formats->tall
                        : formats->text);
        points = needed > points ? needed : points;
        column = (lxw_col_t)(column + span);
    }
    check(writer, worksheet_set_row(sheet, at, points > 400 ? 400 : points, NULL));
}

int form_write_xlsx(struct buf *out, const struct doc *form)
{
    struct writer writer;
    AUTO(fd_close) int fd = -1;
    int error = book_open(&writer, &fd);
    if (error != 0) {
        return error;
    }
    const struct doc *rows = doc_get(form, "rows");
    int64_t columns = doc_get_int(form, "columns", 1);
    struct form_formats formats = form_formats(&writer);
    lxw_worksheet *sheet = memory_must(workbook_add_worksheet(writer.book, NULL));
    check(&writer,
          worksheet_set_column(sheet, 0, (lxw_col_t)(columns - 1), FORM_COLUMN_WIDTH, NULL));
    form_box(&writer, sheet, 0, 0, columns, doc_get_text(form, "title"), formats.title);
    check(&writer, worksheet_set_row(sheet, 0, 44, NULL));
    form_box(&writer, sheet, 1, 0, columns, doc_get_text(form, "number"), formats.number);
    for (size_t i = 0; i < doc_count(rows); i++) {
        form_row(&writer, sheet, (lxw_row_t)(i + 2), doc_at(rows, i), &formats);
    }
    worksheet_set_paper(sheet, 9); /* A4 */
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_center_horizontally(sheet);
    return book_close(out, &writer, fd);
}
