/* Audit packs: reading lines, meeting the checkpoint, and naming the claim that fails. */
#include "chain/pack_parts.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>

int pack_fail(struct pack_verifier *verifier, int error, const char *claim)
{
    return faults_add(verifier->faults, error, NULL, "line %" PRIu64 ": %s", verifier->line, claim);
}

int pack_fail_inner(struct pack_verifier *verifier, int error, size_t faults_before,
                    const char *claim)
{
    char inner[FAULT_FIELD_BYTES_MAX] = "";
    if (verifier->faults && verifier->faults->count > faults_before) {
        snprintf(inner, sizeof inner, "%s", verifier->faults->item[faults_before].field);
        verifier->faults->count = faults_before;
    }
    if (inner[0] == 0)
        return pack_fail(verifier, error, claim);
    return faults_add(verifier->faults, error, NULL, "line %" PRIu64 ": %s: %.60s", verifier->line,
                      claim, inner);
}

/* ---- lines ---- */

/* The next byte or EOF; *error is set where that is not the end but a failure to read. */
static int next_byte(int *error, FILE *file)
{
    errno = 0;
    int byte = getc_unlocked(file);
    *error = byte == EOF && ferror(file) ? file_error(errno != 0 ? errno : EIO) : 0;
    return byte;
}

int pack_read_line(struct doc **out, struct pack_verifier *verifier)
{
    int byte, error;
    buf_clear(&verifier->text);
    verifier->line++;
    while ((byte = next_byte(&error, verifier->file)) != EOF && byte != '\n') {
        if (verifier->text.len >= PACK_LINE_BYTES_MAX)
            return pack_fail(verifier, ERR_TOO_LARGE, "line");
        buf_append_u8(&verifier->text, (uint8_t)byte);
    }
    if (error != 0)
        return error;
    if (byte == EOF)
        return pack_fail(verifier, ERR_PACK, "the pack is cut off");
    error = doc_parse(out, view_of_buf(&verifier->text), PACK_LINE_BYTES_MAX);
    if (error != 0)
        return pack_fail(verifier, error, "encoding");
    AUTO(buf_free) struct buf canonical = {0};
    doc_append_canonical(&canonical, *out);
    if (!view_equal(view_of_buf(&canonical), view_of_buf(&verifier->text)))
        return pack_fail(verifier, ERR_ENCODING, "encoding is not canonical");
    return 0;
}

int pack_read_end(struct pack_verifier *verifier)
{
    int error;
    if (next_byte(&error, verifier->file) != EOF)
        return pack_fail(verifier, ERR_PACK, "bytes after the end");
    return error;
}

/* ---- the checkpoint ---- */

int pack_meet_checkpoint(struct pack_verifier *verifier, const struct header *header)
{
    struct hash hash;
    char claim[80];
    if (verifier->trust->checkpoint_height != header->height)
        return 0;
    header_hash(&hash, header);
    if (!hash_equal(&hash, &verifier->trust->checkpoint_hash)) {
        (void)snprintf(claim, sizeof claim, "checkpoint: block %" PRIu64 " is another one",
                       header->height);
        return pack_fail(verifier, ERR_CHECKPOINT, claim);
    }
    verifier->facts->checkpoint_met = true;
    return 0;
}

int pack_miss_checkpoint(struct pack_verifier *verifier)
{
    char claim[80];
    (void)snprintf(claim, sizeof claim, "checkpoint: block %" PRIu64 " is not in the pack",
                   verifier->trust->checkpoint_height);
    return pack_fail(verifier, ERR_CHECKPOINT, claim);
}
