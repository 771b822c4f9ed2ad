/* One worksheet: <sheetData> of rows and cells in order, then <mergeCells>. What else a worksheet
 * may hold (formulas, formats, drawings, links) is passed over. */
#include "exchange/xlsx_internal.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/xlsx_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_NUMBER_MAX 1048576 /* of the format */

struct range {
    size_t first_row, last_row;
    size_t first_column, last_column;
};

struct sheet_reader {
    struct xlsx_file *file;
    struct sheet *sheet;
    size_t row;    /* of the open row, or of the last one */
    size_t column; /* of the open cell */
    size_t next;   /* column of a cell that names none */
    bool in_cell;
    bool in_text;      /* of <v>, or of <t> in <is> */
    bool in_inline;    /* <is> */
    bool in_phonetics; /* <rPh>: how it is read aloud */
    char type[16];
    size_t style;
    struct buf text;
    struct range *merges;
    size_t merge_count;
};

static void sheet_reader_free(struct sheet_reader *reader)
{
    buf_free(&reader->text);
    memory_free(reader->merges);
}

/* "BC12" → row 12, column 54. False if it is no such thing; *rest is behind it. */
static bool reference_read(size_t *row, size_t *column, const char *text, const char **rest)
{
    size_t letters = 0, digits = 0;
    *row = *column = 0;
    for (; *text >= 'A' && *text <= 'Z' && letters < 3; text++, letters++) {
        *column = *column * 26 + (size_t)(*text - 'A') + 1;
    }
    for (; *text >= '0' && *text <= '9' && digits < 7; text++, digits++) {
        *row = *row * 10 + (size_t)(*text - '0');
    }
    *rest = text;
    --*column;
    return letters > 0 && *row > 0 && *row <= ROW_NUMBER_MAX;
}

/* ---- opening ---- */

static int open_row(struct sheet_reader *reader, const char *const *attributes)
{
    const char *text = xlsx_xml_attribute(attributes, "r");
    char *end = NULL;
    unsigned long number = text == NULL ? reader->row + 1 : strtoul(text, &end, 10);
    bool good = text == NULL || (end != text && *end == 0);
    if (!good || number <= reader->row || number > ROW_NUMBER_MAX) {
        return ERR_SHEET_FORM;
    }
    reader->row = number;
    reader->next = 0;
    return 0;
}

static int open_cell(struct sheet_reader *reader, const char *const *attributes)
{
    const char *place = xlsx_xml_attribute(attributes, "r");
    const char *type = xlsx_xml_attribute(attributes, "t");
    const char *style = xlsx_xml_attribute(attributes, "s");
    size_t row = reader->row;
    const char *rest = "";
    reader->column = reader->next;
    if (reader->in_cell || row == 0 || (type != NULL && strlen(type) >= sizeof reader->type) ||
        (place != NULL && (!reference_read(&row, &reader->column, place, &rest) || *rest != 0 ||
                           row != reader->row))) {
        return ERR_SHEET_FORM;
    }
    (void)snprintf(reader->type, sizeof reader->type, "%s", type == NULL ? "n" : type);
    reader->style = style == NULL ? 0 : strtoul(style, NULL, 10);
    reader->next = reader->column + 1;
    reader->in_cell = true;
    buf_clear(&reader->text);
    return 0;
}

static int open_merge(struct sheet_reader *reader, const char *const *attributes)
{
    const char *at = xlsx_xml_attribute(attributes, "ref");
    struct range range;
    if (at == NULL || !reference_read(&range.first_row, &range.first_column, at, &at) ||
        *at++ != ':' || !reference_read(&range.last_row, &range.last_column, at, &at) || *at != 0 ||
        range.last_row < range.first_row || range.last_column < range.first_column) {
        return ERR_SHEET_FORM;
    }
    if (reader->merge_count == SHEET_MERGES_MAX) {
        return ERR_SHEET_LARGE;
    }
    if ((reader->merge_count & (reader->merge_count - 1)) == 0) { /* a power of two: it is full */
        size_t capacity = reader->merge_count == 0 ? 1 : 2 * reader->merge_count;
        reader->merges = memory_resize(reader->merges, capacity * sizeof *reader->merges);
    }
    reader->merges[reader->merge_count++] = range;
    return 0;
}

static int on_open(void *context, const char *name, const char *const *attributes)
{
    struct sheet_reader *reader = context;
    if (strcmp(name, "row") == 0) {
        return open_row(reader, attributes);
    }
    if (strcmp(name, "c") == 0) {
        return open_cell(reader, attributes);
    }
    if (strcmp(name, "mergeCell") == 0) {
        return open_merge(reader, attributes);
    }
    reader->in_inline = reader->in_inline || (reader->in_cell && strcmp(name, "is") == 0);
    reader->in_phonetics = reader->in_phonetics || strcmp(name, "rPh") == 0;
    reader->in_text = reader->in_cell && !reader->in_phonetics &&
                      strcmp(name, reader->in_inline ? "t" : "v") == 0;
    return 0;
}

/* ---- values ---- */

static int set(struct sheet_reader *reader, const char *text, int error)
{
    return text[0] == 0 ? 0
                        : workbook_set(reader->file->book, reader->sheet, reader->row,
                                       reader->column, text, error);
}

static int set_shared(struct sheet_reader *reader, const char *text)
{
    char *end = NULL;
    unsigned long index = strtoul(text, &end, 10);
    if (end == text || *end != 0 || index >= reader->file->string_count) {
        return ERR_SHEET_FORM;
    }
    const char *shared = reader->file->strings[index];
    return shared[0] == 0 ? 0
                          : workbook_set_shared(reader->file->book, reader->sheet, reader->row,
                                                reader->column, shared, 0);
}

static int set_number(struct sheet_reader *reader, const char *text)
{
    char value[XLSX_VALUE_CHARS];
    const struct xlsx_file *file = reader->file;
    bool date = reader->style < file->date_count && file->dates[reader->style];
    if (date && xlsx_date_text(value, text, file->from_1904) == 0) {
        return set(reader, value, 0);
    }
    int error = xlsx_number_text(value, text);
    return set(reader, value, date ? ERR_DATE : error);
}

static int set_text(struct sheet_reader *reader, const char *text)
{
    AUTO(buf_free) struct buf decoded = {0};
    xlsx_text_append(&decoded, text);
    return set(reader, buf_text(&decoded), 0);
}

static int close_cell(struct sheet_reader *reader)
{
    const char *text = buf_text(&reader->text);
    const char *type = reader->type;
    reader->in_cell = false;
    if (text[0] == 0) {
        return 0;
    }
    if (strcmp(type, "s") == 0) {
        return set_shared(reader, text);
    }
    if (strcmp(type, "n") == 0) {
        return set_number(reader, text);
    }
    if (strcmp(type, "b") == 0) {
        return set(reader, strcmp(text, "0") == 0 ? "FALSE" : "TRUE", 0);
    }
    if (strcmp(type, "e") == 0) {
        return set(reader, text, ERR_CELL_ERROR);
    }
    bool known =
        strcmp(type, "str") == 0 || strcmp(type, "inlineStr") == 0 || strcmp(type, "d") == 0;
    return known ? set_text(reader, text) : ERR_SHEET_FORM;
}

static int on_close(void *context, const char *name)
{
    struct sheet_reader *reader = context;
    reader->in_text = false;
    if (strcmp(name, "is") == 0) {
        reader->in_inline = false;
    } else if (strcmp(name, "rPh") == 0) {
        reader->in_phonetics = false;
    }
    return reader->in_cell && strcmp(name, "c") == 0 ? close_cell(reader) : 0;
}

static int on_text(void *context, struct view text)
{
    struct sheet_reader *reader = context;
    if (!reader->in_text) {
        return 0;
    }
    buf_append_view(&reader->text, text);
    return reader->text.len > SHEET_CELL_BYTES_MAX ? ERR_SHEET_LARGE : 0;
}

/* ---- merged ranges ---- */

/* The range's text in all of its cells, of those rows that hold anything. Ranges do not overlap in
 * a sound file; in any other the cells that are filled are bounded all the same. */
static int fill(struct sheet_reader *reader, const struct range *range, size_t *filled)
{
    const struct sheet *sheet = reader->sheet;
    const char *text = sheet_row_text(sheet_row_at(sheet, range->first_row), range->first_column);
    size_t end =
        range->last_column < SHEET_COLUMNS_MAX ? range->last_column + 1 : SHEET_COLUMNS_MAX;
    int error = 0;
    for (size_t i = sheet_row_from(sheet, range->first_row);
         text[0] != 0 && i < sheet->count && sheet->rows[i].number <= range->last_row; i++) {
        for (size_t column = range->first_column; error == 0 && column < end; column++) {
            error = ++*filled > SHEET_CELLS_MAX
                        ? ERR_SHEET_LARGE
                        : workbook_fill(reader->file->book, &sheet->rows[i], column, text);
        }
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int xlsx_sheet_read(struct xlsx_file *file, struct sheet *sheet, const char *part)
{
    static const struct xlsx_events events = {.open = on_open, .close = on_close, .text = on_text};
    AUTO(sheet_reader_free) struct sheet_reader reader = {.file = file, .sheet = sheet};
    size_t filled = 0;
    int error = xlsx_xml_read(file->parts, part, &events, &reader);
    for (size_t i = 0; error == 0 && i < reader.merge_count; i++) {
        error = fill(&reader, &reader.merges[i], &filled);
    }
    return error;
}
