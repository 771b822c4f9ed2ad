/* The reader: a window over the file that holds at least one whole record.
 *
 *   window: [ … consumed | record being looked for … | more bytes read ]
 *                          ^ start                     ^ end of what is read */
#include "exchange/csv.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/paths.h"

#include <string.h>

#define READ_BYTES (64 * 1024)

struct csv_reader {
    int fd;
    uint64_t offset; /* of the next byte to read */
    uint64_t bytes;  /* where the table ends */
    char delimiter;
    struct buf window;
    size_t start;
    size_t row;
};

struct csv_reader *csv_reader_open(int fd, uint64_t bytes, char delimiter)
{
    struct csv_reader *reader = memory_alloc(sizeof *reader);
    reader->fd = fd;
    reader->bytes = bytes;
    reader->delimiter = delimiter;
    return reader;
}

void csv_reader_close(struct csv_reader **reader)
{
    if (*reader != NULL) {
        buf_free(&(*reader)->window);
        memory_free(*reader);
        *reader = NULL;
    }
}

static bool at_end(const struct csv_reader *reader)
{
    return reader->offset == reader->bytes;
}

size_t csv_reader_row(const struct csv_reader *reader)
{
    return reader->row;
}

/* Reads on, moving what is still needed to the front. */
static int window_fill(struct csv_reader *reader)
{
    struct buf *window = &reader->window;
    if (window->len - reader->start > CSV_RECORD_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    if (reader->start > 0) {
        memmove(window->data, window->data + reader->start, window->len - reader->start);
        window->len -= reader->start;
        reader->start = 0;
    }
    uint64_t left = reader->bytes - reader->offset;
    size_t len = left < READ_BYTES ? (size_t)left : READ_BYTES;
    buf_reserve(window, len + 1);
    if (file_read_all(reader->fd, window->data + window->len, len, reader->offset) != 0) {
        struct file_mark mark;
        bool shrank = file_mark_of(&mark, reader->fd) == 0 && mark.bytes < reader->bytes;
        return shrank ? ERR_DIGEST : ERR_IO;
    }
    window->len += len;
    reader->offset += len;
    return 0;
}

/* ---- the start of the file ---- */

static char guess_delimiter(struct view line)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t count[sizeof candidates] = {0};
    bool quoted = false;
    for (size_t i = 0; i < line.len && (quoted || line.data[i] != '\n'); i++) {
        quoted = quoted != (line.data[i] == '"');
        for (size_t k = 0; !quoted && k < sizeof candidates; k++) {
            count[k] += line.data[i] == (uint8_t)candidates[k];
        }
    }
    size_t best = 0;
    for (size_t k = 1; k < sizeof candidates; k++) {
        best = count[k] > count[best] ? k : best;
    }
    return candidates[best];
}

static int reader_begin(struct csv_reader *reader)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (reader->offset > 0) {
        return 0;
    }
    int error = window_fill(reader);
    if (error == 0 && reader->window.len >= 3 && memcmp(reader->window.data, mark, 3) == 0) {
        reader->start = 3;
    }
    if (error == 0 && reader->delimiter == 0) {
        reader->delimiter = guess_delimiter(
            view_of(reader->window.data + reader->start, reader->window.len - reader->start));
    }
    return error;
}

char csv_reader_delimiter(struct csv_reader *reader)
{
    (void)reader_begin(reader); /* an error is met again by csv_next */
    return reader->delimiter;
}

/* ---- records ---- */

/* SHORT: more bytes are needed to tell. */
enum scan { SCAN_CELL, SCAN_LINE_END, SCAN_SHORT, SCAN_BAD };

/* *at is behind the opening quote; moves it behind the closing one. */
static bool skip_quoted(size_t *at, struct view text, bool last)
{
    for (;;) {
        const uint8_t *quote = *at < text.len ? memchr(text.data + *at, '"', text.len - *at) : NULL;
        if (quote == NULL) {
            return false;
        }
        *at = (size_t)(quote - text.data) + 1;
        if (*at == text.len) {
            return last; /* the next byte could be a second quote */
        }
        if (text.data[*at] != '"') {
            return true;
        }
        ++*at;
    }
}

/* What follows a cell that ends at `end`; *next is behind it. */
static enum scan scan_after(size_t *next, struct view text, size_t end, char by, bool last)
{
    *next = end + 1;
    if (end == text.len) {
        *next = end;
        return last ? SCAN_LINE_END : SCAN_SHORT;
    }
    if (text.data[end] == (uint8_t)by || text.data[end] == '\n') {
        return text.data[end] == '\n' ? SCAN_LINE_END : SCAN_CELL;
    }
    if (text.data[end] != '\r') {
        return SCAN_BAD;
    }
    return scan_after(next, text, end + 1, '\n', last); /* only a line end may follow */
}

static enum scan scan_cell(struct view *cell, size_t *at, struct view text, char by, bool last)
{
    size_t begin = *at, end = *at;
    bool quoted = end < text.len && text.data[end] == '"';
    if (quoted) {
        end++;
        if (!skip_quoted(&end, text, last)) {
            return last ? SCAN_BAD : SCAN_SHORT;
        }
    } else {
        while (end < text.len && text.data[end] != (uint8_t)by && text.data[end] != '\n') {
            end++;
        }
    }
    enum scan scan = scan_after(at, text, end, by, last);
    if (scan == SCAN_LINE_END && !quoted && end > begin && text.data[end - 1] == '\r') {
        end--;
    }
    *cell = view_of(text.data + begin, end - begin);
    return scan;
}

/* One record from the start of the text; *used bytes with its line end. `last`: no more bytes come.
 */
static enum scan scan_record(struct csv_record *record, size_t *used, struct view text, char by,
                             bool last)
{
    enum scan scan = SCAN_CELL;
    *used = 0;
    record->count = 0;
    while (scan == SCAN_CELL) {
        if (record->count == CSV_COLUMNS_MAX) {
            return SCAN_BAD;
        }
        scan = scan_cell(&record->cell[record->count++], used, text, by, last);
    }
    return scan;
}

static bool is_blank(const struct csv_record *record)
{
    return record->count == 1 && record->cell[0].len == 0;
}

int csv_next(struct csv_reader *reader, struct csv_record *record, bool *more, bool *whole)
{
    int error = reader_begin(reader);
    while (error == 0) {
        struct view text =
            view_of(reader->window.data + reader->start, reader->window.len - reader->start);
        if (text.len == 0 && at_end(reader)) {
            *more = false;
            return 0;
        }
        size_t used = 0;
        enum scan scan = text.len == 0
                             ? SCAN_SHORT
                             : scan_record(record, &used, text, reader->delimiter, at_end(reader));
        if (scan == SCAN_BAD) {
            return ERR_CSV;
        }
        if (scan == SCAN_SHORT) {
            error = window_fill(reader);
            continue;
        }
        reader->start += used;
        reader->row++;
        if (!is_blank(record)) {
            *more = true;
            if (whole != NULL) {
                *whole = text.data[used - 1] == '\n';
            }
            return used > CSV_RECORD_BYTES_MAX ? ERR_TOO_LARGE : 0;
        }
    }
    return error;
}

int csv_count_rows(int64_t *rows, int fd, uint64_t bytes, char delimiter, bool part)
{
    struct csv_record *record = memory_alloc(sizeof *record);
    AUTO(csv_reader_close) struct csv_reader *reader = csv_reader_open(fd, bytes, delimiter);
    int64_t count = 0;
    size_t columns = 0;
    bool more = true, whole = false;
    int error = 0;
    while (error == 0 && more) {
        error = csv_next(reader, record, &more, &whole);
        if (error == 0 && more && (whole || !part)) {
            columns = columns == 0 ? record->count : columns;
            error = record->count == columns ? 0 : ERR_CSV;
            count++;
        }
    }
    if (part && error == ERR_CSV && at_end(reader)) {
        error = 0; /* a quoted cell that is cut in two; what came before has been counted */
    }
    memory_free(record);
    *rows = count > 0 ? count - 1 : 0;
    return error;
}

void csv_cell_value(struct buf *out, struct view cell)
{
    if (cell.len < 2 || cell.data[0] != '"') {
        buf_append_view(out, cell);
        return;
    }
    for (size_t i = 1; i + 1 < cell.len; i++) {
        buf_append_u8(out, cell.data[i]);
        i += cell.data[i] == '"';
    }
}
