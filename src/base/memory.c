/* Allocation that cannot fail: running out of memory stops the process (see memory.h). */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_must(void *block)
{
    if (!block) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return block;
}

void *memory_alloc(size_t bytes)
{
    return memory_must(calloc(1, bytes ? bytes : 1));
}

void *memory_resize(void *block, size_t bytes)
{
    return memory_must(
        realloc(block, bytes ? bytes : 1)); /* realloc(p, 0) may free and give NULL */
}

char *memory_copy_text(const char *text)
{
    return memory_must(strdup(text));
}

void memory_free(void *block)
{
    free(block);
}

void memory_release(void *pointer)
{
    void *block;
    memcpy(&block, pointer, sizeof block);
    free(block);
}

void memory_wipe(void *secret, size_t bytes)
{
    if (bytes > 0)
        explicit_bzero(secret, bytes);
}
