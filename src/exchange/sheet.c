/* The workbook in memory. Texts lie in blocks that only grow and are freed together; a row's cells
 * are an array of its own. Invariants: rows ascend, and `cells` and `bytes` count what is there. */
#include "exchange/sheet.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define BLOCK_BYTES (256 * 1024)

struct sheet_text {
    struct sheet_text *next;
    size_t used;
    size_t size;
    char data[];
};

void workbook_free(struct workbook *book)
{
    for (size_t i = 0; i < book->count; i++) {
        for (size_t k = 0; k < book->sheets[i].count; k++) {
            memory_free(book->sheets[i].rows[k].cells);
        }
        memory_free(book->sheets[i].rows);
        memory_free(book->sheets[i].name);
    }
    memory_free(book->sheets);
    while (book->texts != NULL) {
        struct sheet_text *next = book->texts->next;
        memory_free(book->texts);
        book->texts = next;
    }
    *book = (struct workbook){0};
}

int workbook_add(struct sheet **out, struct workbook *book, const char *name)
{
    if (book->count == SHEETS_MAX) {
        return ERR_SHEET_LARGE;
    }
    book->sheets = memory_resize(book->sheets, (book->count + 1) * sizeof *book->sheets);
    *out = &book->sheets[book->count++];
    **out = (struct sheet){.name = memory_copy_text(name)};
    return 0;
}

int workbook_keep(const char **out, struct workbook *book, struct view text)
{
    struct sheet_text *block = book->texts;
    if (text.len > SHEET_CELL_BYTES_MAX) {
        return ERR_SHEET_LARGE;
    }
    if (block == NULL || block->size - block->used < text.len + 1) {
        block = memory_alloc(sizeof *block + BLOCK_BYTES);
        block->size = BLOCK_BYTES;
        block->next = book->texts;
        book->texts = block;
    }
    char *at = block->data + block->used;
    if (text.len > 0) {
        memcpy(at, text.data, text.len);
    }
    at[text.len] = 0;
    block->used += text.len + 1;
    *out = at;
    return 0;
}

/* ---- rows ---- */

/* The last row if it has this number, otherwise a new one. */
static int row_for(struct sheet_row **out, struct sheet *sheet, size_t number)
{
    struct sheet_row *last = sheet->count == 0 ? NULL : &sheet->rows[sheet->count - 1];
    if (last != NULL && last->number >= number) {
        *out = last;
        return last->number == number ? 0 : ERR_SHEET_FORM;
    }
    if (sheet->count == SHEET_ROWS_MAX) {
        return ERR_SHEET_LARGE;
    }
    if (sheet->count == sheet->capacity) {
        sheet->capacity = sheet->capacity == 0 ? 64 : 2 * sheet->capacity;
        sheet->rows = memory_resize(sheet->rows, sheet->capacity * sizeof *sheet->rows);
    }
    *out = &sheet->rows[sheet->count++];
    **out = (struct sheet_row){.number = number};
    return 0;
}

static int row_widen(struct workbook *book, struct sheet_row *row, size_t count)
{
    if (count <= row->count) {
        return 0;
    }
    if (count > SHEET_COLUMNS_MAX || count - row->count > SHEET_CELLS_MAX - book->cells) {
        return ERR_SHEET_LARGE;
    }
    row->cells = memory_resize(row->cells, count * sizeof *row->cells);
    for (size_t i = row->count; i < count; i++) {
        row->cells[i] = (struct sheet_cell){.text = ""};
    }
    book->cells += count - row->count;
    row->count = count;
    return 0;
}

int workbook_set_shared(struct workbook *book, struct sheet *sheet, size_t row, size_t column,
                        const char *text, int error)
{
    struct sheet_row *at = NULL;
    size_t len = strlen(text);
    if (column >= SHEET_COLUMNS_MAX || len > SHEET_TEXT_BYTES_MAX - book->bytes) {
        return ERR_SHEET_LARGE;
    }
    int failed = row_for(&at, sheet, row);
    failed = failed != 0 ? failed : row_widen(book, at, column + 1);
    if (failed == 0) {
        book->bytes += len;
        at->cells[column] = (struct sheet_cell){.text = text, .error = error};
    }
    return failed;
}

int workbook_set(struct workbook *book, struct sheet *sheet, size_t row, size_t column,
                 const char *text, int error)
{
    const char *kept = "";
    int failed = workbook_keep(&kept, book, view_of_text(text));
    return failed != 0 ? failed : workbook_set_shared(book, sheet, row, column, kept, error);
}

int workbook_fill(struct workbook *book, struct sheet_row *row, size_t column, const char *text)
{
    size_t len = strlen(text);
    if (column < row->count && row->cells[column].text[0] != 0) {
        return 0;
    }
    int failed = len > SHEET_TEXT_BYTES_MAX - book->bytes ? ERR_SHEET_LARGE
                                                          : row_widen(book, row, column + 1);
    if (failed == 0) {
        book->bytes += len;
        row->cells[column].text = text;
    }
    return failed;
}

size_t sheet_row_from(const struct sheet *sheet, size_t number)
{
    size_t low = 0, high = sheet->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sheet->rows[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct sheet_row *sheet_row_at(const struct sheet *sheet, size_t number)
{
    size_t at = sheet_row_from(sheet, number);
    return at < sheet->count && sheet->rows[at].number == number ? &sheet->rows[at] : NULL;
}

const char *sheet_row_text(const struct sheet_row *row, size_t column)
{
    return row != NULL && column < row->count ? row->cells[column].text : "";
}

void sheet_column_name(char out[SHEET_COLUMN_CHARS], size_t column)
{
    char reversed[SHEET_COLUMN_CHARS];
    size_t len = 0;
    for (size_t rest = column + 1; rest > 0 && len + 1 < SHEET_COLUMN_CHARS;
         rest = (rest - 1) / 26) {
        reversed[len++] = (char)('A' + (rest - 1) % 26);
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = reversed[len - 1 - i];
    }
    out[len] = 0;
}
