/* A letter of the courier (courier.h): what it holds, in memory and on its shelf, and the list of
 * them; its ticket is one submission, until its answer. What happens to letters is courier.c's, and
 * nobody else includes this.
 *
 * What a letter is doing right now (its ticket) is memory only: after a crash it is simply sent
 * again. */
#ifndef DIRCHAIN_EXCHANGE_LETTER_H
#define DIRCHAIN_EXCHANGE_LETTER_H

#include "exchange/courier.h"

#include <stdatomic.h>

struct ticket {
    atomic_int references; /* the letter's and the callback's */
    atomic_bool done;
    int error;
    struct faults faults;
    struct bell *bell;
};

/* For a letter and for the submission that ends with ticket_answered. */
struct ticket *ticket_new(struct bell *bell);
void ticket_free(struct ticket **ticket); /* one reference */
/* The callback of exchange_host.submit; `argument` is the ticket. */
void ticket_answered(void *argument, int error, const struct faults *faults, uint64_t height);

struct letter {
    struct letter *next;
    char name[SHELF_NAME_CHARS_MAX + 1];
    enum letter_repeat repeat;
    char type[32];
    struct doc *body;
    char *jws;
    struct hash txid;
    int64_t expires_ms;
    /* memory only */
    struct ticket *ticket;
    int64_t next_ms; /* monotonic */
    unsigned tries;
    bool settled;
    int error;
    struct faults faults;
};

/* Refers to the body; neither signed nor listed yet. */
struct letter *letter_new(const char *name, enum letter_repeat repeat, const char *type,
                          const struct doc *body);
void letter_free(struct letter *letter);
/* For the shelf, and back: ERR_CORRUPT. */
struct doc *letter_to_doc(const struct letter *letter);
int letter_from_doc(struct letter **out, const char *name, const struct doc *doc);

/* In the order of their posting. */
struct letters {
    struct letter *first;
    size_t count;
};
struct letter *letters_find(const struct letters *letters, const char *name);
void letters_append(struct letters *letters, struct letter *letter);
void letters_remove(struct letters *letters, struct letter *letter);

#endif
