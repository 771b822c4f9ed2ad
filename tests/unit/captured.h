/* What a test logs, read back. Include once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_CAPTURED_H
#define DIRCHAIN_TESTS_UNIT_CAPTURED_H

#include "base/bytes.h"
#include "base/file.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int standard_error = -1;

/* Sends standard error to a file, so that what is logged can be read back. */
static void capture_begin(void)
{
    assert_true(scratch_directory[0] != '\0'); /* or all programs would write to one file */
    int fd = open(scratch_path("log"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    fflush(stderr);
    standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    assert_true(dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static void capture_end(struct buf *out)
{
    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    close(standard_error);
    assert_int_equal(file_read(out, scratch_path("log"), 10000000), 0);
}

#endif
