/* Blocks as bytes. Decoding bounds every count before it allocates for it, recomputes the hash and
 * the transactions' ids, and leaves nothing over: one block has one encoding. */
#include "chain/block.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

struct block *block_ref(struct block *block)
{
    int before = atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    ENSURE(before > 0);
    return block;
}

void block_free(struct block **block)
{
    struct block *held = *block;
    *block = NULL;
    if (held == NULL)
        return;
    /* Release and acquire: whoever frees it sees what every other holder did before. */
    if (atomic_fetch_sub_explicit(&held->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < held->tx_count; i++)
        tx_free(&held->txs[i]);
    memory_free(held->txs);
    memory_free(held->evidence);
    memory_free(held);
}

void block_encode(struct buf *out, const struct block *block)
{
    ENSURE(block->evidence_count <= BLOCK_EVIDENCE_MAX && block->tx_count <= BLOCK_TXS_MAX);
    size_t bytes = HEADER_BYTES + 2 + block->evidence_count * EVIDENCE_BYTES + 4;
    for (size_t i = 0; i < block->tx_count; i++)
        bytes += 4 + block->txs[i]->raw.len;
    buf_reserve(out, bytes);
    header_encode(out, &block->header);
    buf_append_u16(out, (uint16_t)block->evidence_count);
    for (size_t i = 0; i < block->evidence_count; i++)
        evidence_encode(out, &block->evidence[i]);
    buf_append_u32(out, (uint32_t)block->tx_count);
    for (size_t i = 0; i < block->tx_count; i++) {
        buf_append_u32(out, (uint32_t)block->txs[i]->raw.len);
        buf_append_view(out, view_of_buf(&block->txs[i]->raw));
    }
}

static int decode_evidence(struct block *block, struct faults *faults, struct reader *reader)
{
    size_t count = reader_u16(reader);
    if (reader->bad || count > BLOCK_EVIDENCE_MAX)
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "evidence");
    if (count == 0)
        return OK;
    block->evidence = memory_alloc(count * sizeof block->evidence[0]);
    for (; block->evidence_count < count; block->evidence_count++) {
        if (evidence_decode(&block->evidence[block->evidence_count], reader) != OK)
            return faults_add(faults, ERR_BLOCK_FORM, NULL, "evidence[%zu]", block->evidence_count);
    }
    return OK;
}

static int decode_tx(struct block *block, struct faults *faults, struct reader *reader,
                     const struct hash *genesis)
{
    size_t index = block->tx_count;
    struct view raw = reader_take(reader, reader_u32(reader));
    if (reader->bad)
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "txs[%zu]", index);
    int error = tx_parse(&block->txs[index], faults, raw, genesis);
    if (error != OK) {
        faults_add(faults, error, NULL, "txs[%zu]", index); /* which one, beside what */
        return error;
    }
    block->tx_count++;
    return OK;
}

static int decode_txs(struct block *block, struct faults *faults, struct reader *reader,
                      const struct hash *genesis)
{
    size_t count = reader_u32(reader);
    if (reader->bad || count > BLOCK_TXS_MAX)
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "txs");
    if (count == 0)
        return OK;
    block->txs = memory_alloc(count * sizeof block->txs[0]);
    for (size_t i = 0; i < count; i++) {
        int error = decode_tx(block, faults, reader, genesis);
        if (error != OK)
            return error;
    }
    return OK;
}

int block_decode(struct block **out, struct faults *faults, struct view bytes,
                 const struct hash *genesis)
{
    *out = NULL;
    if (bytes.len > BLOCK_BYTES_MAX)
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "bytes");
    AUTO(block_free) struct block *block = memory_alloc(sizeof *block);
    atomic_init(&block->references, 1);
    struct reader reader = reader_of(bytes);
    int error = header_decode(&block->header, &reader);
    if (error != OK)
        return faults_add(faults, error, NULL, "header");
    error = decode_evidence(block, faults, &reader);
    if (error == OK)
        error = decode_txs(block, faults, &reader, genesis);
    if (error != OK)
        return error;
    if (!reader_done(&reader))
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "bytes");
    header_hash(&block->hash, &block->header);
    *out = block;
    block = NULL;
    return OK;
}
