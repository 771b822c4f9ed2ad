/* Letters and tickets: their memory and their durable form. */
#include "exchange/letter.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

/* ---- tickets ---- */

struct ticket *ticket_new(struct bell *bell)
{
    struct ticket *ticket = memory_alloc(sizeof *ticket);
    atomic_init(&ticket->references, 2);
    ticket->bell = bell_ref(bell);
    return ticket;
}

void ticket_free(struct ticket **ticket)
{
    if (*ticket != NULL && atomic_fetch_sub(&(*ticket)->references, 1) == 1) {
        bell_free(&(*ticket)->bell);
        memory_free(*ticket);
    }
    *ticket = NULL;
}

void ticket_answered(void *argument, int error, const struct faults *faults, uint64_t height)
{
    struct ticket *ticket = argument;
    (void)height;
    ticket->error = error;
    if (faults != NULL) {
        ticket->faults = *faults;
    }
    atomic_store(&ticket->done, true);
    bell_ring(ticket->bell);
    ticket_free(&ticket);
}

/* ---- letters ---- */

struct letter *letter_new(const char *name, enum letter_repeat repeat, const char *type,
                          const struct doc *body)
{
    struct letter *letter = memory_alloc(sizeof *letter);
    ENSURE(strlen(name) < sizeof letter->name && strlen(type) < sizeof letter->type);
    memcpy(letter->name, name, strlen(name) + 1);
    memcpy(letter->type, type, strlen(type) + 1);
    letter->repeat = repeat;
    letter->body = doc_ref(body);
    return letter;
}

void letter_free(struct letter *letter)
{
    ticket_free(&letter->ticket);
    doc_free(&letter->body);
    memory_free(letter->jws);
    memory_free(letter);
}

/* ---- durable form ---- */

static const char *const repeat_texts[] = {"once", "must", "try"};

struct doc *letter_to_doc(const struct letter *letter)
{
    struct doc *doc = doc_new_object();
    doc_set(doc, "body", doc_ref(letter->body));
    doc_set_int(doc, "expires_ms", letter->expires_ms);
    doc_set_text(doc, "jws", letter->jws);
    doc_set_text(doc, "repeat", repeat_texts[letter->repeat]);
    doc_set_hash(doc, "txid", &letter->txid);
    doc_set_text(doc, "type", letter->type);
    return doc;
}

int letter_from_doc(struct letter **out, const char *name, const struct doc *doc)
{
    const char *repeat = doc_get_text(doc, "repeat");
    const char *type = doc_get_text(doc, "type");
    const char *jws = doc_get_text(doc, "jws");
    const struct doc *body = doc_get(doc, "body");
    struct hash txid;
    if (repeat == NULL || type == NULL || strlen(type) >= sizeof((struct letter *)0)->type ||
        jws == NULL || body == NULL || hash_from_hex(&txid, doc_get_text(doc, "txid")) != 0) {
        return ERR_CORRUPT;
    }
    unsigned kind = LETTER_ONCE;
    while (kind < LETTER_TRY && strcmp(repeat_texts[kind], repeat) != 0) {
        kind++;
    }
    struct letter *letter = letter_new(name, (enum letter_repeat)kind, type, body);
    letter->jws = memory_copy_text(jws);
    letter->txid = txid;
    letter->expires_ms = doc_get_int(doc, "expires_ms", 0);
    *out = letter;
    return 0;
}

/* ---- the list ---- */

struct letter *letters_find(const struct letters *letters, const char *name)
{
    struct letter *letter = letters->first;
    while (letter != NULL && strcmp(letter->name, name) != 0) {
        letter = letter->next;
    }
    return letter;
}

void letters_append(struct letters *letters, struct letter *letter)
{
    struct letter **at = &letters->first;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = letter;
    letters->count++;
}

void letters_remove(struct letters *letters, struct letter *letter)
{
    struct letter **at = &letters->first;
    while (*at != letter) {
        at = &(*at)->next;
    }
    *at = letter->next;
    letters->count--;
}
