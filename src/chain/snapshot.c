/* Making the parts of a snapshot from a store. */
#include "chain/snapshot.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_store.h"

#include <string.h>

/* ---- which part ---- */

void snapshot_part_encode(struct buf *out, const struct snapshot_part *part)
{
    buf_append_u64(out, part->height);
    buf_append_u8(out, (uint8_t)part->kind);
    buf_append_u64(out, part->at);
    buf_append_u8(out, (uint8_t)part->place.depth);
    buf_append(out, part->place.path.bytes, HASH_BYTES);
}

/* Zero behind the nibbles that count. */
static bool is_place(const struct state_place *place)
{
    for (unsigned i = place->depth; i < STATE_NIBBLES; i++) {
        if (state_nibble(&place->path, i) != 0)
            return false;
    }
    return place->depth <= STATE_NIBBLES;
}

int snapshot_part_decode(struct snapshot_part *out, struct reader *reader)
{
    out->height = reader_u64(reader);
    unsigned kind = reader_u8(reader);
    out->at = reader_u64(reader);
    out->place.depth = reader_u8(reader);
    reader_copy(reader, out->place.path.bytes, HASH_BYTES);
    out->kind = (enum snapshot_kind)kind;
    bool state = kind == SNAPSHOT_STATE;
    bool plain = kind >= SNAPSHOT_HEAD && kind <= SNAPSHOT_STATE && out->height > 0 &&
                 out->height <= (uint64_t)DOC_INT_MAX && out->at <= out->height + 1 &&
                 is_place(&out->place) && (state ? out->at == 0 : out->place.depth == 0);
    if (!plain)
        reader->bad = true;
    return reader->bad ? ERR_ENCODING : OK;
}

bool snapshot_part_equal(const struct snapshot_part *a, const struct snapshot_part *b)
{
    return a->height == b->height && a->kind == b->kind && a->at == b->at &&
           a->place.depth == b->place.depth && hash_equal(&a->place.path, &b->place.path);
}

/* ---- HEAD ---- */

/* First heights of the sets that decide up to the one after the snapshot, newest first, as far as
 * the header before names them at `from` or later. */
struct terms {
    size_t count, capacity;
    uint64_t *first;
};

static int read_terms(struct terms *terms, const struct store_view *view, uint64_t from,
                      uint64_t height)
{
    struct validator_set set;
    uint64_t first = 0;
    int error = store_read_term(&set, &first, view, height + 1);
    while (!error && first > 1 && first - 1 >= from) {
        if (terms->count == terms->capacity) {
            terms->capacity = terms->capacity ? 2 * terms->capacity : 16;
            terms->first = memory_resize(terms->first, terms->capacity * sizeof *terms->first);
        }
        terms->first[terms->count++] = first;
        error = store_read_term(&set, &first, view, first - 1);
    }
    return error;
}

static int append_certified(struct buf *out, const struct store_view *view, uint64_t height)
{
    struct header header;
    struct certificate certificate;
    int error = store_read_header(&header, view, height);
    if (!error)
        error = store_read_certificate(&certificate, view, height);
    if (error)
        return error;
    header_encode(out, &header);
    certificate_encode(out, &certificate);
    return OK;
}

static int append_step(struct buf *out, const struct store_view *view, uint64_t first)
{
    struct validator_set set;
    int error = append_certified(out, view, first - 1);
    if (!error)
        error = store_read_validators(&set, view, first);
    if (!error)
        validators_encode(out, &set);
    return error;
}

/* What the state says of the sets: u32 length ‖ value ‖ proof. */
static int append_sets(struct buf *out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf value = {0};
    struct state_proof proof;
    bool present = false;
    int error = store_prove_state(&proof, &present, &value, view, height, "validators");
    if (!error && !present)
        error = ERR_CORRUPT;
    buf_append_u32(out, (uint32_t)value.len);
    buf_append_view(out, view_of_buf(&value));
    state_proof_encode(out, &proof);
    return error;
}

static int make_head(struct buf *out, const struct store_view *view,
                     const struct snapshot_part *part)
{
    struct terms terms = {0};
    AUTO(buf_free) struct buf steps = {0};
    uint16_t given = 0;
    int error = append_certified(out, view, part->height);
    if (!error)
        error = append_sets(out, view, part->height);
    if (error)
        return error;
    error = read_terms(&terms, view, part->at, part->height);
    while (!error && given < terms.count && given < UINT16_MAX &&
           steps.len < SNAPSHOT_PART_BYTES_GOAL)
        error = append_step(&steps, view, terms.first[terms.count - 1 - given++]);
    buf_append_u8(out, given < terms.count);
    buf_append_u16(out, given);
    buf_append_view(out, view_of_buf(&steps));
    memory_free(terms.first);
    return error;
}

/* ---- HEADERS, FRONTIER, LEAVES ---- */

static int make_headers(struct buf *out, const struct store_view *view,
                        const struct snapshot_part *part)
{
    size_t start = out->len;
    uint16_t count = 0;
    int error = OK;
    buf_append_u16(out, 0);
    while (count < SNAPSHOT_PART_HEADERS && part->at > count + 1u) {
        struct header header;
        error = store_read_header(&header, view, part->at - 1 - count);
        if (error)
            break;
        header_encode(out, &header);
        count++;
    }
    out->data[start] = (uint8_t)(count >> 8);
    out->data[start + 1] = (uint8_t)count;
    if (count == 0)
        return error ? error : ERR_NOT_FOUND;
    return error == ERR_PRUNED ? OK : error;
}

static int make_frontier(struct buf *out, const struct store_view *view,
                         const struct snapshot_part *part)
{
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    struct log_frontier frontier;
    struct header header;
    int error = store_read_header(&header, view, part->at);
    if (!error)
        error = log_frontier_at(&frontier, &nodes, header.log_size);
    if (!error)
        log_frontier_encode(out, &frontier);
    return error;
}

/* The lowest height, from `low` on, after which the log has `size` leaves; `high` if none before it
 * has. Sizes never go down, so that an idle chain is not walked block by block. */
static int find_size(struct header *out, const struct store_view *view, uint64_t low, uint64_t high,
                     uint64_t size)
{
    int error = OK;
    while (!error && low < high) {
        uint64_t middle = low + (high - low) / 2;
        error = store_read_header(out, view, middle);
        if (!error && out->log_size >= size)
            high = middle;
        else
            low = middle + 1;
    }
    return error ? error : store_read_header(out, view, high);
}

/* Where the leaves of a run of whole blocks begin and end. */
static int find_leaves(uint64_t *from, uint64_t *to, const struct store_view *view,
                       const struct snapshot_part *part)
{
    struct header header = {0};
    *from = *to = 0;
    if (part->at == 0 || part->at > part->height)
        return ERR_NOT_FOUND;
    int error = part->at > 1 ? store_read_header(&header, view, part->at - 1) : OK;
    *from = header.log_size;
    if (!error)
        error = find_size(&header, view, part->at, part->height, *from + SNAPSHOT_PART_LEAVES);
    *to = error ? *from : header.log_size;
    return error;
}

static int make_leaves(struct buf *out, const struct store_view *view,
                       const struct snapshot_part *part)
{
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    uint64_t from = 0, to = 0;
    int error = find_leaves(&from, &to, view, part);
    if (!error && (to - from) * HASH_BYTES > SNAPSHOT_PART_BYTES_MAX)
        error = ERR_TOO_LARGE; /* no block has so many */
    for (uint64_t i = from; !error && i < to; i++) {
        struct hash leaf;
        error = nodes.read(nodes.context, &leaf, 0, i);
        buf_append(out, leaf.bytes, HASH_BYTES);
    }
    return error;
}

/* ---- any ---- */

int snapshot_part_make(struct buf *out, const struct store_view *view,
                       const struct snapshot_part *part)
{
    if (part->height > view->height)
        return ERR_NOT_FOUND;
    if (part->height + 1 < view->first_block)
        return ERR_PRUNED;
    switch (part->kind) {
    case SNAPSHOT_HEAD:
        return make_head(out, view, part);
    case SNAPSHOT_HEADERS:
        return make_headers(out, view, part);
    case SNAPSHOT_FRONTIER:
        return make_frontier(out, view, part);
    case SNAPSHOT_LEAVES:
        return make_leaves(out, view, part);
    case SNAPSHOT_STATE:
        return state_part_make(out, view->kv, view->snapshot, part->height, &part->place);
    }
    return ERR_NOT_FOUND;
}

size_t snapshot_heights(uint64_t out[SNAPSHOTS_OFFERED_MAX], uint64_t tip, uint64_t first_block,
                        uint64_t interval)
{
    uint64_t newest = interval > 0 ? tip - tip % interval : 0;
    size_t count = 0;
    for (size_t back = SNAPSHOTS_OFFERED_MAX; back-- > 0;) {
        if (interval == 0 || newest / interval <= back)
            continue;
        uint64_t height = newest - back * interval;
        if (height + 1 >= first_block)
            out[count++] = height;
    }
    return count;
}
