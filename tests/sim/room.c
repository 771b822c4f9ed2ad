/* Room for what is large: a node's own structures have megabytes, of which a life touches some
 * pages. Only those that are there are zeroed for the next life, where the allocator would zero all
 * of them, a fifth of the simulator's time. */
#include "base/ensure.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_BYTES ((size_t)128 * 1024)
#define PLACE_BYTES ((size_t)8 * 1024 * 1024)
#define PAGE_BYTES 4096
#define PLACES 512
#define LIVES 64

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(WATCHED)
static const bool watched = true; /* the sanitizer is to see every block */
#else
static const bool watched = false;
#endif

static char *room; /* PLACES of PLACE_BYTES; NULL: not asked for yet */
static size_t free_count, free_place[PLACES];
static size_t used_bytes[PLACES];
static unsigned lives[PLACES]; /* of a place, since its pages were given back */

void *__wrap_memory_alloc(size_t bytes);
void *__real_memory_alloc(size_t bytes);
void *__wrap_memory_resize(void *block, size_t bytes);
void *__real_memory_resize(void *block, size_t bytes);
void __wrap_memory_free(void *block);
void __real_memory_free(void *block);
void __wrap_memory_release(void *pointer);

static void open_room(void)
{
    room = mmap(NULL, PLACES * PLACE_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ENSURE(room != MAP_FAILED);
    (void)madvise(room, PLACES * PLACE_BYTES, MADV_NOHUGEPAGE);
    while (free_count < PLACES) {
        free_place[free_count] = PLACES - 1 - free_count;
        free_count++;
    }
}

/* One that was as large, since the same pages of it will be touched; else the next. */
static size_t take_place(size_t bytes)
{
    size_t at = free_count - 1;
    for (size_t i = 0; i < free_count; i++) {
        if (used_bytes[free_place[i]] == bytes)
            at = i;
    }
    size_t place = free_place[at];
    free_place[at] = free_place[--free_count];
    used_bytes[place] = bytes;
    return place;
}

/* Pages that are not there are zero. They are given back now and then, since every life touches
 * others, and what ten thousand of them touched would be most of the room. */
static void zero(size_t place)
{
    char *block = room + place * PLACE_BYTES;
    size_t bytes = used_bytes[place];
    if (++lives[place] == LIVES) {
        lives[place] = 0;
        (void)madvise(block, bytes, MADV_DONTNEED);
        return;
    }
    unsigned char there[PLACE_BYTES / PAGE_BYTES];
    ENSURE(mincore(block, bytes, there) == 0);
    for (size_t page = 0; page * PAGE_BYTES < bytes; page++) {
        if ((there[page] & 1) != 0)
            memset(block + page * PAGE_BYTES, 0, PAGE_BYTES);
    }
}

static bool is_here(const void *block)
{
    return room != NULL && (uintptr_t)block - (uintptr_t)room < PLACES * PLACE_BYTES;
}

void *__wrap_memory_alloc(size_t bytes)
{
    if (bytes < LARGE_BYTES || bytes > PLACE_BYTES || watched)
        return __real_memory_alloc(bytes);
    if (room == NULL)
        open_room();
    if (free_count == 0)
        return __real_memory_alloc(bytes);
    return room + take_place(bytes) * PLACE_BYTES;
}

void __wrap_memory_free(void *block)
{
    if (!is_here(block)) {
        __real_memory_free(block);
        return;
    }
    size_t place = (size_t)((char *)block - room) / PLACE_BYTES;
    zero(place);
    free_place[free_count++] = place;
}

void *__wrap_memory_resize(void *block, size_t bytes)
{
    if (!is_here(block))
        return __real_memory_resize(block, bytes);
    size_t had = used_bytes[(size_t)((char *)block - room) / PLACE_BYTES];
    void *moved = __real_memory_resize(NULL, bytes);
    memcpy(moved, block, had < bytes ? had : bytes);
    __wrap_memory_free(block);
    return moved;
}

void __wrap_memory_release(void *pointer)
{
    void *block;
    memcpy(&block, pointer, sizeof block);
    __wrap_memory_free(block);
}
