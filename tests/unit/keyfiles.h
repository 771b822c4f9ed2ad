/* What tests of key files share. The light cost keeps them quick. Include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_KEYFILES_H
#define DIRCHAIN_TESTS_UNIT_KEYFILES_H

#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

#define LABEL "11440000006939756B/审核"

static char right_text[] = "correct horse";
static char wrong_text[] = "correct horsf";
static const struct passphrase right = {.text = right_text, .len = sizeof right_text - 1};
static const struct passphrase wrong = {.text = wrong_text, .len = sizeof wrong_text - 1};
static const struct passphrase none = {0};

static inline void read_text(struct buf *out, const char *path)
{
    assert_int_equal(file_read(out, path, KEYFILE_BYTES_MAX), 0);
}

/* A light key file under this name, and its text if asked for. */
static inline const char *make(const char *name, enum keyfile_kind kind, struct buf *text)
{
    const char *path = scratch_path(name);
    assert_int_equal(keyfile_create(path, kind, LABEL, &right, KEYFILE_COST_LIGHT), 0);
    if (text != NULL) {
        read_text(text, path);
    }
    return path;
}

static inline int open_text(struct keyfile *out, const char *path, struct view text)
{
    assert_int_equal(file_write_atomic(path, text, 0600), 0);
    return keyfile_open(out, path, &right);
}

static inline void assert_refused(int expected, const char *path,
                                  const struct passphrase *passphrase)
{
    static const struct keyfile empty;
    struct keyfile opened;
    memset(&opened, 0xa5, sizeof opened);
    assert_int_equal(keyfile_open(&opened, path, passphrase), expected);
    assert_memory_equal(&opened, &empty, sizeof opened); /* nothing half open is handed out */
}

#endif
