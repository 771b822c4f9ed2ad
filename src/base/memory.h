/* Allocation. Every size here is bounded by limits.h, so running out of memory is the environment
 * failing under us: the process stops (design: stop where going on would be unsafe) rather than
 * threading an error through every call. */
#ifndef DIRCHAIN_BASE_MEMORY_H
#define DIRCHAIN_BASE_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t bytes);               /* zeroed; never NULL */
void *memory_resize(void *block, size_t bytes); /* as realloc; never NULL */
char *memory_copy_text(const char *text);       /* as strdup; never NULL */
void *memory_must(void *block); /* the block, or stops if NULL: for what libraries allocate */
void memory_free(void *block);                  /* NULL is fine */
void memory_release(void *pointer); /* of a pointer variable: frees what it points to; for AUTO */
void memory_wipe(void *secret, size_t bytes);   /* not optimised away */

/* Release at end of scope, the one way to clean up here:  AUTO(buf_free) struct buf b = {0}; */
#define AUTO(release) __attribute__((cleanup(release)))

#endif
