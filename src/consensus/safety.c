/* The two slots of the safety record, and which of their copies to believe.
 *
 *   offset 0        slot 0 copy 0     even sequence numbers
 *          16384    slot 0 copy 1
 *          32768    slot 1 copy 0     odd sequence numbers
 *          49152    slot 1 copy 1
 *
 *   copy  8 magic ‖ u64 sequence ‖ 32 genesis ‖ 32 vote key ‖ u32 length ‖ record ‖ 32 SHA-256 of
 *         everything before it
 *
 * Invariants: the slot of the newest synced record is never written; `loaded` is synced; once a
 * write or sync failed nothing is written again. */
#include "consensus/safety.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define MAGIC "DCSAFE/1"
#define MAGIC_BYTES 8
#define COPY_HEAD_BYTES (MAGIC_BYTES + 8 + HASH_BYTES + VOTE_KEY_BYTES + 4)
#define RECORD_BYTES_MAX                                                                           \
    (8 + 4 + 1 + 2 * (4 + HASH_BYTES) + 1 + PROPOSAL_BYTES + 2 * VOTE_BYTES +                      \
     2 * (2 + SAFETY_QUORUM_MAX * (2 + SIGNATURE_BYTES)) + SAFETY_QUORUM_MAX * HASH_BYTES + 8 + 1)

static_assert(COPY_HEAD_BYTES + RECORD_BYTES_MAX + HASH_BYTES <= SAFETY_COPY_BYTES,
              "the largest record fits its copy");
static_assert(SAFETY_COPY_BYTES % 4096 == 0, "copies do not share a sector");

/* What a copy says, if its checksum holds. */
struct copy {
    uint64_t sequence;
    struct hash genesis;
    struct vote_key key;
    struct safety_record record;
};

struct safety {
    struct safety_disk disk;
    struct hash genesis;
    struct vote_key key;
    uint64_t sequence; /* of the newest synced record */
    struct safety_record loaded;
    unsigned damaged;
    bool failed;
    struct buf write_scratch;
    struct copy read_scratch;
};

static void copy_encode(struct buf *out, const struct hash *genesis, const struct vote_key *key,
                        uint64_t sequence, const struct safety_record *record)
{
    buf_clear(out);
    buf_append(out, MAGIC, MAGIC_BYTES);
    buf_append_u64(out, sequence);
    buf_append(out, genesis->bytes, HASH_BYTES);
    buf_append(out, key->bytes, VOTE_KEY_BYTES);
    AUTO(buf_free) struct buf body = {0};
    safety_record_encode(&body, record);
    buf_append_u32(out, (uint32_t)body.len);
    buf_append_view(out, view_of_buf(&body));
    struct hash sum = hash_sha256(view_of_buf(out));
    buf_append(out, sum.bytes, HASH_BYTES);
}

static int copy_decode(struct copy *out, const uint8_t bytes[SAFETY_COPY_BYTES])
{
    struct reader reader = reader_of(view_of(bytes, SAFETY_COPY_BYTES));
    uint8_t magic[MAGIC_BYTES];
    reader_copy(&reader, magic, MAGIC_BYTES);
    if (memcmp(magic, MAGIC, MAGIC_BYTES) != 0)
        return ERR_CORRUPT;
    out->sequence = reader_u64(&reader);
    reader_copy(&reader, out->genesis.bytes, HASH_BYTES);
    reader_copy(&reader, out->key.bytes, VOTE_KEY_BYTES);
    uint32_t len = reader_u32(&reader);
    if (len > RECORD_BYTES_MAX)
        return ERR_CORRUPT;
    struct reader body = reader_of(reader_take(&reader, len));
    struct hash stored;
    reader_copy(&reader, stored.bytes, HASH_BYTES);
    struct hash sum = hash_sha256(view_of(bytes, COPY_HEAD_BYTES + len));
    if (reader.bad || !hash_equal(&sum, &stored))
        return ERR_CORRUPT;
    if (safety_record_decode(&out->record, &body) != OK || !reader_done(&body))
        return ERR_SAFETY_FORM;
    return OK;
}

int safety_copy_key(struct vote_key *out, const uint8_t *bytes)
{
    struct copy *copy = memory_alloc(sizeof *copy);
    int error = copy_decode(copy, bytes);
    if (error == OK)
        *out = copy->key;
    memory_free(copy);
    return error;
}

static void disk_close(const struct safety_disk *disk)
{
    if (disk->close)
        disk->close(disk->context);
}

/* Reads all copies and keeps the newest. ERR_SAFETY_DAMAGED if none verifies. */
static int load(struct safety *safety)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_reserve(&bytes, SAFETY_COPY_BYTES);
    struct copy *copy = &safety->read_scratch;
    bool found = false;
    for (unsigned i = 0; i < SAFETY_COPIES; i++) {
        int error = safety->disk.read(safety->disk.context, bytes.data, SAFETY_COPY_BYTES,
                                      (uint64_t)i * SAFETY_COPY_BYTES);
        /* A sector that cannot be read is a damaged copy; the other copies tell. */
        if (error == OK)
            error = copy_decode(copy, bytes.data);
        if (error == ERR_SAFETY_FORM) /* no damage: the older slot may lack the hold that it has */
            return error;
        if (error != OK) {
            safety->damaged++;
            continue;
        }
        if (!hash_equal(&copy->genesis, &safety->genesis) ||
            memcmp(copy->key.bytes, safety->key.bytes, VOTE_KEY_BYTES) != 0)
            return ERR_SAFETY_OTHER;
        if (found && copy->sequence <= safety->sequence)
            continue;
        safety->sequence = copy->sequence;
        safety->loaded = copy->record;
        found = true;
    }
    return found ? OK : ERR_SAFETY_DAMAGED;
}

/* What was read may have come from the cache of a write whose sync never ended; signatures in it
 * must not leave before it is durable. Synced first, so that the other slot may be written; then
 * written once more, because a sync after a failed one may say yes without having written. */
static int make_durable(struct safety *safety)
{
    int error = safety->disk.sync(safety->disk.context);
    if (error != OK)
        return error;
    safety->read_scratch.record = safety->loaded;
    return safety_save(safety, &safety->read_scratch.record);
}

int safety_create(const struct safety_disk *disk, const struct hash *genesis,
                  const struct vote_key *key, bool alone)
{
    AUTO(buf_free) struct buf copy = {0};
    struct safety_record record;
    safety_record_init(&record);
    record.hold_height = alone ? HOLD_EVERYTHING : 0;
    record.hold_reason = alone ? HOLD_ALONE : HOLD_NONE;
    int error = OK;
    for (unsigned i = 0; i < SAFETY_COPIES && error == OK; i++) {
        copy_encode(&copy, genesis, key, i / 2, &record);
        static const uint8_t zeros[SAFETY_COPY_BYTES];
        buf_append(&copy, zeros, SAFETY_COPY_BYTES - copy.len);
        error = disk->write(disk->context, view_of_buf(&copy), (uint64_t)i * SAFETY_COPY_BYTES);
    }
    if (error == OK)
        error = disk->sync(disk->context);
    disk_close(disk);
    return error;
}

int safety_open(struct safety **out, const struct safety_disk *disk, const struct hash *genesis,
                const struct vote_key *key)
{
    struct safety *safety = memory_alloc(sizeof *safety);
    safety->disk = *disk;
    safety->genesis = *genesis;
    safety->key = *key;
    int error = load(safety);
    if (error == OK)
        error = make_durable(safety);
    if (error != OK) {
        safety_close(&safety);
        return error;
    }
    *out = safety;
    return OK;
}

void safety_close(struct safety **safety)
{
    if (!*safety)
        return;
    disk_close(&(*safety)->disk);
    buf_free(&(*safety)->write_scratch);
    memory_free(*safety);
    *safety = NULL;
}

const struct safety_record *safety_loaded(const struct safety *safety)
{
    return &safety->loaded;
}

unsigned safety_damaged_copies(const struct safety *safety)
{
    return safety->damaged;
}

int safety_save(struct safety *safety, const struct safety_record *record)
{
    if (safety->failed)
        return ERR_IO;
    uint64_t sequence = safety->sequence + 1;
    uint64_t slot = (sequence % 2) * 2 * SAFETY_COPY_BYTES;
    copy_encode(&safety->write_scratch, &safety->genesis, &safety->key, sequence, record);
    struct view copy = view_of_buf(&safety->write_scratch);
    const struct safety_disk *disk = &safety->disk;
    int error = disk->write(disk->context, copy, slot);
    if (error == OK)
        error = disk->write(disk->context, copy, slot + SAFETY_COPY_BYTES);
    if (error == OK)
        error = disk->sync(disk->context);
    if (error != OK) {
        safety->failed = true;
        return error;
    }
    safety->sequence = sequence;
    safety->loaded = *record;
    return OK;
}
