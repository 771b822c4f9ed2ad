/* Tables from files of either form, and CSV out of a sheet.
 *
 * The apostrophe: a text of ledger documents comes from other agencies, and "=…" in a CSV file is
 * run by whoever opens it. 'TEXT is written where TEXT begins with apostrophes, none or more, and
 * then with a sign that starts a formula; reading takes one off. So every text comes back. */
#include "exchange/sheet_file.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/csv.h"
#include "exchange/paths.h"
#include "exchange/xlsx.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char mark_utf8[] = "\xef\xbb\xbf";

static bool begins_with(struct view bytes, const char *magic)
{
    size_t len = strlen(magic);
    return bytes.len >= len && memcmp(bytes.data, magic, len) == 0;
}

enum sheet_form sheet_form_of(struct view bytes)
{
    if (begins_with(bytes, "PK\x03\x04") || begins_with(bytes, "PK\x05\x06")) {
        return SHEET_FORM_XLSX;
    }
    if (begins_with(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) { /* OLE2 */
        return SHEET_FORM_OLD;
    }
    size_t at = begins_with(bytes, mark_utf8) ? strlen(mark_utf8) : 0;
    while (at < bytes.len && strchr(" \t\r\n", bytes.data[at]) != NULL && bytes.data[at] != 0) {
        at++;
    }
    bool json = at < bytes.len && (bytes.data[at] == '{' || bytes.data[at] == '[');
    return json ? SHEET_FORM_LINES : SHEET_FORM_CSV;
}

/* ---- CSV in ---- */

/* Whether the text begins with apostrophes and then with what starts a formula. */
static bool formula_like(const char *text)
{
    text += strspn(text, "'");
    return *text != 0 && strchr("=+-@\t", *text) != NULL;
}

static int read_cell(struct workbook *book, struct sheet *sheet, size_t row, size_t column,
                     struct view cell, struct buf *value)
{
    buf_clear(value);
    csv_cell_value(value, cell);
    size_t kept = 0; /* line ends are \n in all texts */
    for (size_t i = 0; i < value->len; i++) {
        bool pair = value->data[i] == '\r' && i + 1 < value->len && value->data[i + 1] == '\n';
        if (!pair) {
            value->data[kept++] = value->data[i] == '\r' ? '\n' : value->data[i];
        }
    }
    value->len = kept;
    if (!doc_text_valid(view_of_buf(value))) {
        return ERR_TABLE_ENCODING;
    }
    const char *text = buf_text(value);
    text += text[0] == '\'' && formula_like(text);
    return text[0] == 0 ? 0 : workbook_set(book, sheet, row, column, text, 0);
}

static int read_csv(struct workbook *book, size_t *row, int fd, uint64_t bytes, const char *name)
{
    struct csv_record *record = memory_alloc(sizeof *record);
    AUTO(csv_reader_close) struct csv_reader *reader = csv_reader_open(fd, bytes, 0);
    AUTO(buf_free) struct buf value = {0};
    struct sheet *sheet = NULL;
    bool more = true;
    int error = workbook_add(&sheet, book, name);
    while (error == 0 && (error = csv_next(reader, record, &more, NULL)) == 0 && more) {
        for (size_t i = 0; error == 0 && i < record->count; i++) {
            error = read_cell(book, sheet, csv_reader_row(reader), i, record->cell[i], &value);
        }
    }
    /* A record that cannot be read is the one after the last that could. */
    *row = error == 0 ? 0 : csv_reader_row(reader) + (error == ERR_CSV);
    memory_free(record);
    return error == ERR_TOO_LARGE ? ERR_SHEET_LARGE : error;
}

int sheet_csv_add(struct workbook *book, size_t *row, const char *path, uint64_t bytes,
                  const char *name)
{
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    *row = 0;
    return fd < 0 ? file_error(errno) : read_csv(book, row, fd, bytes, name);
}

int sheet_file_read(struct workbook *out, size_t *row, const char *path, struct view bytes,
                    const char *name)
{
    *out = (struct workbook){0};
    *row = 0;
    switch (sheet_form_of(bytes)) {
    case SHEET_FORM_XLSX:
        return xlsx_read(out, bytes);
    case SHEET_FORM_CSV:
        break;
    case SHEET_FORM_OLD:
        return ERR_SHEET_OLD;
    case SHEET_FORM_LINES:
        return ERR_SHEET_FORM;
    }
    int error = sheet_csv_add(out, row, path, bytes.len, name);
    if (error != 0) {
        workbook_free(out);
    }
    return error;
}

/* ---- CSV out ---- */

static void append_cell(struct buf *out, const char *text)
{
    bool guarded = formula_like(text);
    bool quoted = guarded || text[strcspn(text, ",;\t|\"\r\n")] != 0;
    if (!quoted) {
        buf_append_text(out, text);
        return;
    }
    buf_append_text(out, guarded ? "\"'" : "\"");
    for (; *text != 0; text++) {
        buf_append_text(out, *text == '"' ? "\"" : "");
        buf_append_u8(out, (uint8_t)*text);
    }
    buf_append_text(out, "\"");
}

void sheet_append_csv(struct buf *out, const struct sheet *sheet)
{
    size_t columns = sheet->count == 0 ? 0 : sheet->rows[0].count;
    buf_append_text(out, mark_utf8);
    for (size_t i = 0; i < sheet->count; i++) {
        for (size_t k = 0; k < columns || k < sheet->rows[i].count; k++) {
            buf_append_text(out, k == 0 ? "" : ",");
            append_cell(out, sheet_row_text(&sheet->rows[i], k));
        }
        buf_append_text(out, "\r\n");
    }
}
