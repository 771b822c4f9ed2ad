/* Tables in text (RFC 4180, with any of , ; | and tab between cells). Cells keep their bytes as
 * they stand in the file, quotes included, so that what is passed on is passed on unchanged; blank
 * lines are no records. A record is bounded in bytes and cells.
 *
 * A quote opens a quoted cell only at its start; elsewhere it is a character like any other. */
#ifndef DIRCHAIN_EXCHANGE_CSV_H
#define DIRCHAIN_EXCHANGE_CSV_H

#include "base/bytes.h"
#include "base/limits.h"

struct csv_record {
    size_t count;
    struct view cell[CSV_COLUMNS_MAX]; /* borrowed until the next record */
};

struct csv_reader;
/* Reads the first so many bytes of a file; a byte order mark is passed over. delimiter 0: the one
 * that the first line has most of. The descriptor stays the caller's. */
struct csv_reader *csv_reader_open(int fd, uint64_t bytes, char delimiter);
void csv_reader_close(struct csv_reader **reader);
char csv_reader_delimiter(struct csv_reader *reader);
/* Number of the record read last, from 1, blank lines counted: the row that programs show. */
size_t csv_reader_row(const struct csv_reader *reader);
/* *more is false at the end. ERR_CSV, ERR_TOO_LARGE (record), ERR_DIGEST (the file shrank), ERR_IO.
 * *whole (may be NULL): the record was ended by a line end, not by the end of the bytes. */
int csv_next(struct csv_reader *reader, struct csv_record *record, bool *more, bool *whole);

/* Records after the header; each must have as many cells as the header. ERR_CSV and as above. Of a
 * part of a file (`part`), only those that have ended count, and one that is cut in two is no
 * error. */
int csv_count_rows(int64_t *rows, int fd, uint64_t bytes, char delimiter, bool part);

/* The value of a cell: without its quotes, doubled quotes made single. Appends. */
void csv_cell_value(struct buf *out, struct view cell);

#endif
