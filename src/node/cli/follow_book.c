/* The light client's book: a small state file, and all headers in a file that only grows. */
#include "node/cli/follow_book.h"

#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "dirchain-follow/2"
#define FORMAT_BEFORE "dirchain-follow/1" /* says nothing of the headers' bytes; taken once */
#define STATE_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define RECORD_BYTES_MAX 32768 /* header, certificate and set of VALIDATORS_MAX */
#define READ_BYTES ((size_t)1 << 20)

struct follow_book {
    char *path;
    int fd; /* PATH.headers */
    struct light light;
    uint64_t first;
    struct doc *before;  /* history before the first header kept */
    struct doc *history; /* and with the steps since */
    struct doc *nodes;   /* {"url","height"} */
    uint64_t *ends;      /* of the records, by height − first */
    struct hash digest;  /* of all records: that of those before, then the last one's bytes */
    size_t count, capacity;
    bool changed;
};

const struct light *follow_book_light(const struct follow_book *book)
{
    return &book->light;
}

uint64_t follow_book_height(const struct follow_book *book)
{
    return book->light.tip.height;
}

uint64_t follow_book_first(const struct follow_book *book)
{
    return book->first;
}

const struct doc *follow_book_history(const struct follow_book *book)
{
    return book->history;
}

/* ---- records ---- */

static void append_record(struct buf *out, const struct light_item *item)
{
    AUTO(buf_free) struct buf body = {0};
    header_encode(&body, &item->header);
    certificate_encode(&body, &item->certificate);
    if (item->changes)
        validators_encode(&body, &item->next_set);
    ENSURE(body.len <= RECORD_BYTES_MAX);
    buf_append_u32(out, (uint32_t)body.len);
    buf_append_view(out, view_of_buf(&body));
}

static int decode_record(struct light_item *out, struct view body)
{
    struct reader reader = reader_of(body);
    int error = header_decode(&out->header, &reader);
    if (error == 0)
        error = certificate_decode(&out->certificate, &reader);
    if (error != 0)
        return ERR_FOLLOW_STATE;
    out->place = header_place_of(&out->header);
    out->changes = !hash_equal(&out->header.validators, &out->header.next_validators);
    if (out->changes) {
        struct hash named;
        if (validators_decode(&out->next_set, &reader) != 0)
            return ERR_FOLLOW_STATE;
        validators_hash(&named, &out->next_set);
        if (!hash_equal(&named, &out->header.next_validators))
            return ERR_FOLLOW_STATE;
    }
    return reader_done(&reader) ? 0 : ERR_FOLLOW_STATE;
}

static uint64_t file_end(const struct follow_book *book)
{
    return book->count == 0 ? 0 : book->ends[book->count - 1];
}

/* Counts in a record of so many bytes that is on disk, or soon will be. */
static void note_record(struct follow_book *book, const struct light_item *item, struct view body)
{
    uint64_t end = file_end(book) + 4 + body.len;
    struct view parts[] = {hash_view(&book->digest), body};
    book->digest = hash_sha256_parts(parts, 2);
    if (book->count == book->capacity) {
        book->capacity = book->capacity == 0 ? 1024 : 2 * book->capacity;
        book->ends = memory_resize(book->ends, book->capacity * sizeof *book->ends);
    }
    book->ends[book->count++] = end;
    if (item->changes)
        doc_push(book->history, light_item_doc(item));
}

int follow_book_read(struct light_item *out, const struct follow_book *book, uint64_t height)
{
    uint8_t body[RECORD_BYTES_MAX];
    if (height < book->first || height - book->first >= book->count)
        return ERR_NOT_FOUND;
    size_t index = (size_t)(height - book->first);
    uint64_t from = (index == 0 ? 0 : book->ends[index - 1]) + 4;
    size_t len = (size_t)(book->ends[index] - from);
    int error = file_read_all(book->fd, body, len, from);
    if (error == 0)
        error = decode_record(out, view_of(body, len));
    return error != 0 ? error : out->header.height == height ? 0 : ERR_FOLLOW_STATE;
}

/* ---- loading ---- */

/* The first record of a book that begins at a checkpoint is judged by the history before it. */
static int load_first(struct light *light, const struct follow_book *book,
                      const struct light_item *item)
{
    int error = validator_walk_steps(&light->walk, NULL, book->before, "history");
    return error != 0 ? error : light_verify(light, NULL, item, "first");
}

static int load_record(struct light *light, struct follow_book *book, const struct light_item *item,
                       struct view body)
{
    int error = book->count == 0 && book->first > 1 ? load_first(light, book, item)
                                                    : light_link(light, NULL, item, "headers");
    if (error != 0 || item->header.height != book->first + book->count)
        return ERR_FOLLOW_STATE;
    note_record(book, item, body);
    light_advance(light, item);
    return 0;
}

/* Records up to the height that the state file gives, from a buffer filled as it empties. */
static int load_records(struct light *light, struct follow_book *book, uint64_t height)
{
    AUTO(memory_release) struct light_item *item = memory_alloc(sizeof *item);
    AUTO(memory_release) uint8_t *buffer = memory_alloc(READ_BYTES);
    size_t held = 0, at = 0;
    while (light->tip.height < height) {
        uint32_t len = 0;
        if (held - at >= 4) {
            struct reader reader = reader_of(view_of(buffer + at, 4));
            len = reader_u32(&reader);
        }
        if (len > RECORD_BYTES_MAX)
            return ERR_FOLLOW_STATE;
        if (held - at < 4 || held - at < 4 + (size_t)len) {
            memmove(buffer, buffer + at, held - at);
            held -= at;
            at = 0;
            ssize_t got =
                pread(book->fd, buffer + held, READ_BYTES - held, (off_t)(file_end(book) + held));
            if (got <= 0)
                return got == 0 ? ERR_FOLLOW_STATE : ERR_IO;
            held += (size_t)got;
            continue;
        }
        struct view body = view_of(buffer + at + 4, len);
        int error = decode_record(item, body);
        if (error == 0)
            error = load_record(light, book, item, body);
        if (error != 0)
            return error;
        at += 4 + (size_t)len;
    }
    return 0;
}

/* What the records must come to; *any: a state of before that does not say so. Then they are bound
 * by their hashes alone, as they were when it was written: what no hash covers, the signatures, is
 * verified where it is used. */
static int read_digest(struct hash *out, bool *any, const struct doc *state)
{
    const char *text = doc_get_text(state, "headers");
    *any = doc_text_is(state, "format", FORMAT_BEFORE) && text == NULL;
    return *any || hash_from_hex(out, text) == 0 ? 0 : ERR_FOLLOW_STATE;
}

static int load_state(struct follow_book *book, const struct doc *state,
                      const struct hash *genesis_hash)
{
    struct hash genesis, tip, headers;
    bool any = false;
    int64_t first = doc_get_int(state, "first", 0), height = doc_get_int(state, "height", -1);
    if (!doc_text_is(state, "format", FORMAT) && !doc_text_is(state, "format", FORMAT_BEFORE))
        return ERR_FOLLOW_FORM;
    if (first < 1 || height < 0 || hash_from_hex(&genesis, doc_get_text(state, "genesis")) != 0 ||
        hash_from_hex(&tip, doc_get_text(state, "hash")) != 0 ||
        read_digest(&headers, &any, state) != 0)
        return ERR_FOLLOW_STATE;
    if (!hash_equal(&genesis, genesis_hash))
        return ERR_FOLLOW_GENESIS;
    book->first = (uint64_t)first;
    doc_free(&book->before);
    book->before = doc_ref(doc_get(state, "history"));
    for (size_t i = 0; i < doc_count(book->before); i++)
        doc_push(book->history, doc_ref(doc_at(book->before, i)));
    if (doc_kind(doc_get(state, "nodes")) == DOC_ARRAY) {
        doc_free(&book->nodes);
        book->nodes = doc_ref(doc_get(state, "nodes"));
    }
    int error = load_records(&book->light, book, (uint64_t)height);
    if (error != 0)
        return error;
    if (any)
        headers = book->digest;
    if (!hash_equal(&tip, &book->light.tip.hash) || !hash_equal(&headers, &book->digest))
        return ERR_FOLLOW_STATE;
    if (ftruncate(book->fd, (off_t)file_end(book)) != 0)
        return file_error(errno);
    book->changed = !doc_text_is(state, "format", FORMAT);
    return follow_book_save(book);
}

static int load(struct follow_book *book, const struct hash *genesis_hash)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *state = NULL;
    struct stat status;
    int error = file_read(&text, book->path, STATE_BYTES_MAX);
    if (error == ERR_NOT_FOUND) {
        if (fstat(book->fd, &status) != 0 || status.st_size != 0)
            return ERR_FOLLOW_STATE;
        book->changed = true;
        return follow_book_save(book);
    }
    if (error == 0 && doc_parse(&state, view_of_buf(&text), STATE_BYTES_MAX) != 0)
        error = ERR_FOLLOW_FORM;
    return error != 0 ? error : load_state(book, state, genesis_hash);
}

/* The headers file, locked; *made: it was not there. */
static int open_headers(int *fd, bool *made, const char *path)
{
    *fd = open(path, O_RDWR | O_CLOEXEC);
    *made = *fd < 0 && errno == ENOENT;
    if (*made)
        *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (*fd < 0)
        return errno == EEXIST ? ERR_BUSY : file_error(errno);
    if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? ERR_BUSY : file_error(errno);
    return 0;
}

int follow_book_open(struct follow_book **out, struct faults *faults, const char *path,
                     const struct doc *genesis, const struct hash *genesis_hash)
{
    AUTO(buf_free) struct buf headers = {0};
    struct follow_book *book = memory_alloc(sizeof *book);
    bool made;
    *out = book;
    book->path = memory_copy_text(path);
    book->first = 1;
    book->before = doc_new_array();
    book->history = doc_new_array();
    book->nodes = doc_new_array();
    buf_append_format(&headers, "%s.headers", path);
    int error = open_headers(&book->fd, &made, buf_text(&headers));
    bool locked = error == 0;
    if (error == 0)
        error = light_start(&book->light, genesis, genesis_hash);
    if (error == 0)
        error = load(book, genesis_hash);
    if (error != 0) {
        if (locked && made)
            (void)unlink(buf_text(&headers)); /* beside what is refused nothing is left */
        faults_add(faults, error, NULL, "%s", locked ? path : buf_text(&headers));
        follow_book_close(out);
    }
    return error;
}

void follow_book_close(struct follow_book **out)
{
    struct follow_book *book = *out;
    if (book == NULL)
        return;
    if (book->fd >= 0)
        (void)close(book->fd);
    memory_free(book->path);
    memory_free(book->ends);
    doc_free(&book->before);
    doc_free(&book->history);
    doc_free(&book->nodes);
    memory_free(book);
    *out = NULL;
}

/* ---- growing ---- */

int follow_book_append(struct follow_book *book, const struct light_item *items, size_t count,
                       const struct light *light)
{
    AUTO(buf_free) struct buf bytes = {0};
    for (size_t i = 0; i < count; i++)
        append_record(&bytes, &items[i]);
    int error = file_write_all(book->fd, view_of_buf(&bytes), file_end(book));
    if (error == 0 && fdatasync(book->fd) != 0)
        error = file_error(errno);
    if (error != 0)
        return error;
    struct reader reader = reader_of(view_of_buf(&bytes));
    for (size_t i = 0; i < count; i++) {
        uint32_t len = reader_u32(&reader);
        note_record(book, &items[i], reader_take(&reader, len));
    }
    book->light = *light;
    book->changed = true;
    return 0;
}

int follow_book_begin_at(struct follow_book *book, const struct light *light,
                         const struct light_item *item, const struct doc *history)
{
    ENSURE(book->count == 0);
    book->first = item->header.height;
    doc_free(&book->before);
    book->before = doc_ref(history);
    for (size_t i = 0; i < doc_count(history); i++)
        doc_push(book->history, doc_ref(doc_at(history, i)));
    return follow_book_append(book, item, 1, light);
}

static const struct doc *find_node(const struct follow_book *book, const char *url)
{
    for (size_t i = 0; i < doc_count(book->nodes); i++)
        if (doc_text_is(doc_at(book->nodes, i), "url", url))
            return doc_at(book->nodes, i);
    return NULL;
}

uint64_t follow_book_node(const struct follow_book *book, const char *url)
{
    return (uint64_t)doc_get_int(find_node(book, url), "height", 0);
}

void follow_book_set_node(struct follow_book *book, const char *url, uint64_t height)
{
    if (follow_book_node(book, url) == height)
        return;
    struct doc *nodes = doc_new_array(), *node = doc_new_object();
    for (size_t i = 0; i < doc_count(book->nodes); i++)
        if (!doc_text_is(doc_at(book->nodes, i), "url", url))
            doc_push(nodes, doc_ref(doc_at(book->nodes, i)));
    doc_set_text(node, "url", url);
    doc_set_int(node, "height", (int64_t)height);
    doc_push(nodes, node);
    doc_free(&book->nodes);
    book->nodes = nodes;
    book->changed = true;
}

int follow_book_save(struct follow_book *book)
{
    AUTO(doc_free) struct doc *state = doc_new_object();
    AUTO(buf_free) struct buf text = {0};
    if (!book->changed)
        return 0;
    doc_set_text(state, "format", FORMAT);
    doc_set_hash(state, "genesis", &book->light.walk.genesis);
    doc_set_int(state, "first", (int64_t)book->first);
    doc_set_int(state, "height", (int64_t)book->light.tip.height);
    doc_set_hash(state, "hash", &book->light.tip.hash);
    doc_set_hash(state, "headers", &book->digest);
    doc_set(state, "history", doc_ref(book->before));
    doc_set(state, "nodes", doc_ref(book->nodes));
    doc_append_pretty(&text, state);
    buf_append_u8(&text, '\n');
    int error = file_write_atomic(book->path, view_of_buf(&text), 0644);
    book->changed = error != 0;
    return error;
}
