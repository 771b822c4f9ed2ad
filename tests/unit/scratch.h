/* A directory of its own for a test program, under the build tree, removed at the end. */
#ifndef DIRCHAIN_TESTS_SCRATCH_H
#define DIRCHAIN_TESTS_SCRATCH_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static char scratch_directory[PATH_MAX / 2];

static inline int scratch_make(void **state)
{
    (void)state;
    snprintf(scratch_directory, sizeof scratch_directory, "%s/scratch-XXXXXX", DIRCHAIN_BINARY_DIR);
    return mkdtemp(scratch_directory) == NULL ? -1 : 0;
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static inline int scratch_remove(void **state)
{
    (void)state;
    return nftw(scratch_directory, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in there; good until the fourth call after this. */
static inline const char *scratch_path(const char *name)
{
    static char paths[4][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", scratch_directory, name);
    return path;
}

#endif
