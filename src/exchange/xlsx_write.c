/* .xlsx by libxlsxwriter. The library writes to a path: here that of a file in memory, so that the
 * bytes go out as any other file's do (file_create, or an answer). Lists of choices stand in a
 * hidden sheet of their own: as text in the rule they may have no more than 255 characters. */
#include "exchange/xlsx.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
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

int xlsx_write(struct buf *out, const struct workbook *book, const struct xlsx_look *looks)
{
    char path[64];
    AUTO(fd_close) int fd = memfd_create("dirchain.xlsx", MFD_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct writer writer = {.book = memory_must(workbook_new(path))};
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
    check(&writer, workbook_close(writer.book)); /* frees it too */
    return writer.error != 0 ? writer.error : read_back(out, fd);
}
