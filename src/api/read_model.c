/* SQLite behind a handful of calls: one writer with prepared statements, a few readers.
 *
 * The file may be lost at any time without loss, so nothing waits for the disk; write-ahead logging
 * lets readers read while the writer writes. Where the log is copied into the file both are synced,
 * by the indexer's thread, so that a loss of power leaves an older model and not a mixture of two;
 * pages carry checksums (read_pages.h). `gate` is held shared by every read and exclusively while
 * the file is replaced. */
#include "api/read_model.h"

#include "api/read_pages.h"
#include "api/read_schema.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES_MAX 1024
#define STATEMENTS_MAX 32
#define READERS_MAX 4
#define STEPS_AT_ONCE 1000
#define BUSY_MS 2000

struct statement {
    const char *sql;
    sqlite3_stmt *prepared;
};

struct read_model {
    char path[PATH_BYTES_MAX];
    struct hash genesis;
    _Atomic uint64_t since, height;
    pthread_rwlock_t gate;
    sqlite3 *writer;
    struct statement statements[STATEMENTS_MAX];
    pthread_mutex_t lock; /* of the readers */
    sqlite3 *idle[READERS_MAX];
    size_t idle_count;
};

struct read_rows {
    struct read_model *model;
    sqlite3 *db;
    sqlite3_stmt *prepared;
    int parameters;
    unsigned steps; /* thousands */
    int error;
};

static int error_of(int result)
{
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_INTERRUPT:
        return ERR_BROAD;
    default:
        return ERR_IO;
    }
}

/* ---- connections ---- */

static int connect(sqlite3 **out, const char *path, bool write)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int result = sqlite3_open_v2(path, out, flags, read_pages_system());
    if (result == SQLITE_OK)
        result = sqlite3_busy_timeout(*out, BUSY_MS);
    if (result == SQLITE_OK && write)
        result = read_pages_reserve(*out);
    if (result == SQLITE_OK)
        result = sqlite3_exec(*out,
                              write ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                                      "PRAGMA cache_size=-8000; PRAGMA trusted_schema=OFF"
                                    : "PRAGMA cache_size=-2000; PRAGMA trusted_schema=OFF",
                              NULL, NULL, NULL);
    if (result != SQLITE_OK) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return error_of(result);
}

static void disconnect(struct read_model *model)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(model->statements[i].prepared);
    memset(model->statements, 0, sizeof model->statements);
    while (model->idle_count > 0)
        sqlite3_close(model->idle[--model->idle_count]);
    sqlite3_close(model->writer);
    model->writer = NULL;
}

static void remove_files(const struct read_model *model)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[PATH_BYTES_MAX + 8];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", model->path, suffixes[i]);
        unlink(path);
    }
}

/* ---- one value from the writer's connection ---- */

static int read_meta(char *out, size_t out_bytes, struct read_model *model, const char *name)
{
    sqlite3_stmt *prepared = NULL;
    int result = sqlite3_prepare_v2(model->writer, "SELECT value FROM meta WHERE name = ?", -1,
                                    &prepared, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(prepared, 1, name, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(prepared);
    int error = result == SQLITE_DONE ? ERR_NOT_FOUND : error_of(result);
    if (!error)
        snprintf(out, out_bytes, "%s", (const char *)sqlite3_column_text(prepared, 0));
    sqlite3_finalize(prepared);
    return error;
}

static int read_meta_number(uint64_t *out, struct read_model *model, const char *name)
{
    char text[80] = "";
    unsigned long long number = 0;
    int error = read_meta(text, sizeof text, model, name);
    if (!error && sscanf(text, "%llu", &number) != 1)
        error = ERR_CORRUPT;
    *out = number;
    return error;
}

/* Whether the file is ours to go on with. */
static int check_file(struct read_model *model)
{
    char text[80] = "", genesis[2 * HASH_BYTES + 1];
    uint64_t since = 0, height = 0;
    hash_to_hex(genesis, &model->genesis);
    int error = read_meta(text, sizeof text, model, "version");
    if (!error && strcmp(text, READ_SCHEMA_VERSION) != 0)
        error = ERR_STORE_FORMAT;
    if (!error)
        error = read_meta(text, sizeof text, model, "genesis");
    if (!error && strcmp(text, genesis) != 0)
        error = ERR_GENESIS;
    if (!error)
        error = read_meta_number(&since, model, "since");
    if (!error)
        error = read_meta_number(&height, model, "height");
    if (!error) {
        atomic_store(&model->since, since);
        atomic_store(&model->height, height);
    }
    return error;
}

static int create_file(struct read_model *model)
{
    char genesis[2 * HASH_BYTES + 1];
    remove_files(model);
    int error = connect(&model->writer, model->path, true);
    if (!error)
        error = error_of(sqlite3_exec(model->writer, read_schema_create, NULL, NULL, NULL));
    hash_to_hex(genesis, &model->genesis);
    if (!error)
        error = read_model_begin(model);
    if (!error)
        error = read_model_write(model, read_put_meta, "tt", "version", READ_SCHEMA_VERSION);
    if (!error)
        error = read_model_write(model, read_put_meta, "tt", "genesis", genesis);
    const struct hash none = {{0}};
    return error ? error : read_model_commit(model, 0, 0, &none);
}

int read_model_open(struct read_model **out, const char *path, const struct hash *genesis)
{
    struct read_model *model = memory_alloc(sizeof *model);
    ENSURE(pthread_rwlock_init(&model->gate, NULL) == 0);
    ENSURE(pthread_mutex_init(&model->lock, NULL) == 0);
    model->genesis = *genesis;
    int fit = snprintf(model->path, sizeof model->path, "%s", path);
    int error = (size_t)fit < sizeof model->path ? 0 : ERR_FIELD_LENGTH;
    if (!error) {
        error = connect(&model->writer, path, true);
        if (!error)
            error = check_file(model);
        if (error) {
            disconnect(model);
            error = create_file(model);
        }
    }
    if (error)
        read_model_close(&model);
    else
        *out = model;
    return error;
}

void read_model_close(struct read_model **pointer)
{
    struct read_model *model = *pointer;
    if (!model)
        return;
    *pointer = NULL;
    disconnect(model);
    pthread_rwlock_destroy(&model->gate);
    pthread_mutex_destroy(&model->lock);
    memory_free(model);
}

uint64_t read_model_height(const struct read_model *model)
{
    return atomic_load(&model->height);
}

uint64_t read_model_since(const struct read_model *model)
{
    return atomic_load(&model->since);
}

int read_model_reset(struct read_model *model)
{
    pthread_rwlock_wrlock(&model->gate);
    atomic_store(&model->height, 0);
    disconnect(model);
    int error = create_file(model);
    pthread_rwlock_unlock(&model->gate);
    return error;
}

/* ---- writing ---- */

int read_model_tip(struct hash *hash, struct read_model *model)
{
    char text[80] = "";
    int error = read_meta(text, sizeof text, model, "hash");
    return error ? error : hash_from_hex(hash, text);
}

int read_model_begin(struct read_model *model)
{
    return error_of(sqlite3_exec(model->writer, "BEGIN", NULL, NULL, NULL));
}

void read_model_rollback(struct read_model *model)
{
    sqlite3_exec(model->writer, "ROLLBACK", NULL, NULL, NULL);
}

static int prepare(sqlite3_stmt **out, struct read_model *model, const char *sql)
{
    size_t i = 0;
    while (i < STATEMENTS_MAX && model->statements[i].sql && model->statements[i].sql != sql)
        i++;
    ENSURE(i < STATEMENTS_MAX);
    struct statement *statement = &model->statements[i];
    int result = SQLITE_OK;
    if (!statement->sql)
        result = sqlite3_prepare_v3(model->writer, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &statement->prepared, NULL);
    if (result == SQLITE_OK)
        statement->sql = sql;
    *out = statement->prepared;
    return error_of(result);
}

int read_model_write(struct read_model *model, const char *sql, const char *kinds, ...)
{
    sqlite3_stmt *prepared;
    int error = prepare(&prepared, model, sql);
    if (error)
        return error;
    va_list values;
    va_start(values, kinds);
    for (int i = 0; kinds[i]; i++) {
        ENSURE(kinds[i] == 't' || kinds[i] == 'i');
        if (kinds[i] == 't')
            sqlite3_bind_text(prepared, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
        else
            sqlite3_bind_int64(prepared, i + 1, va_arg(values, int64_t));
    }
    va_end(values);
    int result = sqlite3_step(prepared);
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
    return error_of(result);
}

int read_model_find(int64_t *out, struct read_model *model, const char *sql, const char *text)
{
    sqlite3_stmt *prepared;
    int error = prepare(&prepared, model, sql);
    if (error)
        return error;
    sqlite3_bind_text(prepared, 1, text, -1, SQLITE_STATIC);
    int result = sqlite3_step(prepared);
    if (result == SQLITE_ROW)
        *out = sqlite3_column_int64(prepared, 0);
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
    return result == SQLITE_DONE ? ERR_NOT_FOUND : error_of(result);
}

static int write_meta_number(struct read_model *model, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return read_model_write(model, read_put_meta, "tt", name, text);
}

int read_model_commit(struct read_model *model, uint64_t since_block, uint64_t height,
                      const struct hash *hash)
{
    char text[2 * HASH_BYTES + 1];
    int error = write_meta_number(model, "since", since_block);
    if (!error)
        error = write_meta_number(model, "height", height);
    hash_to_hex(text, hash);
    if (!error)
        error = read_model_write(model, read_put_meta, "tt", "hash", text);
    if (!error)
        error = error_of(sqlite3_exec(model->writer, "COMMIT", NULL, NULL, NULL));
    if (error)
        read_model_rollback(model);
    else {
        atomic_store(&model->since, since_block);
        atomic_store(&model->height, height);
    }
    return error;
}

/* ---- reading ---- */

static int count_steps(void *context)
{
    struct read_rows *rows = context;
    return ++rows->steps > READ_STEPS_MAX / STEPS_AT_ONCE;
}

static sqlite3 *take_idle(struct read_model *model)
{
    pthread_mutex_lock(&model->lock);
    sqlite3 *db = model->idle_count > 0 ? model->idle[--model->idle_count] : NULL;
    pthread_mutex_unlock(&model->lock);
    return db;
}

static void give_idle(struct read_model *model, sqlite3 *db)
{
    pthread_mutex_lock(&model->lock);
    bool room = model->idle_count < READERS_MAX;
    if (room)
        model->idle[model->idle_count++] = db;
    pthread_mutex_unlock(&model->lock);
    if (!room)
        sqlite3_close(db);
}

int read_rows_open(struct read_rows **out, struct read_model *model, const char *sql)
{
    struct read_rows *rows = memory_alloc(sizeof *rows);
    rows->model = model;
    pthread_rwlock_rdlock(&model->gate);
    rows->db = take_idle(model);
    int error = rows->db ? 0 : connect(&rows->db, model->path, false);
    if (!error) {
        sqlite3_progress_handler(rows->db, STEPS_AT_ONCE, count_steps, rows);
        int result = sqlite3_prepare_v2(rows->db, sql, -1, &rows->prepared, NULL);
        if (result == SQLITE_ERROR) /* not our tables: our own SQL is never wrong */
            log_write(LOG_ERROR, "explorer", "%s: %s", sqlite3_errmsg(rows->db), sql);
        error = error_of(result);
    }
    if (error)
        read_rows_close(&rows);
    *out = rows;
    return error;
}

void read_rows_close(struct read_rows **pointer)
{
    struct read_rows *rows = *pointer;
    if (!rows)
        return;
    *pointer = NULL;
    sqlite3_finalize(rows->prepared);
    if (rows->db) {
        sqlite3_progress_handler(rows->db, 0, NULL, NULL);
        give_idle(rows->model, rows->db);
    }
    pthread_rwlock_unlock(&rows->model->gate);
    memory_free(rows);
}

void read_rows_bind_text(struct read_rows *rows, const char *value)
{
    int result = sqlite3_bind_text(rows->prepared, ++rows->parameters, value, -1, SQLITE_TRANSIENT);
    ENSURE(result == SQLITE_OK || result == SQLITE_NOMEM);
}

void read_rows_bind_int(struct read_rows *rows, int64_t value)
{
    ENSURE(sqlite3_bind_int64(rows->prepared, ++rows->parameters, value) == SQLITE_OK);
}

bool read_rows_next(struct read_rows *rows)
{
    if (rows->error)
        return false;
    int result = sqlite3_step(rows->prepared);
    rows->error = error_of(result);
    return result == SQLITE_ROW;
}

int read_rows_error(const struct read_rows *rows)
{
    return rows->error;
}

const char *read_rows_text(struct read_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(rows->prepared, column);
}

int64_t read_rows_int(struct read_rows *rows, int column)
{
    return sqlite3_column_int64(rows->prepared, column);
}
