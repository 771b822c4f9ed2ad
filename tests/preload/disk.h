/* What a process does to the files below one directory, seen and spoilt from within: for tests.
 *
 * Loaded before libc (LD_PRELOAD), with three variables in the environment:
 *
 *   DISK_HOME     absolute path of the directory; without it nothing is looked at
 *   DISK_JOURNAL  every call is appended here, in the order in which they happened (journal.py
 * reads it). Outside the home DISK_CONTROL  a file of the size of struct disk_control, mapped: the
 * test arms faults in it while the process runs
 *
 * Calls are made one at a time, under one lock, so that the order in the journal is the order in
 * which they reached the kernel. What leaves the process by a socket or a TLS channel is in the
 * journal too, so that one can tell what others may have seen before a call. */
#ifndef DIRCHAIN_TESTS_PRELOAD_DISK_H
#define DIRCHAIN_TESTS_PRELOAD_DISK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_op {
    DISK_CREATE = 'O', /* open that made the file or cut it to nothing */
    DISK_WRITE = 'W',
    DISK_TRUNCATE = 'T',
    DISK_ALLOCATE = 'A',
    DISK_SYNC = 'F', /* fsync, fdatasync, sync_file_range, syncfs: of a file or directory */
    DISK_RENAME = 'R',
    DISK_LINK = 'L',
    DISK_UNLINK = 'U',
    DISK_MKDIR = 'M',
    DISK_RMDIR = 'X',
    DISK_MAP = 'P',  /* written through a shared mapping from here on; not counted */
    DISK_SENT = 'S', /* plain text of a TLS channel; not counted */
    DISK_TOLD = 'H', /* to a plain socket; not counted */
};

enum disk_fault {
    DISK_NO_FAULT,
    DISK_KILL_BEFORE, /* the process, by SIGKILL, instead of the call */
    DISK_KILL_AFTER,
    DISK_KILL_WITHIN, /* half of what is to be written, then the kill; of others: before */
    DISK_EIO,         /* this call fails */
    DISK_ENOSPC,
    DISK_EIO_ON, /* this and every one after it */
    DISK_ENOSPC_ON,
    DISK_SHORT, /* half of what is to be written, and said so; others go well */
};

enum disk_scope {
    DISK_ALL,
    DISK_LEDGER,   /* all but the explorer's read model and LevelDB's own diary */
    DISK_EXPLORER, /* the read model only */
};

struct disk_control {
    _Atomic uint64_t calls;     /* seen in scope since the process began */
    _Atomic uint64_t countdown; /* to the call that the fault meets: 1 is the next; 0: none */
    _Atomic uint32_t fault;
    _Atomic uint32_t scope;
    _Atomic uint64_t fired; /* number in the journal of the call that was met */
};

struct disk_call {
    enum disk_op op;
    uint32_t flags; /* of open, rename */
    char path[PATH_MAX];
    char path_to[PATH_MAX]; /* rename, link */
    int64_t offset;
    uint64_t length; /* truncate, allocate; a sync: 1 if data only */
    const void *data;
    size_t bytes; /* of data that may be written: a fault may make it fewer */
    /* set by disk_begin */
    int error;
    enum disk_fault fault;
};

/* Whether the call is one to look at: fills path. */
bool disk_path_of(struct disk_call *call, int fd);
bool disk_path_at(char path[PATH_MAX], int directory, const char *name);

/* Takes the lock and chooses the fate of the call: with call->error it must not be made. */
void disk_begin(struct disk_call *call);
/* Writes the journal, releases the lock; sets errno. Returns what the caller is to see. */
long disk_end(struct disk_call *call, long result);
/* What is only noted. */
void disk_note(enum disk_op op, const char *path, uint64_t channel, const void *data, size_t bytes);

/* libc's own, past everything here: -1 with errno. */
long disk_system(long number, ...);

#endif
