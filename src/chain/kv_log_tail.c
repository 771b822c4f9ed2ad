/* A write to the store is one record in a log, made of fragments in blocks of 32 KiB, and is synced
 * before the next one to that log begins: the ledger has every kv_write synced, and with it each of
 * its parts. Its pages reach the disk in any order; so when power fails, the last record may have
 * holes with good fragments behind them. LevelDB takes a log that is cut off, but with paranoid
 * checks refuses one with a hole, and all nodes of a house without power might refuse at once.
 *
 *   whole │ whole │ FIRST  ░░░░  MIDDLE  LAST        one record with a hole: it was never synced,
 *                 └── taken off from here            nobody was told of it
 *   whole │ ░░░░ │ whole                             a record begins behind the hole: what is
 * damaged had been synced; left as it is, and refused
 *
 * Where the damaged record had been synced after all (rot in the very last record), taking it off
 * loses no more than the newest block or the newest body: the index then names what the history
 * lacks and the node does not start; or the block is missing and comes again from the others, and
 * until then the safety record, which is past it, lets this node sign nothing (`ledger-behind`; a
 * single validator stays there). Deletions that are taken off leave what nobody finds.
 *
 *   fragment   u32 masked CRC-32C of type and data ‖ u16 length ‖ u8 type ‖ data      little-endian
 *              type 1 full, 2 first, 3 middle, 4 last; the last 6 bytes of a block may be unused */
#include "chain/kv_log_tail.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/kv_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

#define BLOCK_BYTES 32768
#define HEADER_BYTES 7
#define SECTOR_BYTES 512
#define CHECKSUM_BYTES 4                /* with which a header begins */
#define LOG_BYTES_MAX ((size_t)1 << 28) /* far more than a memory table and a block */
#define CRC_POLYNOMIAL 0x82f63b78u      /* Castagnoli, reflected */
#define CRC_MASK 0xa282ead8u

enum fragment_type { FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4 };

struct fragment {
    enum fragment_type type;
    size_t end;
};

static uint32_t crc_table[256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void crc_fill(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
        crc_table[byte] = crc;
    }
}

static uint32_t crc_of(struct view data)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < data.len; i++)
        crc = crc >> 8 ^ crc_table[(crc ^ data.data[i]) & 0xff];
    return ~crc;
}

/* A fragment that verifies, as far as its checksum is there: fewer than CHECKSUM_BYTES at its
 * beginning may be lost. */
static bool fragment_after_loss(struct fragment *out, struct view log, size_t at, size_t lost_bytes)
{
    size_t block_end = at - at % BLOCK_BYTES + BLOCK_BYTES;
    size_t limit = block_end < log.len ? block_end : log.len;
    if (limit - at < HEADER_BYTES)
        return false;
    const uint8_t *head = log.data + at;
    uint32_t stored = (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
                      (uint32_t)head[3] << 24;
    size_t len = (size_t)head[4] | (size_t)head[5] << 8;
    if (head[6] < FULL || head[6] > LAST || len > limit - at - HEADER_BYTES)
        return false;
    uint32_t crc = crc_of(view_of(head + 6, len + 1));
    *out = (struct fragment){.type = (enum fragment_type)head[6], .end = at + HEADER_BYTES + len};
    return ((((crc >> 15 | crc << 17) + CRC_MASK) ^ stored) >> 8 * lost_bytes) == 0;
}

static bool fragment_at(struct fragment *out, struct view log, size_t at)
{
    return fragment_after_loss(out, log, at, 0);
}

static size_t past_trailer(size_t at)
{
    size_t left = BLOCK_BYTES - at % BLOCK_BYTES;
    return left < HEADER_BYTES ? at + left : at;
}

/* Whether a record begins at `from` or anywhere behind it. Lengths may be what is damaged, so every
 * place is looked at; few have the type of a beginning where it would be. */
static bool record_begins(struct view log, size_t from)
{
    struct fragment fragment;
    for (size_t at = from; at + HEADER_BYTES <= log.len; at++) {
        uint8_t type = log.data[at + HEADER_BYTES - 1];
        if ((type == FULL || type == FIRST) && fragment_at(&fragment, log, at))
            return true;
    }
    return false;
}

static bool is_zero(struct view bytes)
{
    size_t at = 0;
    while (at < bytes.len && bytes.data[at] == 0)
        at++;
    return at == bytes.len;
}

/* Whether a sector did not come of what begins with the header at `from`. Of the first one no more
 * may have been meant for it than a part of the checksum, which may well be zero: then what lies
 * behind it has to agree with the rest of the checksum. */
static bool has_hole(struct view log, size_t from)
{
    for (size_t at = from, end; at < log.len; at = end) {
        struct fragment fragment;
        end = at - at % SECTOR_BYTES + SECTOR_BYTES;
        end = end < log.len ? end : log.len;
        bool little = at == from && end - at < CHECKSUM_BYTES;
        if (is_zero(view_of(log.data + at, end - at)) &&
            (!little || fragment_after_loss(&fragment, log, at, end - at)))
            return true;
    }
    return false;
}

size_t kv_log_sound_bytes(struct view log)
{
    size_t whole = 0, at = 0;
    bool within = false;
    ENSURE(pthread_once(&crc_once, crc_fill) == 0);
    for (; at < log.len; at = past_trailer(at)) {
        struct fragment fragment;
        if (!fragment_at(&fragment, log, at))
            break;
        bool begins = fragment.type == FULL || fragment.type == FIRST;
        if (begins == within) /* begins while another is not over, or goes on with none */
            break;
        within = fragment.type == FIRST || fragment.type == MIDDLE;
        at = fragment.end;
        whole = within ? whole : at;
    }
    bool torn = at < log.len && has_hole(log, past_trailer(whole)) && !record_begins(log, at);
    return torn ? whole : log.len;
}

static int cut(const char *path, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return file_error(errno);
    int error = ftruncate(fd, (off_t)bytes) == 0 && fsync(fd) == 0 ? OK : file_error(errno);
    close(fd);
    return error;
}

int kv_log_mend(const char *directory)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf log = {0};
    uint64_t newest = 0;
    int error = kv_newest_log(&newest, directory);
    if (error == ERR_NOT_FOUND || (error == OK && newest == 0))
        return OK; /* a store to be made */
    if (error != OK)
        return error;
    buf_append_format(&path, "%s/%06" PRIu64 ".log", directory, newest);
    error = file_read(&log, buf_text(&path), LOG_BYTES_MAX);
    if (error != OK)
        return error == ERR_TOO_LARGE ? OK : error; /* none of ours: LevelDB will say */
    size_t sound = kv_log_sound_bytes(view_of_buf(&log));
    if (sound == log.len)
        return OK;
    log_write(LOG_WARN, "kv",
              "%s: power was lost in the midst of its last write; %zu bytes of it "
              "are taken off",
              buf_text(&path), log.len - sound);
    return cut(buf_text(&path), sound);
}
