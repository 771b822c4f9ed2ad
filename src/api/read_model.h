/* The explorer's read model: SQLite, filled from the chain, rebuilt from it at any time, never
 * consulted by execution. This file and the one for its pages are the only ones that know SQLite;
 * what the tables are is in read_schema.h, what goes into them in index_block.c, what is asked of
 * them in routes_lists.c.
 *
 * One thread writes; any thread reads, each read on a connection of its own. A file that belongs to
 * another chain, has another version or is damaged is thrown away and begun anew. */
#ifndef DIRCHAIN_API_READ_MODEL_H
#define DIRCHAIN_API_READ_MODEL_H

#include "base/hash.h"

struct read_model;

/* ERR_IO, ERR_DISK_FULL, ERR_FIELD_LENGTH (path). */
int read_model_open(struct read_model **out, const char *path, const struct hash *genesis);
void read_model_close(struct read_model **model); /* after every read is closed */
/* Up to where it is filled; any thread. */
uint64_t read_model_height(const struct read_model *model);
/* From which block on it knows what happened; 0 while it is empty. Any thread. */
uint64_t read_model_since(const struct read_model *model);

/* ---- writing: one thread ---- */

/* The block that the model reached last; zero at height 0. */
int read_model_tip(struct hash *hash, struct read_model *model);
int read_model_begin(struct read_model *model);
/* `sql` is a constant, prepared once. Kinds of what follows: t text (NULL: null), i int64_t.
 * ERR_CORRUPT, ERR_IO, ERR_DISK_FULL. */
int read_model_write(struct read_model *model, const char *sql, const char *kinds, ...);
/* The integer that `sql` gives first for a text, what was just written included. ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_IO. */
int read_model_find(int64_t *out, struct read_model *model, const char *sql, const char *text);
/* Filled with the blocks from `since_block` to `height`, whose hash it is. */
int read_model_commit(struct read_model *model, uint64_t since_block, uint64_t height,
                      const struct hash *hash);
void read_model_rollback(struct read_model *model);
/* Begins anew, with an empty file. Waits for reads to end. */
int read_model_reset(struct read_model *model);

/* ---- reading: any thread ---- */

struct read_rows;
/* A query; parameters follow in order, then rows. ERR_BUSY (too many reads at once), ERR_IO. */
int read_rows_open(struct read_rows **out, struct read_model *model, const char *sql);
void read_rows_close(struct read_rows **rows);
void read_rows_bind_text(struct read_rows *rows, const char *value);
void read_rows_bind_int(struct read_rows *rows, int64_t value);
bool read_rows_next(struct read_rows *rows);
/* After the end. ERR_BROAD (it took too many steps), ERR_CORRUPT, ERR_IO. */
int read_rows_error(const struct read_rows *rows);
const char *read_rows_text(struct read_rows *rows, int column); /* NULL: null; until next */
int64_t read_rows_int(struct read_rows *rows, int column);

#endif
