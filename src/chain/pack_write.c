/* Audit packs: writing, from a consistent view of a node's store. */
#include "chain/pack.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/log_store.h"
#include "chain/pack_parts.h"
#include "chain/signer_proof.h"
#include "chain/validator_history.h"

#include <errno.h>

int pack_write_line(FILE *file, const struct doc *line)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, line);
    buf_append_u8(&text, '\n');
    return fwrite(text.data, 1, text.len, file) == text.len ? 0 : file_error(errno);
}

int pack_write_made(FILE *file, int error, struct doc *line)
{
    if (error == 0)
        error = pack_write_line(file, line);
    doc_free(&line);
    return error;
}

int pack_flush(FILE *file)
{
    return fflush(file) == 0 ? 0 : file_error(errno);
}

struct doc *pack_head_line(const struct hash *genesis_hash, const char *mode, uint64_t from,
                           uint64_t to)
{
    struct doc *head = doc_new_object();
    doc_set_text(head, "format", "dirchain-pack/1");
    doc_set_text(head, "mode", mode);
    doc_set_hash(head, "genesis", genesis_hash);
    doc_set_int(head, "from", (int64_t)from);
    doc_set_int(head, "to", (int64_t)to);
    return head;
}

struct doc *pack_genesis_line(const struct doc *genesis)
{
    struct doc *part = doc_new_object();
    doc_set_text(part, "part", "genesis");
    doc_set(part, "document", doc_ref(genesis));
    return part;
}

struct doc *pack_end_line(uint64_t count, const struct hash *last)
{
    struct doc *end = doc_new_object();
    doc_set_text(end, "part", "end");
    doc_set_int(end, "count", (int64_t)count);
    doc_set_hash(end, "last", last);
    return end;
}

struct doc *pack_receipt_line(const struct doc *receipt)
{
    struct doc *line = doc_new_object();
    doc_set_text(line, "part", "receipt");
    doc_set(line, "receipt", doc_ref(receipt));
    return line;
}

static int read_certified(struct header *header, struct certificate *certificate,
                          const struct store_view *view, uint64_t height)
{
    int error = store_read_header(header, view, height);
    return error ? error : store_read_certificate(certificate, view, height);
}

/* What a range that does not begin at height 1 stands on: the block before it. */
int pack_start_line(struct doc **out, const struct store_view *view, uint64_t height)
{
    struct header header;
    struct certificate certificate;
    struct validator_set set;
    struct log_frontier frontier;
    AUTO(doc_free) struct doc *history = NULL;
    AUTO(doc_free) struct doc *start = doc_new_object();
    AUTO(buf_free) struct buf bytes = {0};
    int error = read_certified(&header, &certificate, view, height);
    if (error == 0)
        error = validator_history_read(&history, view, height);
    if (error == 0)
        error = store_read_validators(&set, view, height + 1);
    if (error != 0)
        return error;
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    error = log_frontier_at(&frontier, &nodes, header.log_size);
    if (error != 0)
        return error;
    doc_set_text(start, "part", "start");
    certified_header_put(start, &header, &certificate);
    log_frontier_encode(&bytes, &frontier);
    doc_set_bytes(start, "frontier", view_of_buf(&bytes));
    validator_set_put(start, &set);
    doc_set(start, "history", doc_ref(history));
    *out = doc_ref(start);
    return 0;
}

size_t pack_find_key(const struct doc *keys, const struct tx *tx)
{
    size_t place = 0;
    for (; place < doc_count(keys); place++) {
        const struct doc *record = doc_get(doc_at(keys, place), "record");
        if (doc_text_is(record, "member", tx->member) && doc_text_is(record, "name", tx->key_name))
            break;
    }
    return place;
}

/* A key record with its proof for each signer of the block, in order of first use. */
static int put_keys(struct doc *line, const struct store_view *view, const struct block *block)
{
    struct doc *keys = doc_new_array();
    int error = 0;
    for (size_t i = 0; error == 0 && i < block->tx_count; i++) {
        const struct tx *tx = block->txs[i];
        struct doc *proof = NULL;
        if (pack_find_key(keys, tx) < doc_count(keys))
            continue;
        error = signer_proof_make(&proof, view, tx->member, tx->key_name, block->header.height);
        if (error == 0)
            doc_push(keys, proof);
    }
    doc_set(line, "keys", keys);
    return error;
}

int pack_block_line(struct doc **out, const struct store_view *view, uint64_t height, bool keys)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    AUTO(doc_free) struct doc *line = doc_new_object();
    int error = certified_header_read(line, view, height);
    if (error == 0)
        error = store_read_block_bytes(&bytes, view, height);
    if (error == 0)
        error = store_read_acts(&acts, view, height);
    if (error == 0)
        error = block_decode(&block, NULL, view_of_buf(&bytes), &view->genesis);
    if (error != 0)
        return error;
    struct doc *evidence = doc_new_array();
    struct doc *transactions = doc_new_array();
    for (size_t i = 0; i < block->evidence_count; i++) {
        struct doc *item = doc_new_object();
        buf_clear(&bytes);
        evidence_encode(&bytes, &block->evidence[i]);
        doc_set_bytes(item, "votes", view_of_buf(&bytes));
        doc_push(evidence, item);
    }
    for (size_t i = 0; i < block->tx_count; i++)
        doc_push_text(transactions, buf_text(&block->txs[i]->raw));
    doc_set_text(line, "part", "block");
    doc_set(line, "evidence", evidence);
    doc_set(line, "acts", doc_ref(acts));
    doc_set(line, "transactions", transactions);
    if (keys)
        error = put_keys(line, view, block);
    if (error == 0)
        *out = doc_ref(line);
    return error;
}

int pack_write_range(FILE *file, const struct store_view *view, const struct doc *genesis,
                     uint64_t from, uint64_t to)
{
    struct doc *line = NULL;
    struct header header;
    struct hash last;
    if (from < 1 || from > to || to > view->height)
        return ERR_FIELD_RANGE;
    int error = pack_write_made(file, 0, pack_head_line(&view->genesis, "range", from, to));
    if (error == 0)
        error = pack_write_made(file, 0, pack_genesis_line(genesis));
    if (error == 0 && from > 1) {
        error = pack_start_line(&line, view, from - 1);
        error = pack_write_made(file, error, line);
    }
    for (uint64_t height = from; error == 0 && height <= to; height++) {
        line = NULL;
        error = pack_block_line(&line, view, height, from > 1);
        error = pack_write_made(file, error, line);
    }
    if (error == 0)
        error = store_read_header(&header, view, to);
    if (error != 0)
        return error;
    header_hash(&last, &header);
    error = pack_write_made(file, 0, pack_end_line(to - from + 1, &last));
    return error != 0 ? error : pack_flush(file);
}
