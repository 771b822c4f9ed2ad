/* SQLite believes what the disk gives it, and a flipped bit in a page would be an item of a list
 * that never was. So each page of the file ends with a checksum over its place and its bytes:
 * written by a layer between SQLite and the file system, looked at whenever a page is read from
 * disk. A page that does not verify is SQLITE_CORRUPT, and the model is built anew.
 *
 * Only the file itself: frames of the write-ahead log have checksums of SQLite's own, which it
 * looks at when it opens a log that somebody left behind. Reads of less than a page are of the
 * file's header, which is part of page 1 and read with it. */
#include "api/read_pages.h"

#include "base/ensure.h"
#include "base/hash.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define PAGE_BYTES 4096
#define CHECK_BYTES 8
#define SYSTEM_NAME "dirchain-pages"

/* Behind it in memory lies the file of the system below. */
struct paged_file {
    sqlite3_file base;
    sqlite3_file *below;
};

static sqlite3_vfs paged_system;
static sqlite3_vfs *system_below;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static sqlite3_file *below(sqlite3_file *file)
{
    return ((struct paged_file *)file)->below;
}

static void page_check(uint8_t out[CHECK_BYTES], const uint8_t *page, sqlite3_int64 offset)
{
    uint8_t place[8];
    for (int i = 0; i < 8; i++)
        place[i] = (uint8_t)((uint64_t)offset >> 8 * i);
    struct view parts[] = {view_of(place, sizeof place), view_of(page, PAGE_BYTES - CHECK_BYTES)};
    struct hash hash = hash_sha256_parts(parts, 2);
    memcpy(out, hash.bytes, CHECK_BYTES);
}

static int page_read(sqlite3_file *file, void *out, int bytes, sqlite3_int64 offset)
{
    int result = below(file)->pMethods->xRead(below(file), out, bytes, offset);
    if (result != SQLITE_OK || bytes != PAGE_BYTES)
        return result;
    uint8_t expected[CHECK_BYTES];
    const uint8_t *page = out;
    page_check(expected, page, offset);
    return memcmp(expected, page + PAGE_BYTES - CHECK_BYTES, CHECK_BYTES) == 0 ? SQLITE_OK
                                                                               : SQLITE_CORRUPT;
}

static int page_write(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
    uint8_t page[PAGE_BYTES];
    if (bytes == PAGE_BYTES) {
        memcpy(page, data, PAGE_BYTES - CHECK_BYTES);
        page_check(page + PAGE_BYTES - CHECK_BYTES, page, offset);
        data = page;
    }
    return below(file)->pMethods->xWrite(below(file), data, bytes, offset);
}

/* ---- the rest goes down as it is ---- */

static int page_close(sqlite3_file *file)
{
    return below(file)->pMethods->xClose(below(file));
}

static int page_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return below(file)->pMethods->xTruncate(below(file), size);
}

static int page_sync(sqlite3_file *file, int flags)
{
    return below(file)->pMethods->xSync(below(file), flags);
}

static int page_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return below(file)->pMethods->xFileSize(below(file), size);
}

static int page_lock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xLock(below(file), level);
}

static int page_unlock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xUnlock(below(file), level);
}

static int page_check_lock(sqlite3_file *file, int *held)
{
    return below(file)->pMethods->xCheckReservedLock(below(file), held);
}

static int page_control(sqlite3_file *file, int operation, void *argument)
{
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
}

static int page_sector(sqlite3_file *file)
{
    return below(file)->pMethods->xSectorSize(below(file));
}

static int page_traits(sqlite3_file *file)
{
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int page_map(sqlite3_file *file, int region, int bytes, int extend, void volatile **out)
{
    return below(file)->pMethods->xShmMap(below(file), region, bytes, extend, out);
}

static int page_map_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}

static void page_map_barrier(sqlite3_file *file)
{
    below(file)->pMethods->xShmBarrier(below(file));
}

static int page_unmap(sqlite3_file *file, int remove)
{
    return below(file)->pMethods->xShmUnmap(below(file), remove);
}

/* Version 2: the index of the log may be mapped, pages may not, or they would pass by us. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = page_close,
    .xRead = page_read,
    .xWrite = page_write,
    .xTruncate = page_truncate,
    .xSync = page_sync,
    .xFileSize = page_file_size,
    .xLock = page_lock,
    .xUnlock = page_unlock,
    .xCheckReservedLock = page_check_lock,
    .xFileControl = page_control,
    .xSectorSize = page_sector,
    .xDeviceCharacteristics = page_traits,
    .xShmMap = page_map,
    .xShmLock = page_map_lock,
    .xShmBarrier = page_map_barrier,
    .xShmUnmap = page_unmap,
};

/* Logs and journals are files of the system below from the beginning. */
static int open_file(sqlite3_vfs *system, const char *name, sqlite3_file *file, int flags,
                     int *flags_out)
{
    (void)system;
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return system_below->xOpen(system_below, name, file, flags, flags_out);
    struct paged_file *paged = (struct paged_file *)file;
    *paged = (struct paged_file){.below = (sqlite3_file *)(paged + 1)};
    int result = system_below->xOpen(system_below, name, paged->below, flags, flags_out);
    paged->base.pMethods = paged->below->pMethods != NULL ? &methods : NULL; /* then closed */
    return result;
}

static void start(void)
{
    system_below = sqlite3_vfs_find(NULL);
    ENSURE(system_below != NULL);
    paged_system = *system_below; /* all that is not about an open file */
    paged_system.pNext = NULL;
    paged_system.zName = SYSTEM_NAME;
    paged_system.szOsFile = (int)sizeof(struct paged_file) + system_below->szOsFile;
    paged_system.xOpen = open_file;
    ENSURE(sqlite3_vfs_register(&paged_system, 0) == SQLITE_OK);
}

const char *read_pages_system(void)
{
    ENSURE(pthread_once(&once, start) == 0);
    return SYSTEM_NAME;
}

int read_pages_reserve(struct sqlite3 *db)
{
    int bytes = CHECK_BYTES;
    int result = sqlite3_exec(db, "PRAGMA page_size=4096", NULL, NULL, NULL);
    return result == SQLITE_OK
               ? sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes)
               : result;
}
