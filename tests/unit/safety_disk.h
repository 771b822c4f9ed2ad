/* A disk in memory for tests of the safety record: a cache over durable bytes, and faults on
 * demand. Header only; every function is static. */
#ifndef DIRCHAIN_TESTS_UNIT_SAFETY_DISK_H
#define DIRCHAIN_TESTS_UNIT_SAFETY_DISK_H

#include "base/errors.h"
#include "consensus/safety.h"

#include <string.h>

struct test_disk {
    uint8_t durable[SAFETY_FILE_BYTES];
    uint8_t cache[SAFETY_FILE_BYTES];
    bool unreadable[SAFETY_COPIES];
    int fail_write, fail_sync; /* in so many calls from now; 0: never */
    unsigned syncs, writes;
};

static int test_disk_read(void *context, void *out, size_t len, uint64_t offset)
{
    struct test_disk *disk = context;
    if (disk->unreadable[offset / SAFETY_COPY_BYTES])
        return ERR_IO;
    memcpy(out, disk->cache + offset, len);
    return OK;
}

static int test_disk_write(void *context, struct view data, uint64_t offset)
{
    struct test_disk *disk = context;
    disk->writes++;
    if (disk->fail_write > 0 && --disk->fail_write == 0)
        return ERR_DISK_FULL;
    memcpy(disk->cache + offset, data.data, data.len);
    return OK;
}

static int test_disk_sync(void *context)
{
    struct test_disk *disk = context;
    disk->syncs++;
    if (disk->fail_sync > 0 && --disk->fail_sync == 0)
        return ERR_IO;
    memcpy(disk->durable, disk->cache, SAFETY_FILE_BYTES);
    return OK;
}

static struct safety_disk test_disk_of(struct test_disk *disk)
{
    return (struct safety_disk){
        .context = disk, .read = test_disk_read, .write = test_disk_write, .sync = test_disk_sync};
}

/* The power fails: the cache is gone. */
__attribute__((unused)) static void test_disk_lose_power(struct test_disk *disk)
{
    memcpy(disk->cache, disk->durable, SAFETY_FILE_BYTES);
}

#endif
