/* Transfers as documents. */
#include "exchange/transfer.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/paths.h"

#include <stdio.h>
#include <string.h>

#define FORMAT "dirchain-transfer/1"

static const char *const state_texts[] = {"opening",  "waiting", "moving", "closing",
                                          "complete", "failed",  "expired"};

const char *transfer_state_text(enum transfer_state state)
{
    return state_texts[state];
}

bool transfer_is_over(enum transfer_state state)
{
    return state >= TRANSFER_COMPLETE;
}

struct transfer *transfer_new(void)
{
    struct transfer *transfer = memory_alloc(sizeof *transfer);
    transfer->directory = -1;
    transfer->fd = -1;
    transfer->outcome = TRANSFER_FAILED;
    return transfer;
}

void transfer_free(struct transfer *transfer)
{
    fd_close(&transfer->fd);
    fd_close(&transfer->directory);
    manifest_free(&transfer->manifest);
    doc_free(&transfer->body);
    memory_free(transfer->jws);
    memory_free(transfer);
}

/* ---- what callers see ---- */

static uint64_t bytes_done(const struct transfer *transfer)
{
    return transfer->done == transfer->chunk_count
               ? transfer->bytes
               : (uint64_t)transfer->done * transfer->chunk_bytes;
}

struct doc *transfer_to_view(const struct transfer *transfer)
{
    static const char *const stated[] = {"grant", "operator", "purpose", "system"};
    struct doc *view = doc_new_object();
    doc_set_int(view, "bytes", (int64_t)transfer->bytes);
    doc_set_int(view, "bytes_done", (int64_t)bytes_done(transfer));
    doc_set_int(view, "chunks", (int64_t)transfer->chunk_count);
    doc_set_int(view, "chunks_done", (int64_t)transfer->done);
    doc_set_int(view, "created_ms", transfer->created_ms);
    if (transfer->error != 0) {
        doc_set_text(view, "error", error_code(transfer->error));
        const char *field = transfer->error_field;
        bool more = field[0] != 0;
        doc_set_format(view, "error_detail", "%s%s%s%s", error_english(transfer->error),
                       more ? " (" : "", field, more ? ")" : "");
        doc_set_format(view, "error_detail_zh", "%s%s%s%s", error_chinese(transfer->error),
                       more ? "（" : "", field, more ? "）" : "");
    }
    if (transfer->expires_ms != 0) {
        doc_set_int(view, "expires_ms", transfer->expires_ms);
    }
    doc_set_text(view, "id", transfer->hex);
    doc_set_bool(view, "over", transfer_is_over(transfer->state));
    doc_set_text(view, "provider", transfer->provider);
    if (transfer->state == TRANSFER_COMPLETE) {
        doc_set_format(view, "path", "%s/%s", transfer->hex, transfer->name); /* in the inbox */
    }
    if (transfer->reconciled[0] != 0) {
        doc_set_text(view, "reconciled", transfer->reconciled);
    }
    doc_set_int(view, "rows", transfer->rows);
    doc_set_text(view, "state", state_texts[transfer->state]);
    doc_set_int(view, "updated_ms", transfer->updated_ms);
    for (size_t i = 0; i < sizeof stated / sizeof *stated; i++) {
        doc_set(view, stated[i], doc_ref(doc_get(transfer->body, stated[i])));
    }
    return view;
}

/* ---- on the shelf ---- */

struct doc *transfer_to_doc(const struct transfer *transfer)
{
    struct doc *doc = doc_new_object();
    doc_set(doc, "body", doc_ref(transfer->body));
    doc_set_int(doc, "bytes", (int64_t)transfer->bytes);
    doc_set_int(doc, "chunk_bytes", transfer->chunk_bytes);
    doc_set_int(doc, "chunks", (int64_t)transfer->chunk_count);
    doc_set_int(doc, "closing_ms", transfer->closing_ms);
    doc_set_int(doc, "created_ms", transfer->created_ms);
    doc_set_int(doc, "done", (int64_t)transfer->done);
    doc_set_text(doc, "error", error_code(transfer->error));
    doc_set_text(doc, "error_field", transfer->error_field);
    doc_set_int(doc, "expires_ms", transfer->expires_ms);
    doc_set_text(doc, "format", FORMAT);
    doc_set_text(doc, "jws", transfer->jws);
    doc_set_text(doc, "name", transfer->name);
    doc_set_text(doc, "outcome", state_texts[transfer->outcome]);
    doc_set_text(doc, "provider", transfer->provider);
    doc_set_text(doc, "reconciled", transfer->reconciled);
    doc_set_int(doc, "rows", transfer->rows);
    doc_set_text(doc, "state", state_texts[transfer->state]);
    doc_set_int(doc, "updated_ms", transfer->updated_ms);
    return doc;
}

static bool get_text(char *out, size_t size, const struct doc *doc, const char *name)
{
    const char *text = doc_get_text(doc, name);
    if (text == NULL || strlen(text) >= size) {
        return false;
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool get_state(enum transfer_state *out, const struct doc *doc, const char *name)
{
    for (unsigned i = 0; i <= TRANSFER_EXPIRED; i++) {
        if (doc_text_is(doc, name, state_texts[i])) {
            *out = (enum transfer_state)i;
            return true;
        }
    }
    return false;
}

static bool get_sizes(struct transfer *out, const struct doc *doc)
{
    int64_t bytes = doc_get_int(doc, "bytes", -1);
    int64_t chunk_bytes = doc_get_int(doc, "chunk_bytes", -1);
    int64_t chunks = doc_get_int(doc, "chunks", -1);
    int64_t done = doc_get_int(doc, "done", -1);
    out->bytes = (uint64_t)bytes;
    out->chunk_bytes = (uint32_t)chunk_bytes;
    out->chunk_count = (size_t)chunks;
    out->done = (size_t)done;
    return bytes >= 0 && chunk_bytes >= 0 && chunk_bytes <= TRANSFER_CHUNK_BYTES_MAX &&
           chunks >= 0 && chunks <= TRANSFER_CHUNKS_MAX && done >= 0 && done <= chunks;
}

int transfer_from_doc(struct transfer **out, const char *name, const struct doc *doc)
{
    struct transfer *transfer = transfer_new();
    const char *error = doc_get_text(doc, "error");
    const char *jws = doc_get_text(doc, "jws");
    const struct doc *body = doc_get(doc, "body");
    bool good = doc_text_is(doc, "format", FORMAT) && hash_from_hex(&transfer->id, name) == 0 &&
                get_state(&transfer->state, doc, "state") &&
                get_state(&transfer->outcome, doc, "outcome") && get_sizes(transfer, doc) &&
                get_text(transfer->provider, sizeof transfer->provider, doc, "provider") &&
                get_text(transfer->name, sizeof transfer->name, doc, "name") &&
                get_text(transfer->reconciled, sizeof transfer->reconciled, doc, "reconciled") &&
                jws != NULL && body != NULL &&
                (transfer->name[0] == 0 || file_name_valid(transfer->name));
    if (!good) {
        transfer_free(transfer);
        return ERR_CORRUPT;
    }
    hash_to_hex(transfer->hex, &transfer->id);
    transfer->body = doc_ref(body);
    transfer->jws = memory_copy_text(jws);
    transfer->error = error == NULL ? 0 : error_from_code(error);
    (void)get_text(transfer->error_field, sizeof transfer->error_field, doc, "error_field");
    transfer->closing_ms = doc_get_int(doc, "closing_ms", 0);
    transfer->created_ms = doc_get_int(doc, "created_ms", 0);
    transfer->updated_ms = doc_get_int(doc, "updated_ms", 0);
    transfer->expires_ms = doc_get_int(doc, "expires_ms", 0);
    transfer->rows = doc_get_int(doc, "rows", 0);
    *out = transfer;
    return 0;
}
